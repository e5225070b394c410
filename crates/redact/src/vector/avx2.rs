//! For processors with AVX2: 32 bytes at a time.
//!
//! Half a byte at a time, as Teddy does it (Langdale, 2015; the `packed` module of `aho-corasick`): a shuffle looks up
//! the low half of 32 bytes at once in a table of 16, another the high half, and what both have in common is kept. A class
//! whose bytes are all combinations of some low with some high halves is one bit of such tables. The same tells where the
//! words of `literals` may start, with a bit for each of 16 buckets of words in each of a word's first [`HEAD`] places.

use std::arch::x86_64::*;

use super::{Bytes, padded, put};
use crate::candidates::{self, Found};
use crate::classes::{CLASSES, TILE, Tile, WORD, WORDS, Whole};
use crate::literals::{HEAD, Heads};

/// Bits of the first tables: digits, joints, `A` to `O` in either case, `P` to `Z`, `_`, `-`, and `+` and `/`.
const DIGIT: u8 = 1;
const JOINT: u8 = 2;
const LETTER: u8 = 4 | 8;
const UNDERSCORE: u8 = 16;
const DASH: u8 = 32;
const BASE64: u8 = 64;
const SOLID: u8 = DIGIT | LETTER | UNDERSCORE | DASH;
/// Bits of the second: what is [`is_special`](crate::fold::is_special) (control characters that are no white space, and what
/// is outside ASCII; DEL), `@`, and `+` and `%`.
const SPECIAL: u8 = 1 | 2 | 4;
const AT: u8 = 8;
const SIGN: u8 = 16;

/// What bytes with a low half, and those with a high half, can be.
type Classed = ([u8; 16], [u8; 16]);

const FIRST: Classed = {
    let mut low = [0; 16];
    let mut half = 0;
    while half < 16 {
        low[half] = (if half < 10 { DIGIT } else { 0 })
            | (if half >= 1 { 4 } else { 0 })
            | (if half < 11 { 8 } else { 0 })
            | (if matches!(half, 0 | 8 | 9 | 13 | 14) { JOINT } else { 0 })
            | (if half == 15 { UNDERSCORE } else { 0 })
            | (if half == 13 { DASH } else { 0 })
            | (if matches!(half, 11 | 15) { BASE64 } else { 0 });
        half += 1;
    }
    let mut high = [0; 16];
    (high[2], high[3]) = (JOINT | DASH | BASE64, DIGIT);
    (high[4], high[5], high[6], high[7]) = (4, 8 | UNDERSCORE, 4, 8);
    (low, high)
};
const SECOND: Classed = {
    let mut low = [2; 16];
    let mut half = 0;
    while half < 16 {
        low[half] |= (if half < 9 || half > 13 { 1 } else { 0 })
            | (if half == 15 { 4 } else { 0 })
            | (if half == 0 { AT } else { 0 })
            | (if matches!(half, 5 | 11) { SIGN } else { 0 });
        half += 1;
    }
    (low, [1, 2, SIGN, 0, AT, 0, 0, 4, 2, 2, 2, 2, 2, 2, 2, 2])
};

/// A table in both halves of a register.
#[target_feature(enable = "avx2")]
fn table(halves: &[u8; 16]) -> __m256i {
    let (words, _) = halves.as_chunks::<8>();
    let [first, second] = [0, 1].map(|i| words.get(i).map_or(0, |w| i64::from_le_bytes(*w)));
    _mm256_setr_epi64x(first, second, first, second)
}

#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: 32 bytes are read, and as many are there; they need not be aligned.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// Low and high halves of 32 bytes.
#[target_feature(enable = "avx2")]
fn halves(bytes: __m256i) -> (__m256i, __m256i) {
    let half = _mm256_set1_epi8(15);
    (
        _mm256_and_si256(bytes, half),
        _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half),
    )
}

#[target_feature(enable = "avx2")]
fn look_up((low, high): (__m256i, __m256i), tables: (__m256i, __m256i)) -> __m256i {
    _mm256_and_si256(_mm256_shuffle_epi8(tables.0, low), _mm256_shuffle_epi8(tables.1, high))
}

/// Which bytes have one of `bits`, none of which is the highest.
#[target_feature(enable = "avx2")]
fn having(classes: __m256i, bits: u8) -> __m256i {
    let having = _mm256_and_si256(classes, _mm256_set1_epi8(bits.cast_signed()));
    _mm256_cmpgt_epi8(having, _mm256_setzero_si256())
}

#[target_feature(enable = "avx2")]
fn equal(bytes: __m256i, to: u8) -> __m256i {
    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(to.cast_signed()))
}

#[target_feature(enable = "avx2")]
fn or(a: __m256i, b: __m256i) -> __m256i {
    _mm256_or_si256(a, b)
}

/// A bit for each byte whose highest bit is set.
#[target_feature(enable = "avx2")]
fn mask(bytes: __m256i) -> u32 {
    _mm256_movemask_epi8(bytes).cast_unsigned()
}

