//! For processors with AVX-512 and its permutations of bytes (VBMI): 64 bytes at a time.
//!
//! One permutation looks up 64 bytes at once in a table of 128, so that a table has a bit for each class, whatever bytes it
//! is of; and the buckets of words (see `avx2`) have exactly the bytes that their words have.

use std::arch::x86_64::*;

use super::padded;
use crate::classes::{CLASSES, TILE, Tile, WORD, Whole};
use crate::fold::is_special;
use crate::literals::{HEAD, Heads};

/// Bytes that are looked at together.
const WIDE: usize = 2 * WORD;
/// These and the first of what follows.
type Bytes = [u8; WIDE + HEAD - 1];

/// Classes that are told by a table: all but where words may start, in their order.
const TOLD: usize = CLASSES - 1;

/// A bit for each class that a byte of ASCII is of.
const CLASSED: [u8; 128] = {
    let mut classes = [0; 128];
    let mut b = 0;
    while b < 128 {
        let byte = b as u8;
        let digit = byte.is_ascii_digit();
        let join = matches!(byte, b'_' | b'-');
        let solid = byte.is_ascii_alphanumeric() || join;
        let of = [
            digit,
            matches!(byte, b' ' | b'-' | b'.' | b'(' | b')'),
            byte.is_ascii_uppercase(),
            solid,
            solid || matches!(byte, b'+' | b'/'),
            join,
            matches!(byte, b'@' | b'+' | b'%'),
            byte == b'\n',
        ];
        let mut class = 0;
        while class < TOLD {
            classes[b] |= (of[class] as u8) << class;
            class += 1;
        }
        b += 1;
    }
    classes
};

/// What is looked for in all bytes together.
const SPECIAL: u8 = 1;
const RETURN: u8 = 2;
const NOTED: [u8; 128] = {
    let mut noted = [0; 128];
    let mut b = 0;
    while b < 128 {
        noted[b] = (if is_special(b as u8) { SPECIAL } else { 0 }) | (if b as u8 == b'\r' { RETURN } else { 0 });
        b += 1;
    }
    noted
};

/// A table of 128 bytes in two registers.
#[derive(Clone, Copy)]
struct Table(__m512i, __m512i);

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn table(bytes: &[u8; 128]) -> Table {
    let [low, high] = bytes.as_chunks().0 else {
        return Table(_mm512_setzero_si512(), _mm512_setzero_si512());
    };
    Table(load(low), load(high))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load(bytes: &[u8; WIDE]) -> __m512i {
    // SAFETY: 64 bytes are read, and as many are there; they need not be aligned.
    unsafe { _mm512_loadu_epi8(bytes.as_ptr().cast()) }
}

/// Looks up bytes. What is outside ASCII is taken for what it is without its highest bit.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up(bytes: __m512i, table: Table) -> __m512i {
    _mm512_permutex2var_epi8(table.0, bytes, table.1)
}

/// The same with nothing for what is outside ASCII.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up_ascii(ascii: u64, bytes: __m512i, table: Table) -> __m512i {
    _mm512_maskz_permutex2var_epi8(ascii, table.0, bytes, table.1)
}

/// Where words may start. A byte outside ASCII may be taken for one of a word's, which is told apart later.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn heads(bytes: &Bytes, tables: &[[Table; 2]; HEAD]) -> u64 {
    let mut fitting = [_mm512_set1_epi8(-1); 2];
    for (place, tables) in tables.iter().enumerate() {
        let Some(bytes) = bytes[place..].first_chunk() else {
            return 0;
        };
        let bytes = load(bytes);
        fitting[0] = _mm512_and_si512(fitting[0], look_up(bytes, tables[0]));
        fitting[1] = _mm512_and_si512(fitting[1], look_up(bytes, tables[1]));
    }
    let any = _mm512_or_si512(fitting[0], fitting[1]);
    _mm512_test_epi8_mask(any, any)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn scan(bytes: &[u8], words: &Heads, stop: bool, tiles: &mut Vec<Tile>) -> Whole {
    let words = words
        .bytes
        .each_ref()
        .map(|place| place.each_ref().map(|bytes| table(bytes)));
    let (classed, noted) = (table(&CLASSED), table(&NOTED));
    let (mut foreign, mut notes) = (0, _mm512_setzero_si512());
    for from in (0..bytes.len()).step_by(TILE) {
        tiles.push(Tile::default());
        let Some(tile) = tiles.last_mut() else { break };
        for (pair, at) in (from..bytes.len().min(from + TILE)).step_by(WIDE).enumerate() {
            let rest;
            let bytes: &Bytes = match bytes[at..].first_chunk() {
                Some(bytes) => bytes,
                None => {
                    rest = padded(bytes, at);
                    &rest
                }
            };
            let Some(shown) = bytes.first_chunk() else { break };
            let shown = load(shown);
            let outside = _mm512_movepi8_mask(shown);
            foreign |= outside;
            notes = _mm512_or_si512(notes, look_up_ascii(!outside, shown, noted));
            let classes = look_up_ascii(!outside, shown, classed);
            for (class, words_of) in tile.iter_mut().enumerate() {
                let bits = if class < TOLD {
                    _mm512_test_epi8_mask(classes, _mm512_set1_epi8(1i8 << class))
                } else {
                    heads(bytes, &words)
                };
                (words_of[2 * pair], words_of[2 * pair + 1]) = (bits as u32, (bits >> 32) as u32);
            }
        }
        if stop && (foreign != 0 || has(notes, SPECIAL)) {
            break;
        }
    }
    Whole {
        special: foreign != 0 || has(notes, SPECIAL),
        returns: has(notes, RETURN),
    }
}

/// Whether one of the bytes has a bit.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn has(notes: __m512i, bit: u8) -> bool {
    _mm512_test_epi8_mask(notes, _mm512_set1_epi8(bit.cast_signed())) != 0
}
