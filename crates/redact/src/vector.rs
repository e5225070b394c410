//! The passes over every byte in vector code, for processors that have AVX2: what a view's characters are, and whether a
//! text is its own view. The rest of the crate goes on with candidates.
//!
//! Half a byte at a time, as Teddy does it (Langdale, 2015; the `packed` module of `aho-corasick`): a shuffle looks up
//! the low half of 32 bytes at once in a table of 16, another the high half, and what both have in common is kept. A class
//! whose bytes are all combinations of some low with some high halves is one bit of such tables. The same tells where the
//! words of `literals` may start, with a bit for each of 16 buckets of words in each of a word's first [`HEAD`] places.

#![cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "asking for AVX2 once it is known to be there, and loading 32 bytes that are known to be there"
    )
)]

use crate::classes::{Block, Whole};
use crate::fold::is_special;
use crate::literals::Halves;

/// The classes of `bytes` and where words may start, or `None` where the processor has no AVX2. `stop`: whether to look no
/// further than at a block with something special in it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn scan(bytes: &[u8], words: &Halves, stop: bool, blocks: &mut Vec<Block>) -> Option<Whole> {
    // SAFETY: the processor has what the function is compiled for.
    std::arch::is_x86_feature_detected!("avx2").then(|| unsafe { x86::scan(bytes, words, stop, blocks) })
}

/// How many bytes at the start of `bytes` surely are none that [`is_special`](crate::fold::is_special).
#[cfg(target_arch = "x86_64")]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        unsafe { x86::plain(bytes) }
    } else {
        plain_blocks(bytes)
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn scan(_: &[u8], _: &Halves, _: bool, _: &mut Vec<Block>) -> Option<Whole> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    plain_blocks(bytes)
}

