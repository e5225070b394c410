//! The first pass over a view: bitmaps of its characters' classes, from which candidates are found a word at a time.
//!
//! Where the processor has AVX2, [`vector`] makes them in vector code, and with them where words of the literal pass may
//! start. Elsewhere plain loops do, written so that they compile to the vector code that every processor has.

use std::iter;
use std::ops::Range;

use crate::literals::{HEAD, Literals};
use crate::vector;

/// Fewest characters that a credential can be, or what is encoded.
pub(crate) const MIN_RUN: usize = 16;

/// A bit for each of 64 bytes, in two halves: of one number the compiler would want all of a block's bits at once, and make
/// it one by one.
pub(crate) type Bits = [u32; 2];

/// What 64 bytes of a view are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Block {
    /// ASCII digits.
    pub(crate) digits: Bits,
    /// Blank, dash, dot and parentheses: what may stand within a number.
    pub(crate) joints: Bits,
    /// Capital letters.
    pub(crate) upper: Bits,
    /// Letters, digits, `_` and `-`.
    pub(crate) solid: Bits,
    /// What is solid, `+` and `/`.
    pub(crate) base64: Bits,
    /// `@`, `+` and `%`.
    pub(crate) marks: Bits,
    /// Where one of the words of `literals` may start.
    pub(crate) heads: Bits,
}

/// The classes of a view, with an empty block at either end.
pub(crate) struct Classes(Vec<Block>);

/// A block between its neighbours.
type Around = [Block; 3];

impl Classes {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut blocks = Vec::with_capacity(bytes.len().div_ceil(64) + 2);
        blocks.push(Block::default());
        if vector::scan(bytes, Literals::get().halves(), &mut blocks) {
            blocks.push(Block::default());
            Self(blocks)
        } else {
            Self::without_vectors(bytes)
        }
    }

    /// The same without vector code of our own.
    pub(crate) fn without_vectors(bytes: &[u8]) -> Self {
        let blocks = padded(bytes, 0).map(|block| plain(&block));
        let end = || iter::once(Block::default());
        Self(end().chain(blocks).chain(end()).collect())
    }

    /// Calls `run` with each stretch of digits and joints beside digits that is at least `LEAST` bytes long (at most 64).
    pub(crate) fn numbers<const LEAST: usize>(&self, run: impl FnMut(Range<usize>)) {
        let word = |[before, here, after]: &Around| {
            let digits = joined(here.digits);
            let from_before = digits << 1 | u64::from(before.digits[1] >> 31);
            let from_after = digits >> 1 | u64::from(after.digits[0]) << 63;
            digits | joined(here.joints) & (from_before | from_after)
        };
        self.runs::<LEAST>(word, run);
    }

    /// How many digits there are from `start` to `end`.
    pub(crate) fn digits_within(&self, start: usize, end: usize) -> usize {
        let (first, last) = (start / 64, end / 64);
        (first..=last)
            .map(|w| {
                let from = if w == first { u64::MAX << (start % 64) } else { u64::MAX };
                let to = if w == last { !(u64::MAX << (end % 64)) } else { u64::MAX };
                let digits = self.0.get(w + 1).map_or(0, |b| joined(b.digits));
                (digits & from & to).count_ones() as usize
            })
            .sum()
    }

    /// Calls `run` with each run of at least `LEAST` digits (at most 64).
    pub(crate) fn digit_runs<const LEAST: usize>(&self, run: impl FnMut(Range<usize>)) {
        self.runs::<LEAST>(|[_, here, _]| joined(here.digits), run);
    }

    /// Calls `run` with each run of at least `LEAST` bits (at most 64), of which `word` gives 64 at a time.
    fn runs<const LEAST: usize>(&self, word: impl Fn(&Around) -> u64, mut run: impl FnMut(Range<usize>)) {
        let mut before = 0;
        for (w, around) in self.0.array_windows().enumerate() {
            let here = word(around);
            // Bit i is set if one of the bits from i on, as many as a run has at least, is not; what the next word has is taken for
            // set.
            let mut short = !here;
            let mut have = 1;
            while have < LEAST {
                let step = have.min(LEAST - have);
                short |= short >> step;
                have += step;
            }
            let starts = !(short | here << 1 | before >> 63);
            each_bit(w, starts, |start| {
                let end = self.run_end(&word, start);
                if end - start >= LEAST {
                    run(start..end);
                }
            });
            before = here;
        }
    }

    /// Where a run of bits ends that the one at `at` is in.
    fn run_end(&self, word: impl Fn(&Around) -> u64, mut at: usize) -> usize {
        while let Some(around) = self.0[at / 64..].first_chunk() {
            let ones = (word(around) >> (at % 64)).trailing_ones() as usize;
            at += ones;
            if ones == 0 || !at.is_multiple_of(64) {
                break;
            }
        }
        at
    }

    /// Calls `hit` with the place of the second of two capitals that two digits follow.
    pub(crate) fn capitals_then_digits(&self, mut hit: impl FnMut(usize)) {
        for (w, [before, here, after]) in self.0.array_windows().enumerate() {
            let upper = joined(here.upper);
            let second = upper & (upper << 1 | u64::from(before.upper[1] >> 31));
            let (digits, after) = (joined(here.digits), u64::from(after.digits[0]));
            each_bit(
                w,
                second & (digits >> 1 | after << 63) & (digits >> 2 | after << 62),
                &mut hit,
            );
        }
    }

    /// Calls `token` with each run of letters, digits, `_` and `-` that holds an aligned stretch of eight of them (any run of
    /// 15 does), and with the run of what could be base64 around it, if that has [`MIN_RUN`] characters.
    pub(crate) fn tokens(&self, mut token: impl FnMut(Range<usize>, &Range<usize>)) {
        self.runs::<MIN_RUN>(
            |[_, here, _]| joined(here.base64),
            |wide| {
                let mut done = wide.start;
                let words = wide.start / 64..wide.end.div_ceil(64);
                for (w, [before, here, _]) in words.clone().zip(self.0[words.start..].array_windows()) {
                    let solid = joined(here.solid);
                    let two = solid & solid >> 1;
                    let four = two & two >> 2;
                    each_bit(w, four & four >> 4 & 0x0101_0101_0101_0101, |at| {
                        if at < done || at >= wide.end {
                            return;
                        }
                        // Fewer than eight, or they would be a stretch themselves.
                        let back = match at % 64 {
                            0 => before.solid[1].leading_ones(),
                            within => (solid << (64 - within)).leading_ones(),
                        };
                        done = self.run_end(|[_, here, _]| joined(here.solid), at);
                        token(at - back as usize..done, &wide);
                    });
                }
            },
        );
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.0.iter().skip(1)
    }

    /// Calls `hit` with the place of each `@`, `+` and `%`.
    pub(crate) fn marks(&self, mut hit: impl FnMut(usize)) {
        for (w, block) in self.blocks().enumerate() {
            each_bit(w, joined(block.marks), &mut hit);
        }
    }

    /// Calls `hit` with each place at which a word of `literals` may start.
    pub(crate) fn heads(&self, mut hit: impl FnMut(usize)) {
        for (w, block) in self.blocks().enumerate() {
            each_bit(w, joined(block.heads), &mut hit);
        }
    }

    /// How many such places there are.
    pub(crate) fn heads_len(&self) -> usize {
        self.blocks()
            .map(|block| joined(block.heads).count_ones() as usize)
            .sum()
    }
}

