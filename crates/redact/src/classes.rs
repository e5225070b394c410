//! The first pass over a view: bitmaps of its characters' classes, from which candidates are found a word at a time.
//!
//! Where the processor has AVX2, [`vector`] makes them in vector code, and with them where words of the literal pass may
//! start. Elsewhere plain loops do, written so that they compile to the vector code that every processor has.

use std::iter;
use std::ops::Range;

use crate::fold::next_special;
use crate::literals::{HEAD, Literals};
use crate::vector;

/// Fewest characters that a credential can be, or what is encoded.
pub(crate) const MIN_RUN: usize = 16;
/// Fewest digits in a row of what is found from such.
pub(crate) const DIGITS: usize = 7;

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
    /// Line feeds.
    pub(crate) ends: Bits,
    /// Where one of the words of `literals` may start.
    pub(crate) heads: Bits,
}

/// What the first pass tells of all bytes together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Whole {
    /// One of them [`is_special`].
    pub(crate) special: bool,
    /// One of them is a carriage return.
    pub(crate) returns: bool,
}

/// The classes of a view, with an empty block at either end.
pub(crate) struct Classes {
    blocks: Vec<Block>,
    whole: Whole,
}

/// A block between its neighbours.
type Around = [Block; 3];

/// What is done with the candidates of a view. Those of one kind come in the order of the text.
pub(crate) trait Candidates {
    /// A stretch of digits and joints beside digits.
    fn number(&mut self, range: Range<usize>);
    /// A run of at least [`DIGITS`] digits.
    fn digits(&mut self, run: Range<usize>);
    /// Two capitals, the second at `second`, that two digits follow.
    fn capitals(&mut self, second: usize);
    /// A run of letters, digits, `_` and `-` that holds an aligned stretch of eight of them (any run of 15 does), within a run
    /// of what could be base64, if that has [`MIN_RUN`] characters.
    fn token(&mut self, token: Range<usize>, wide: Range<usize>);
    /// An `@`, `+` or `%`.
    fn mark(&mut self, at: usize);
}

