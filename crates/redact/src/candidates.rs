//! Where rules look: runs and combinations of classes, found in the bitmaps of the first pass.
//!
//! Where a run starts that is long enough is told by shifts of whole words, eight at a time where the processor can; only then
//! are candidates looked at one by one.

use std::array;
use std::ops::Range;

use crate::classes::{Class, Classes, PAIRS, Tile, WORDS, each_bit, run_end, word};
use crate::vector::Vectors;

/// Fewest characters that a credential can be, or what is encoded.
pub(crate) const MIN_RUN: usize = 16;
/// Fewest digits in a row of what is found from such.
pub(crate) const DIGITS: usize = 7;
/// What is found in bitmaps.
#[derive(Clone, Copy)]
enum Kind {
    /// Where numbers start.
    Numbers,
    /// Digits, and joints beside them: what numbers are made of.
    Number,
    /// Where runs of digits start.
    Digits,
    /// The second of two capitals that two digits follow.
    Capitals,
    /// Where aligned stretches of eight solid characters start, within what could be base64 and is long enough.
    Stretches,
}

/// How many kinds there are.
const KINDS: usize = 5;

/// Of [`TILE`](crate::classes::TILE) bytes for each kind a bit for each of them.
pub(crate) type Found = [[u32; WORDS]; KINDS];

/// The candidates of a view, of which the classes must be known besides.
#[derive(Default)]
pub(crate) struct Candidates {
    found: Vec<Found>,
}

impl Candidates {
    /// Makes these the candidates of `classes`. Of numbers those that are at least `NUMBER` bytes long.
    pub(crate) fn fill<const NUMBER: usize>(&mut self, classes: &Classes) {
        self.fill_with::<NUMBER>(Vectors::best(), classes);
    }

    fn fill_with<const NUMBER: usize>(&mut self, vectors: Vectors, classes: &Classes) {
        let tiles = classes.tiles();
        self.found.resize(tiles.len().saturating_sub(2), Found::default());
        vectors.find::<NUMBER>(tiles, &mut self.found);
    }

    fn each(&self, kind: Kind, hit: impl FnMut(usize)) {
        each_bit(self.found.iter().map(|found| &found[kind as usize]), hit);
    }

    /// Calls `run` with each stretch of digits and joints beside digits that is long enough.
    pub(crate) fn numbers(&self, mut run: impl FnMut(Range<usize>)) {
        let word = |w| {
            let found: Option<&Found> = self.found.get(w / PAIRS);
            found.map_or(0, |found| word(&found[Kind::Number as usize], w))
        };
        self.each(Kind::Numbers, |start| {
            run(start..run_end(word, start));
        });
    }

    /// Calls `run` with each run of at least [`DIGITS`] digits.
    pub(crate) fn digits(&self, classes: &Classes, mut run: impl FnMut(Range<usize>)) {
        self.each(Kind::Digits, |start| {
            run(start..classes.run_end(Class::Digits, start));
        });
    }

    /// Calls `hit` with the place of the second of two capitals that two digits follow.
    pub(crate) fn capitals(&self, hit: impl FnMut(usize)) {
        self.each(Kind::Capitals, hit);
    }

    /// Calls `token` with each run of letters, digits, `_` and `-` that holds an aligned stretch of eight of them (any run of
    /// 15 does), and with the run of what could be base64 around it, if that has [`MIN_RUN`] characters.
    pub(crate) fn tokens(&self, classes: &Classes, mut token: impl FnMut(Range<usize>, &Range<usize>)) {
        let (mut done, mut wide) = (0, 0..0);
        self.each(Kind::Stretches, |at| {
            if at < done {
                return;
            }
            done = classes.run_end(Class::Solid, at);
            if at >= wide.end {
                wide = classes.run_start(Class::Base64, at)..classes.run_end(Class::Base64, at);
            }
            token(classes.run_start(Class::Solid, at)..done, &wide);
        });
    }
}

/// Digits, and joints beside them: `before`, `here` and `after` are the digits of three words, `joints` those of the second.
#[inline(always)]
fn number(before: u32, here: u32, after: u32, joints: u32) -> u32 {
    here | joints & (here << 1 | before >> 31 | here >> 1 | after << 31)
}

/// Where in the first of two words at least `LEAST` bits (at most 32) follow, the one there the first.
#[inline(always)]
fn follow<const LEAST: usize>(here: u32, after: u32) -> u32 {
    // Where one of as many as there must be is none.
    let (mut short, mut next) = (!here, !after);
    let mut have = 1;
    while have < LEAST {
        let step = have.min(LEAST - have);
        short |= short >> step | next << (32 - step);
        next |= next >> step;
        have += step;
    }
    !short
}

/// Where runs start in the second of three words, of at least `LEAST` bits (at most 32).
#[inline(always)]
fn runs<const LEAST: usize>(before: u32, here: u32, after: u32) -> u32 {
    follow::<LEAST>(here, after) & !(here << 1 | before >> 31)
}