/// Written so that it compiles to the vector code that every processor has, in blocks so long that asking each for its answer
/// costs little.
fn plain_blocks(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<256>();
    let plain = |block: &[u8; 256]| block.iter().fold(0, |any, &b| any | u8::from(is_special(b))) == 0;
    blocks.iter().take_while(|block| plain(block)).count() * 256
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use crate::classes::{Block, Whole, padded};
    use crate::literals::{HEAD, Halves};

    /// Bits of the tables of classes.
    const DIGIT: u8 = 1;
    const JOINT: u8 = 2;
    /// `A` to `O` in either case, and `P` to `Z`.
    const LETTER: u8 = 4 | 8;
    const UNDERSCORE: u8 = 16;
    /// `+` and `/`.
    const BASE64: u8 = 32;
    const PERCENT: u8 = 64;
    const AT: u8 = 128;

    /// The classes of which bytes with a low half can be.
    const LOW: [u8; 16] = {
        let mut low = [0; 16];
        let mut half = 0;
        while half < 16 {
            low[half] = (if half < 10 { DIGIT } else { 0 })
                | (if half >= 1 { 4 } else { 0 })
                | (if half < 11 { 8 } else { 0 })
                | (if matches!(half, 0 | 8 | 9 | 13 | 14) { JOINT } else { 0 })
                | (if half == 15 { UNDERSCORE } else { 0 })
                | (if matches!(half, 11 | 15) { BASE64 } else { 0 })
                | (if half == 5 { PERCENT } else { 0 })
                | (if half == 0 { AT } else { 0 });
            half += 1;
        }
        low
    };
    /// The same for high halves.
    const HIGH: [u8; 16] = [
        0,
        0,
        JOINT | BASE64 | PERCENT,
        DIGIT,
        4 | AT,
        8 | UNDERSCORE,
        4,
        8,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];

    /// The same of what [`is_special`](crate::fold::is_special): a control character in the first row that is no white
    /// space, the second row, and DEL, each with a bit of its own; and what is outside ASCII.
    const SPECIAL_LOW: [u8; 16] = {
        let mut low = [2; 16];
        let mut half = 0;
        while half < 16 {
            low[half] |= (if half < 9 || half > 13 { 1 } else { 0 }) | (if half == 15 { 4 } else { 0 });
            half += 1;
        }
        low
    };
    const SPECIAL_HIGH: [u8; 16] = [1, 2, 0, 0, 0, 0, 0, 4, 2, 2, 2, 2, 2, 2, 2, 2];

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

    /// Which bytes are not zero.
    #[target_feature(enable = "avx2")]
    fn any(bytes: __m256i) -> __m256i {
        let none = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());
        _mm256_xor_si256(none, _mm256_set1_epi8(-1))
    }

    /// Which bytes have one of `bits`.
    #[target_feature(enable = "avx2")]
    fn having(classes: __m256i, bits: u8) -> __m256i {
        any(_mm256_and_si256(classes, _mm256_set1_epi8(bits.cast_signed())))
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

    /// Where words may start in 32 bytes.
    #[target_feature(enable = "avx2")]
    fn starts(bytes: &[u8; 32 + HEAD - 1], words: &Tables) -> u32 {
        let mut fitting = [_mm256_set1_epi8(-1); 2];
        for place in 0..HEAD {
            let Some(bytes) = bytes[place..].first_chunk() else {
                return 0;
            };
            let split = halves(load(bytes));
            fitting[0] = _mm256_and_si256(fitting[0], look_up(split, words[place][0]));
            fitting[1] = _mm256_and_si256(fitting[1], look_up(split, words[place][1]));
        }
        mask(any(or(fitting[0], fitting[1])))
    }

    /// The classes of 32 bytes, in the order of a block's, and which are special, and carriage returns.
    #[target_feature(enable = "avx2")]
    fn classes(bytes: &[u8; 32]) -> ([u32; 7], __m256i, __m256i) {
        let bytes = load(bytes);
        let split = halves(bytes);
        let classes = look_up(split, (table(&LOW), table(&HIGH)));
        let special = look_up(split, (table(&SPECIAL_LOW), table(&SPECIAL_HIGH)));
        // Bit 5 tells small letters from capitals; moved to where the mask is taken from.
        let small = _mm256_slli_epi16::<2>(bytes);
        let solid = or(having(classes, LETTER | DIGIT | UNDERSCORE), equal(bytes, b'-'));
        // All in vectors before a mask is taken: of bits that are combined after it the compiler makes one at a time.
        let masks = [
            mask(having(classes, DIGIT)),
            mask(having(classes, JOINT)),
            mask(_mm256_andnot_si256(small, having(classes, LETTER))),
            mask(solid),
            mask(or(solid, having(classes, BASE64))),
            mask(or(having(classes, PERCENT | AT), equal(bytes, b'+'))),
            mask(equal(bytes, b'\n')),
        ];
        (masks, special, equal(bytes, b'\r'))
    }

    #[target_feature(enable = "avx2")]
    fn block(bytes: &[u8; 64 + HEAD - 1], words: &Tables, whole: &mut Whole) -> Block {
        let (Some(low), Some(high)) = (bytes.first_chunk(), bytes.last_chunk()) else {
            return Block::default();
        };
        let heads = [starts(low, words), starts(high, words)];
        let (Some(low), Some(high)) = (low.first_chunk(), high.first_chunk()) else {
            return Block::default();
        };
        let ((low, special, returns), (high, special_high, returns_high)) = (classes(low), classes(high));
        let (special, returns) = (or(special, special_high), or(returns, returns_high));
        whole.special |= _mm256_testz_si256(special, special) == 0;
        whole.returns |= mask(returns) != 0;
        Block {
            digits: [low[0], high[0]],
            joints: [low[1], high[1]],
            upper: [low[2], high[2]],
            solid: [low[3], high[3]],
            base64: [low[4], high[4]],
            marks: [low[5], high[5]],
            ends: [low[6], high[6]],
            heads,
        }
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
    pub(super) fn scan(bytes: &[u8], words: &Halves, stop: bool, blocks: &mut Vec<Block>) -> Whole {
        let words: Tables = words
            .0
            .each_ref()
            .map(|place| place.each_ref().map(|(low, high)| (table(low), table(high))));
        let (mut at, mut whole) = (0, Whole::default());
        while let Some(bytes) = bytes[at..].first_chunk() {
            blocks.push(block(bytes, &words, &mut whole));
            if stop && whole.special {
                return whole;
            }
            at += 64;
        }
        for bytes in padded(bytes, at) {
            blocks.push(block(&bytes, &words, &mut whole));
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any byte, anywhere, is taken for what [`is_special`] says, by vector code and without.
    #[test]
    fn what_is_not_plain_is_seen_wherever_it_stands() {
        for b in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 127, 128, 255, 256, 300] {
                let mut text = vec![b'a'; 400];
                text[at] = b;
                for plain in [plain(&text), plain_blocks(&text)] {
                    // All of it but what fills no block, or up to the block that the byte is in.
                    let right = match is_special(b) {
                        true => plain <= at && plain + 256 > at.min(255),
                        false => plain >= 256,
                    };
                    assert!(right, "{b} at {at}: {plain}");
                }
            }
        }
    }
}