impl Classes {
    /// The classes of any bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::scan(bytes, false)
    }

    /// The classes of a text that is its own view, or `None` where it isn't.
    pub(crate) fn of_plain(bytes: &[u8]) -> Option<Self> {
        Some(Self::scan(bytes, true)).filter(|classes| !classes.whole.special)
    }

    /// `stop`: whether to look no further than at a block with something special in it.
    fn scan(bytes: &[u8], stop: bool) -> Self {
        let mut blocks = Vec::with_capacity(bytes.len().div_ceil(64) + 2);
        blocks.push(Block::default());
        match vector::scan(bytes, Literals::get().halves(), stop, &mut blocks) {
            Some(whole) => {
                blocks.push(Block::default());
                Self { blocks, whole }
            }
            None => Self::without_vectors(bytes),
        }
    }

    /// The same without vector code of our own.
    pub(crate) fn without_vectors(bytes: &[u8]) -> Self {
        let blocks = padded(bytes, 0).map(|block| plain(&block));
        let end = || iter::once(Block::default());
        Self {
            blocks: end().chain(blocks).chain(end()).collect(),
            whole: Whole {
                special: next_special(bytes, 0) < bytes.len(),
                returns: memchr::memchr(b'\r', bytes).is_some(),
            },
        }
    }

    /// Whether there is a carriage return.
    pub(crate) fn returns(&self) -> bool {
        self.whole.returns
    }

    /// Calls `end` with the place of each line feed.
    pub(crate) fn ends(&self, mut end: impl FnMut(usize)) {
        for (w, block) in self.blocks[1..].iter().enumerate() {
            each_bit(w, joined(block.ends), &mut end);
        }
    }

    /// Tells `to` all candidates, of numbers those that are at least `NUMBER` bytes long (at most 64).
    pub(crate) fn candidates<const NUMBER: usize>(&self, to: &mut impl Candidates) {
        let (mut number_before, mut base64_before) = (0, 0);
        for (w, around) in self.blocks.array_windows().enumerate() {
            let [before, here, after] = around;
            let (number, base64) = (number_bits(around), joined(here.base64));
            let numbers = starts::<NUMBER>(number, number_before);
            let wide = starts::<MIN_RUN>(base64, base64_before);
            (number_before, base64_before) = (number, base64);
            let (digits, next) = (joined(here.digits), u64::from(after.digits[0]));
            let runs = starts::<DIGITS>(digits, u64::from(before.digits[1]) << 32);
            let upper = joined(here.upper);
            let second = upper & (upper << 1 | u64::from(before.upper[1] >> 31));
            let capitals = second & (digits >> 1 | next << 63) & (digits >> 2 | next << 62);
            let marks = joined(here.marks);
            if numbers | wide | runs | capitals | marks == 0 {
                continue;
            }
            each_bit(w, numbers, |start| {
                let end = self.run_end(number_bits, start);
                if end - start >= NUMBER {
                    to.number(start..end);
                }
            });
            each_bit(w, capitals, |at| to.capitals(at));
            each_bit(w, runs, |start| {
                let end = self.run_end(|[_, here, _]| joined(here.digits), start);
                if end - start >= DIGITS {
                    to.digits(start..end);
                }
            });
            each_bit(w, wide, |start| {
                let end = self.run_end(|[_, here, _]| joined(here.base64), start);
                if end - start >= MIN_RUN {
                    self.tokens(start..end, to);
                }
            });
            each_bit(w, marks, |at| to.mark(at));
        }
    }

    /// Tells `to` the tokens of a run of what could be base64.
    fn tokens(&self, wide: Range<usize>, to: &mut impl Candidates) {
        let mut done = wide.start;
        let words = wide.start / 64..wide.end.div_ceil(64);
        for (w, [before, here, _]) in words.clone().zip(self.blocks[words.start..].array_windows()) {
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
                to.token(at - back as usize..done, wide.clone());
            });
        }
    }

    /// Where a run of bits ends that the one at `at` is in; `word` gives 64 at a time.
    fn run_end(&self, word: impl Fn(&Around) -> u64, mut at: usize) -> usize {
        while let Some(around) = self.blocks[at / 64..].first_chunk() {
            let ones = (word(around) >> (at % 64)).trailing_ones() as usize;
            at += ones;
            if ones == 0 || !at.is_multiple_of(64) {
                break;
            }
        }
        at
    }

    /// How many digits there are from `start` to `end`.
    pub(crate) fn digits_within(&self, start: usize, end: usize) -> usize {
        let (first, last) = (start / 64, end / 64);
        (first..=last)
            .map(|w| {
                let from = if w == first { u64::MAX << (start % 64) } else { u64::MAX };
                let to = if w == last { !(u64::MAX << (end % 64)) } else { u64::MAX };
                let digits = self.blocks.get(w + 1).map_or(0, |b| joined(b.digits));
                (digits & from & to).count_ones() as usize
            })
            .sum()
    }

    /// Calls `run` with each run of digits in `range`.
    pub(crate) fn digits_in(&self, range: Range<usize>, mut run: impl FnMut(Range<usize>)) {
        let mut at = range.start;
        while at < range.end {
            let digits = self.blocks.get(at / 64 + 1).map_or(0, |b| joined(b.digits)) >> (at % 64);
            if digits == 0 {
                at = (at / 64 + 1) * 64;
                continue;
            }
            at += digits.trailing_zeros() as usize;
            let end = self.run_end(|[_, here, _]| joined(here.digits), at).min(range.end);
            if at < end {
                run(at..end);
            }
            at = end;
        }
    }

    /// Calls `hit` with each place at which a word of `literals` may start.
    pub(crate) fn heads(&self, mut hit: impl FnMut(usize)) {
        for (w, block) in self.blocks[1..].iter().enumerate() {
            each_bit(w, joined(block.heads), &mut hit);
        }
    }

    /// How many such places there are.
    pub(crate) fn heads_len(&self) -> usize {
        let heads = self
            .blocks
            .iter()
            .map(|block| joined(block.heads).count_ones() as usize);
        heads.sum()
    }
}

/// Digits, and joints beside them.
fn number_bits([before, here, after]: &Around) -> u64 {
    let digits = joined(here.digits);
    let from_before = digits << 1 | u64::from(before.digits[1] >> 31);
    let from_after = digits >> 1 | u64::from(after.digits[0]) << 63;
    digits | joined(here.joints) & (from_before | from_after)
}

/// Where runs of bits start that have at least `LEAST` of them (at most 64), if all bits behind `here` are set. `before`
/// is what comes before.
fn starts<const LEAST: usize>(here: u64, before: u64) -> u64 {
    // Bit i is set if one of the bits from i on, as many as a run has at least, is not.
    let mut short = !here;
    let mut have = 1;
    while have < LEAST {
        let step = have.min(LEAST - have);
        short |= short >> step;
        have += step;
    }
    !(short | here << 1 | before >> 63)
}