/// The blocks from `at` on, each with the first bytes of the next, with line ends behind the last byte.
pub(crate) fn padded(bytes: &[u8], at: usize) -> impl Iterator<Item = [u8; 64 + HEAD - 1]> {
    (at..bytes.len()).step_by(64).map(|at| {
        let mut block = [b'\n'; 64 + HEAD - 1];
        let rest = &bytes[at..bytes.len().min(at + block.len())];
        block[..rest.len()].copy_from_slice(rest);
        block
    })
}

/// The classes of 64 bytes.
fn plain(bytes: &[u8; 64 + HEAD - 1]) -> Block {
    let [block, ..] = bytes.as_chunks::<64>().0 else {
        return Block::default();
    };
    let is = |class: fn(u8) -> bool| gathered(&block.map(|b| u8::from(class(b))));
    let solid = is(|b| ((b | 0x20).wrapping_sub(b'a') < 26) | (b.wrapping_sub(b'0') < 10) | (b == b'_') | (b == b'-'));
    let words = Literals::get();
    let heads = (0..64).fold(0, |heads, at| heads | u64::from(words.may_start(bytes, at)) << at);
    let base64 = solid | is(|b| (b == b'+') | (b == b'/'));
    Block {
        digits: halved(is(|b| b.wrapping_sub(b'0') < 10)),
        joints: halved(is(|b| {
            (b == b' ') | (b == b'-') | (b == b'.') | (b == b'(') | (b == b')')
        })),
        upper: halved(is(|b| b.wrapping_sub(b'A') < 26)),
        solid: halved(solid),
        base64: halved(base64),
        marks: halved(is(|b| (b == b'@') | (b == b'+') | (b == b'%'))),
        heads: halved(heads),
    }
}

fn halved(bits: u64) -> Bits {
    [bits as u32, (bits >> 32) as u32]
}