/// The tables of a place in a word: low and high halves for eight buckets, and for the other eight.
type Tables = [[(__m256i, __m256i); 2]; HEAD];

/// Where words may start in a word's bytes.
#[target_feature(enable = "avx2")]
fn heads(bytes: &Bytes, words: &Tables) -> u32 {
    let mut fitting = [_mm256_set1_epi8(-1); 2];
    for place in 0..HEAD {
        let Some(bytes) = bytes[place..].first_chunk() else {
            return 0;
        };
        let split = halves(load(bytes));
        fitting[0] = _mm256_and_si256(fitting[0], look_up(split, words[place][0]));
        fitting[1] = _mm256_and_si256(fitting[1], look_up(split, words[place][1]));
    }
    !mask(_mm256_cmpeq_epi8(or(fitting[0], fitting[1]), _mm256_setzero_si256()))
}

/// What is looked for in all bytes together: not zero where there is one.
struct Any {
    special: __m256i,
    returns: __m256i,
}

/// The classes of a word's bytes.
#[target_feature(enable = "avx2")]
fn word(bytes: &Bytes, words: &Tables, any: &mut Any) -> [u32; CLASSES] {
    let Some(first) = bytes.first_chunk() else {
        return [0; CLASSES];
    };
    let shown = load(first);
    let split = halves(shown);
    let [first, second] = [&FIRST, &SECOND].map(|(low, high)| look_up(split, (table(low), table(high))));
    let special = _mm256_and_si256(second, _mm256_set1_epi8(SPECIAL.cast_signed()));
    any.special = or(any.special, special);
    any.returns = or(any.returns, equal(shown, b'\r'));
    // What tells small letters from capitals; moved to where the mask is taken from.
    let small = _mm256_slli_epi16::<2>(shown);
    [
        mask(_mm256_slli_epi16::<7>(first)),
        mask(_mm256_slli_epi16::<6>(first)),
        mask(_mm256_andnot_si256(small, having(first, LETTER))),
        mask(having(first, SOLID)),
        mask(having(first, SOLID | BASE64)),
        mask(having(first, UNDERSCORE | DASH)),
        mask(having(second, AT | SIGN)),
        mask(equal(shown, b'\n')),
        heads(bytes, words),
    ]
}

/// How many bytes are asked for at once whether all are plain.
const PLAIN: usize = 128;

#[target_feature(enable = "avx2")]
pub(super) fn plain(bytes: &[u8]) -> usize {
    // A signed comparison takes what is outside ASCII for less than anything in it.
    let (low, delete) = (_mm256_set1_epi8(0x1f), _mm256_set1_epi8(0x7f));
    let mut at = 0;
    while let Some(block) = bytes[at..].first_chunk::<PLAIN>() {
        let mut plain = _mm256_set1_epi8(-1);
        for next in block.as_chunks().0 {
            let next = load(next);
            let shown = _mm256_andnot_si256(_mm256_cmpeq_epi8(next, delete), _mm256_cmpgt_epi8(next, low));
            // White space: 9 to 13.
            let blank = _mm256_sub_epi8(next, _mm256_set1_epi8(9));
            let blank = _mm256_cmpeq_epi8(_mm256_min_epu8(blank, _mm256_set1_epi8(4)), blank);
            plain = _mm256_and_si256(plain, or(shown, blank));
        }
        if mask(plain) != u32::MAX {
            break;
        }
        at += PLAIN;
    }
    at
}

#[target_feature(enable = "avx2")]
pub(super) fn scan(bytes: &[u8], heads: &Heads, stop: bool, tiles: &mut Vec<Tile>) -> Whole {
    let tables: Tables = heads
        .halves
        .each_ref()
        .map(|place| place.each_ref().map(|(low, high)| (table(low), table(high))));
    let none = _mm256_setzero_si256();
    let mut any = Any {
        special: none,
        returns: none,
    };
    for from in (0..bytes.len()).step_by(TILE) {
        tiles.push(Tile::default());
        let Some(tile) = tiles.last_mut() else { break };
        for w in 0..WORDS {
            let at = from + w * WORD;
            let Some(rest) = bytes.get(at..) else { break };
            let found = match rest.first_chunk() {
                Some(bytes) => word(bytes, &tables, &mut any),
                None => word(&padded(bytes, at), &tables, &mut any),
            };
            put(tile, w, found);
        }
        if stop && is_any(any.special) {
            break;
        }
    }
    Whole {
        special: is_any(any.special),
        returns: is_any(any.returns),
    }
}

#[target_feature(enable = "avx2")]
fn is_any(bytes: __m256i) -> bool {
    _mm256_testz_si256(bytes, bytes) == 0
}

#[target_feature(enable = "avx2")]
pub(super) fn find<const NUMBER: usize>(tiles: &[Tile], all: &mut [Found]) {
    candidates::find::<NUMBER>(tiles, all);
}