/// Where in the second of three words there is a run of at least [`MIN_RUN`] bits.
#[inline(always)]
fn within_run(before: u32, here: u32, after: u32) -> u32 {
    const { assert!(MIN_RUN.is_power_of_two(), "each step doubles how far a bit reaches") };
    let (mut within, mut earlier) = (follow::<MIN_RUN>(here, after), follow::<MIN_RUN>(before, here));
    let mut step = 1;
    while step < MIN_RUN {
        within |= within << step | earlier >> (32 - step);
        earlier |= earlier << step;
        step *= 2;
    }
    within
}

/// What is found in each of `tiles` but the first and the last. Written so that it compiles to the vector code of whoever calls
/// it.
#[inline(always)]
pub(crate) fn find<const NUMBER: usize>(tiles: &[Tile], all: &mut [Found]) {
    for (around, found) in tiles.array_windows().zip(all) {
        find_in_tile::<NUMBER>(around, found);
    }
}

/// The same for the second of three tiles.
#[inline(always)]
fn find_in_tile<const NUMBER: usize>([before, here, after]: &[Tile; 3], found: &mut Found) {
    // Of a class the word before each word, the word itself, and the next.
    let around = |class: Class| {
        let (before, here, after) = (&before[class as usize], &here[class as usize], &after[class as usize]);
        let earlier: [u32; WORDS] = array::from_fn(|w| w.checked_sub(1).map_or(before[WORDS - 1], |w| here[w]));
        let later: [u32; WORDS] = array::from_fn(|w| here.get(w + 1).map_or(after[0], |word| *word));
        (earlier, here, later)
    };
    let (digits_before, digits, digits_after) = around(Class::Digits);
    let (joints_before, joints, joints_after) = around(Class::Joints);
    let (upper_before, upper, _) = around(Class::Upper);
    let (base64_before, base64, base64_after) = around(Class::Base64);
    let (_, solid, _) = around(Class::Solid);
    for w in 0..WORDS {
        let (before, here, after) = (digits_before[w], digits[w], digits_after[w]);
        // Of the words on both sides only what is near counts, which has its neighbours in them and in this.
        let number_before = number(0, before, here, joints_before[w]);
        let number_after = number(here, after, 0, joints_after[w]);
        let number = number(before, here, after, joints[w]);
        found[Kind::Number as usize][w] = number;
        found[Kind::Numbers as usize][w] = runs::<NUMBER>(number_before, number, number_after);
        found[Kind::Digits as usize][w] = runs::<DIGITS>(before, here, after);
        let second = upper[w] & (upper[w] << 1 | upper_before[w] >> 31);
        found[Kind::Capitals as usize][w] = second & (here >> 1 | after << 31) & (here >> 2 | after << 30);
        let two = solid[w] & solid[w] >> 1;
        let four = two & two >> 2;
        let stretches = four & four >> 4 & 0x0101_0101;
        let long = within_run(base64_before[w], base64[w], base64_after[w]);
        found[Kind::Stretches as usize][w] = stretches & long;
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

    /// What was found, in plain numbers.
    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        numbers: Vec<(usize, usize)>,
        digits: Vec<(usize, usize)>,
        capitals: Vec<usize>,
        tokens: Vec<(Range<usize>, Range<usize>)>,
        marks: Vec<usize>,
        ends: Vec<usize>,
    }

    fn by_bits<const NUMBER: usize>(vectors: Vectors, classes: &Classes) -> Seen {
        let mut found = Seen::default();
        let mut candidates = Candidates::default();
        candidates.fill_with::<NUMBER>(vectors, classes);
        candidates.numbers(|r| found.numbers.push((r.start, r.end)));
        candidates.digits(classes, |r| found.digits.push((r.start, r.end)));
        candidates.capitals(|at| found.capitals.push(at));
        candidates.tokens(classes, |token, wide| found.tokens.push((token, wide.clone())));
        classes.each(Class::Marks, |at| found.marks.push(at));
        classes.each(Class::Ends, |at| found.ends.push(at));
        found
    }

    fn by_loops(bytes: &[u8], number: usize) -> Seen {
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
        Seen {
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
            for (classes, vectors) in Classes::by_all(&bytes).zip(Vectors::all()) {
                prop_assert_eq!(by_bits::<7>(vectors, &classes), by_loops(&bytes, 7));
                prop_assert_eq!(by_bits::<9>(vectors, &classes), by_loops(&bytes, 9));
                let digit: Vec<bool> = bytes.iter().map(u8::is_ascii_digit).collect();
                for (from, to) in [(0, bytes.len()), (bytes.len() / 3, bytes.len() / 2), (bytes.len() / 2, bytes.len())] {
                    let mut runs = Vec::new();
                    classes.digits_in(from..to, |run| runs.push((run.start - from, run.end - from)));
                    prop_assert_eq!(&runs, &naive(&digit[from..to], 1));
                    let bits = (from..to).filter(|i| digit[*i]).fold(0, |bits, i| bits | 1u64.checked_shl((i - from) as u32).unwrap_or(0));
                    prop_assert_eq!(classes.bits(Class::Digits, &(from..to)), (to - from <= 64).then_some(bits));
                    let next = (from..to).find(|i| digit[*i]).unwrap_or(to);
                    prop_assert_eq!(classes.next(Class::Digits, from, to), next);
                }
            }
        }
    }
}