fn joined([low, high]: Bits) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// One bit for each of 64 bytes that are 0 or 1: a multiplication moves bit 8i to bit 56 + i.
fn gathered(flags: &[u8; 64]) -> u64 {
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, word| {
        mask << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

fn each_bit(w: usize, mut bits: u64, mut hit: impl FnMut(usize)) {
    while bits != 0 {
        hit(w * 64 + bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Runs as a plain loop finds them.
    fn naive(flags: &[bool], least: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < flags.len() {
            let len = flags[at..].iter().take_while(|f| **f).count();
            if len >= least {
                found.push((at, at + len));
            }
            at += len.max(1);
        }
        found
    }

    /// Stretches of one class after the other, so that runs reach over one and several words.
    fn any_text() -> impl Strategy<Value = Vec<u8>> {
        let stretch = (
            prop_oneof![Just(b'7'), Just(b'a'), Just(b'Q'), Just(b'+'), Just(b'-'), Just(b' ')],
            1..200usize,
        );
        let stretches = proptest::collection::vec(stretch, 0..8)
            .prop_map(|all| all.into_iter().flat_map(|(b, len)| vec![b; len]).collect());
        prop_oneof![mixed_text(), stretches]
    }

    fn mixed_text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            6 => b'0'..=b'9', 1 => any::<u8>(), 2 => Just(b' '), 1 => Just(b'-'), 2 => b'A'..=b'Z', 2 => b'a'..=b'z',
            1 => Just(b'/'),
        ];
        proptest::collection::vec(byte, 0..400)
    }

    proptest! {
        /// The bit arithmetic finds what loops find, in vector code and without.
        #[test]
        fn bitmaps_find_what_plain_loops_find(bytes in any_text()) {
            for classes in [Classes::of(&bytes), Classes::without_vectors(&bytes)] {
                let digit: Vec<bool> = bytes.iter().map(u8::is_ascii_digit).collect();
                let mut found = Vec::new();
                classes.digit_runs::<7>(|r| found.push((r.start, r.end)));
                prop_assert_eq!(&found, &naive(&digit, 7));
                let beside = |i: usize| i.checked_sub(1).is_some_and(|j| digit[j]) || digit.get(i + 1) == Some(&true);
                let number: Vec<bool> =
                    (0..bytes.len()).map(|i| digit[i] || (b" -.()".contains(&bytes[i]) && beside(i))).collect();
                for (from, to) in [(0, bytes.len()), (bytes.len() / 3, bytes.len() / 2), (bytes.len() / 2, bytes.len() / 2)] {
                    prop_assert_eq!(classes.digits_within(from, to), digit[from..to].iter().filter(|d| **d).count());
                }
                found.clear();
                classes.numbers::<7>(|r| found.push((r.start, r.end)));
                prop_assert_eq!(&found, &naive(&number, 7));
                found.clear();
                classes.numbers::<9>(|r| found.push((r.start, r.end)));
                prop_assert_eq!(&found, &naive(&number, 9));
                let mut hits = Vec::new();
                classes.capitals_then_digits(|at| hits.push(at));
                let upper = |i: usize| bytes[i].is_ascii_uppercase();
                let expected: Vec<usize> = (1..bytes.len().saturating_sub(2))
                    .filter(|&i| upper(i - 1) && upper(i) && digit[i + 1] && digit[i + 2]).collect();
                prop_assert_eq!(&hits, &expected);
                hits.clear();
                let mut tokens = Vec::new();
                classes.tokens(|token, wide| tokens.push((token, wide.clone())));
                let dashed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
                let solid: Vec<bool> = bytes.iter().map(dashed).collect();
                let base64: Vec<bool> = bytes.iter().map(|b| dashed(b) || matches!(b, b'+' | b'/')).collect();
                let long = naive(&base64, MIN_RUN);
                let expected: Vec<_> = naive(&solid, 8)
                    .into_iter()
                    .filter(|(start, end)| start.next_multiple_of(8) + 8 <= *end)
                    .filter_map(|(start, end)| {
                        let wide = long.iter().find(|(s, e)| (*s..*e).contains(&start))?;
                        Some((start..end, wide.0..wide.1))
                    })
                    .collect();
                prop_assert_eq!(&tokens, &expected);
                hits.clear();
                classes.marks(|at| hits.push(at));
                let expected: Vec<usize> = (0..bytes.len()).filter(|&i| b"@+%".contains(&bytes[i])).collect();
                prop_assert_eq!(&hits, &expected);
            }
        }

        /// Both ways see the same, in each class.
        #[test]
        fn vector_code_sees_what_plain_code_sees(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let classes = |classes: Classes| {
                let all = |b: &Block| [b.digits, b.joints, b.upper, b.solid, b.base64, b.marks];
                classes.0.iter().map(all).collect::<Vec<_>>()
            };
            prop_assert_eq!(classes(Classes::of(&bytes)), classes(Classes::without_vectors(&bytes)));
        }
    }
}