/// The blocks from `at` on, each with the first bytes of the next, with what has no class behind the last byte.
pub(crate) fn padded(bytes: &[u8], at: usize) -> impl Iterator<Item = [u8; 64 + HEAD - 1]> {
    (at..bytes.len()).step_by(64).map(|at| {
        let mut block = [b'!'; 64 + HEAD - 1];
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
        ends: halved(is(|b| b == b'\n')),
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
    use crate::fold::is_special;

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

    /// What was found, in plain numbers.
    #[derive(Debug, Default, PartialEq)]
    struct Found {
        numbers: Vec<(usize, usize)>,
        digits: Vec<(usize, usize)>,
        capitals: Vec<usize>,
        tokens: Vec<(Range<usize>, Range<usize>)>,
        marks: Vec<usize>,
        ends: Vec<usize>,
    }

    impl Candidates for Found {
        fn number(&mut self, range: Range<usize>) {
            self.numbers.push((range.start, range.end));
        }

        fn digits(&mut self, run: Range<usize>) {
            self.digits.push((run.start, run.end));
        }

        fn capitals(&mut self, second: usize) {
            self.capitals.push(second);
        }

        fn token(&mut self, token: Range<usize>, wide: Range<usize>) {
            self.tokens.push((token, wide));
        }

        fn mark(&mut self, at: usize) {
            self.marks.push(at);
        }
    }

    fn by_bits<const NUMBER: usize>(classes: &Classes) -> Found {
        let mut found = Found::default();
        classes.candidates::<NUMBER>(&mut found);
        classes.ends(|at| found.ends.push(at));
        found
    }

    fn by_loops(bytes: &[u8], number: usize) -> Found {
        let places = |wanted: &dyn Fn(usize) -> bool| (0..bytes.len()).filter(|i| wanted(*i)).collect();
        let flags = |wanted: &dyn Fn(usize) -> bool| (0..bytes.len()).map(wanted).collect::<Vec<bool>>();
        let digit = flags(&|i| bytes[i].is_ascii_digit());
        let beside = |i: usize| i.checked_sub(1).is_some_and(|j| digit[j]) || digit.get(i + 1) == Some(&true);
        let upper = |i: usize| bytes[i].is_ascii_uppercase();
        let dashed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let base64 = flags(&|i| dashed(bytes[i]) || matches!(bytes[i], b'+' | b'/'));
        let long = naive(&base64, MIN_RUN);
        let token = |(start, end): (usize, usize)| {
            let wide = long.iter().find(|(s, e)| (*s..*e).contains(&start))?;
            (start.next_multiple_of(8) + 8 <= end).then_some((start..end, wide.0..wide.1))
        };
        Found {
            numbers: naive(
                &flags(&|i| digit[i] || (b" -.()".contains(&bytes[i]) && beside(i))),
                number,
            ),
            digits: naive(&digit, DIGITS),
            capitals: places(&|i| {
                i > 0 && i + 2 < bytes.len() && upper(i - 1) && upper(i) && digit[i + 1] && digit[i + 2]
            }),
            tokens: naive(&flags(&|i| dashed(bytes[i])), 8)
                .into_iter()
                .filter_map(token)
                .collect(),
            marks: places(&|i| b"@+%".contains(&bytes[i])),
            ends: places(&|i| bytes[i] == b'\n'),
        }
    }

    proptest! {
        /// The bit arithmetic finds what loops find, in vector code and without.
        #[test]
        fn bitmaps_find_what_plain_loops_find(bytes in any_text()) {
            for classes in [Classes::of(&bytes), Classes::without_vectors(&bytes)] {
                prop_assert_eq!(by_bits::<7>(&classes), by_loops(&bytes, 7));
                prop_assert_eq!(by_bits::<9>(&classes), by_loops(&bytes, 9));
                let digit: Vec<bool> = bytes.iter().map(u8::is_ascii_digit).collect();
                for (from, to) in [(0, bytes.len()), (bytes.len() / 3, bytes.len() / 2), (bytes.len() / 2, bytes.len() / 2)] {
                    prop_assert_eq!(classes.digits_within(from, to), digit[from..to].iter().filter(|d| **d).count());
                    let mut runs = Vec::new();
                    classes.digits_in(from..to, |run| runs.push((run.start - from, run.end - from)));
                    prop_assert_eq!(runs, naive(&digit[from..to], 1));
                }
            }
        }

        /// Both ways see the same, in each class and of the whole.
        #[test]
        fn vector_code_sees_what_plain_code_sees(bytes in proptest::collection::vec(any::<u8>(), 0..300), ascii in any::<bool>()) {
            let bytes: Vec<u8> = if ascii { bytes.iter().map(|b| b & 0x7f | 0x20).collect() } else { bytes };
            let classes = |classes: Classes| {
                let all = |b: &Block| [b.digits, b.joints, b.upper, b.solid, b.base64, b.marks, b.ends];
                (classes.blocks.iter().map(all).collect::<Vec<_>>(), classes.whole.special, classes.whole.returns)
            };
            prop_assert_eq!(classes(Classes::of(&bytes)), classes(Classes::without_vectors(&bytes)));
            let special = bytes.iter().any(|b| is_special(*b));
            prop_assert_eq!(Classes::of_plain(&bytes).is_none(), special);
        }
    }

    /// Any byte, anywhere, is taken for what [`is_special`] says, and a carriage return for one.
    #[test]
    fn what_is_special_is_seen_wherever_it_stands() {
        for b in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 63, 64, 127, 128, 199] {
                let mut text = vec![b'a'; 200];
                text[at] = b;
                for classes in [Classes::of(&text), Classes::without_vectors(&text)] {
                    assert_eq!(classes.whole.special, is_special(b), "{b} at {at}");
                    assert_eq!(classes.whole.returns, b == b'\r', "{b} at {at}");
                }
                assert_eq!(Classes::of_plain(&text).is_none(), is_special(b), "{b} at {at}");
            }
        }
    }
}
