//! The passes over every byte in vector code, for processors that have it: what a view's characters are, where candidates
//! start, and whether a text is its own view. The rest of the crate goes on with candidates. Which code is chosen makes no
//! difference to what is found.

#![cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "asking for what the processor is known to have, and loading bytes that are known to be there"
    )
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod plain;

use crate::candidates::{self, Found};
use crate::classes::{CLASSES, Tile, WORD, Whole};
use crate::literals::{HEAD, Heads};

/// Vector code that the processor has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vectors(Code);

#[derive(Clone, Copy, Debug)]
enum Code {
    /// What the compiler makes of plain loops.
    Plain,
    /// 32 bytes at a time, with tables of 16: most processors that were sold since 2015, but for Atoms and Celerons.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 64 bytes at a time, with tables of 128: Intel's servers since 2021 and AMD's processors since 2022.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Vectors {
    /// The best there is.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn best() -> Self {
        use std::arch::is_x86_feature_detected as has;
        let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512vbmi");
        Self(match has!("avx2") {
            true if avx512 => Code::Avx512,
            true => Code::Avx2,
            false => Code::Plain,
        })
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn best() -> Self {
        Self(Code::Plain)
    }

    /// Everything there is, the best last.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let all = match Self::best().0 {
            Code::Plain => vec![Code::Plain],
            #[cfg(target_arch = "x86_64")]
            Code::Avx2 => vec![Code::Plain, Code::Avx2],
            #[cfg(target_arch = "x86_64")]
            Code::Avx512 => vec![Code::Plain, Code::Avx2, Code::Avx512],
        };
        all.into_iter().map(Self).collect()
    }

    /// Adds the tiles of `bytes`, with where words may start. `stop`: whether to look no further than at something special.
    pub(crate) fn scan(self, bytes: &[u8], heads: &Heads, stop: bool, tiles: &mut Vec<Tile>) -> Whole {
        match self.0 {
            // SAFETY: the processor has what the function is compiled for.
            #[cfg(target_arch = "x86_64")]
            Code::Avx512 => unsafe { avx512::scan(bytes, heads, stop, tiles) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Code::Avx2 => unsafe { avx2::scan(bytes, heads, stop, tiles) },
            Code::Plain => plain::scan(bytes, heads, tiles),
        }
    }

    /// [`candidates::find`].
    pub(crate) fn find<const NUMBER: usize>(self, tiles: &[Tile], all: &mut [Found]) {
        match self.0 {
            // SAFETY: the processor has what the function is compiled for.
            #[cfg(target_arch = "x86_64")]
            Code::Avx2 | Code::Avx512 => unsafe { avx2::find::<NUMBER>(tiles, all) },
            Code::Plain => candidates::find::<NUMBER>(tiles, all),
        }
    }

    /// How many bytes at the start of `bytes` surely are none that [`is_special`](crate::fold::is_special).
    pub(crate) fn plain(self, bytes: &[u8]) -> usize {
        match self.0 {
            // SAFETY: the processor has what the function is compiled for.
            #[cfg(target_arch = "x86_64")]
            Code::Avx2 | Code::Avx512 => unsafe { avx2::plain(bytes) },
            Code::Plain => plain::plain(bytes),
        }
    }
}

/// `N` bytes at `at`, a part of them those that a bitmap's words tell of and the rest the first of what follows; with what
/// has no class behind the last.
fn padded<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut room = [b'!'; N];
    let rest = &bytes[at..bytes.len().min(at + N)];
    room[..rest.len()].copy_from_slice(rest);
    room
}

/// Puts what there is of each class into a tile.
#[inline]
fn put(tile: &mut Tile, w: usize, found: [u32; CLASSES]) {
    for (words, word) in tile.iter_mut().zip(found) {
        words[w] = word;
    }
}

/// The bytes of a bitmap's word and the first of the next.
type Bytes = [u8; WORD + HEAD - 1];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::is_special;

    /// Any byte, anywhere, is taken for what [`is_special`] says, by vector code and without.
    #[test]
    fn what_is_not_plain_is_seen_wherever_it_stands() {
        for b in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 127, 128, 255, 256, 300] {
                let mut text = vec![b'a'; 400];
                text[at] = b;
                for vectors in Vectors::all() {
                    // All of it but what fills no block, or up to the block that the byte is in.
                    let plain = vectors.plain(&text);
                    let right = match is_special(b) {
                        true => plain <= at && plain + 256 > at.min(255),
                        false => plain >= 256,
                    };
                    assert!(right, "{b} at {at}: {plain} by {vectors:?}");
                }
            }
        }
    }
}
