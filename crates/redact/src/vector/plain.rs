//! For all processors: plain loops, written so that they compile to the vector code that every processor has.

use std::array;

use super::{Bytes, padded, put};
use crate::classes::{CLASSES, TILE, Tile, WORD, WORDS, Whole};
use crate::fold::{is_special, next_special};
use crate::literals::Literals;

pub(super) fn scan(bytes: &[u8], tiles: &mut Vec<Tile>) -> Whole {
    for from in (0..bytes.len()).step_by(TILE) {
        let mut tile = Tile::default();
        for at in (from..bytes.len().min(from + TILE)).step_by(WORD) {
            put(&mut tile, at / WORD % WORDS, classes(&padded(bytes, at)));
        }
        tiles.push(tile);
    }
    Whole {
        special: next_special(bytes, 0) < bytes.len(),
        returns: memchr::memchr(b'\r', bytes).is_some(),
    }
}

/// The classes of a word's bytes.
fn classes(bytes: &Bytes) -> [u32; CLASSES] {
    let is = |class: fn(u8) -> bool| gathered(&array::from_fn(|i| u8::from(class(bytes[i]))));
    let solid = is(|b| ((b | 0x20).wrapping_sub(b'a') < 26) | (b.wrapping_sub(b'0') < 10) | (b == b'_') | (b == b'-'));
    let words = Literals::get();
    [
        is(|b| b.wrapping_sub(b'0') < 10),
        is(|b| (b == b' ') | (b == b'-') | (b == b'.') | (b == b'(') | (b == b')')),
        is(|b| b.wrapping_sub(b'A') < 26),
        solid,
        solid | is(|b| (b == b'+') | (b == b'/')),
        is(|b| (b == b'_') | (b == b'-')),
        is(|b| (b == b'@') | (b == b'+') | (b == b'%')),
        is(|b| b == b'\n'),
        (0..WORD).fold(0, |heads, at| heads | u32::from(words.may_start(bytes, at)) << at),
    ]
}

/// One bit for each of 32 bytes that are 0 or 1: a multiplication moves bit 8i to bit 56 + i.
fn gathered(flags: &[u8; WORD]) -> u32 {
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
