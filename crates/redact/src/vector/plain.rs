//! For all processors: plain loops, written so that they compile to the vector code that every processor has.

use super::{Bytes, padded, put};
use crate::classes::{CLASSES, TILE, Tile, WORD, WORDS, Whole};
use crate::fold::{is_special, next_special};
use crate::literals::Heads;

pub(super) fn scan(bytes: &[u8], heads: &Heads, tiles: &mut Vec<Tile>) -> Whole {
    for from in (0..bytes.len()).step_by(TILE) {
        let mut tile = Tile::default();
        for at in (from..bytes.len().min(from + TILE)).step_by(WORD) {
            put(&mut tile, at / WORD % WORDS, classes(&padded(bytes, at), heads));
        }
        tiles.push(tile);
    }
    Whole {
        special: next_special(bytes, 0) < bytes.len(),
        returns: memchr::memchr(b'\r', bytes).is_some(),
    }
}

/// The classes of a word's bytes.
fn classes(bytes: &Bytes, heads: &Heads) -> [u32; CLASSES] {
    let Some(own) = bytes.first_chunk() else {
        return [0; CLASSES];
    };
    let solid = is(own, |b| {
        ((b | 0x20).wrapping_sub(b'a') < 26) | (b.wrapping_sub(b'0') < 10) | (b == b'_') | (b == b'-')
    });
    [
        is(own, |b| b.wrapping_sub(b'0') < 10),
        is(own, |b| {
            (b == b' ') | (b == b'-') | (b == b'.') | (b == b'(') | (b == b')')
        }),
        is(own, |b| b.wrapping_sub(b'A') < 26),
        solid,
        solid | is(own, |b| (b == b'+') | (b == b'/')),
        is(own, |b| (b == b'_') | (b == b'-')),
        is(own, |b| (b == b'@') | (b == b'+') | (b == b'%')),
        is(own, |b| b == b'\n'),
        may_start(bytes, heads),
    ]
}

/// Where words may start: an automaton goes along with all buckets and places at once (Shift-And, Baeza-Yates and Gonnet
/// 1992), each place's bits moved on by one place with each byte.
fn may_start(bytes: &Bytes, heads: &Heads) -> u32 {
    let (mut state, mut starts) = (0, 0);
    for b in bytes {
        state = (state << 16 | 0xffff) & heads.places[usize::from(*b)];
        starts = starts >> 1 | u64::from(state >> 48 != 0) << 63;
    }
    (starts >> (64 - WORD)) as u32
}

/// One bit for each byte of a class: of what is 0 or 1 a multiplication moves bit 8i to bit 56 + i.
#[inline(always)]
fn is(bytes: &[u8; WORD], class: impl Fn(u8) -> bool) -> u32 {
    let mut flags = [0; WORD];
    flags
        .iter_mut()
        .zip(bytes)
        .for_each(|(flag, b)| *flag = u8::from(class(*b)));
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, word| {
        mask << 8 | (u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    })
}

/// In blocks so long that asking each for its answer costs little.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<256>();
    let plain = |block: &[u8; 256]| block.iter().fold(0, |any, &b| any | u8::from(is_special(b))) == 0;
    blocks.iter().take_while(|block| plain(block)).count() * 256
}
