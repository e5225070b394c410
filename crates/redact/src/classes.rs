//! The first pass over a view: bitmaps of its characters' classes, from which candidates are found a word at a time.
//!
//! Written so that the loops over 64 bytes compile to vector code, since `unsafe` vector code is not allowed here.

/// A bit for each byte of a view, in words of 64.
pub(crate) struct Classes {
    /// ASCII digits.
    pub(crate) digits: Vec<u64>,
    /// Blank, dash, dot and parentheses: what may stand within a number.
    joints: Vec<u64>,
    /// Capital letters.
    upper: Vec<u64>,
    /// Eight bytes (a bit each) that are all letters, digits, `_` or `-`, aligned to eight.
    pub(crate) solid: Vec<u8>,
}

impl Classes {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let words = bytes.len().div_ceil(64) + 1;
        let mut classes = Self {
            digits: Vec::with_capacity(words),
            joints: Vec::with_capacity(words),
            upper: Vec::with_capacity(words),
            solid: Vec::with_capacity(words),
        };
        let (blocks, rest) = bytes.as_chunks::<64>();
        blocks.iter().for_each(|block| classes.block(block));
        let mut last = [b'\n'; 64];
        last[..rest.len()].copy_from_slice(rest);
        classes.block(&last);
        classes
    }

    fn block(&mut self, block: &[u8; 64]) {
        let digit = block.map(|b| u8::from(b.wrapping_sub(b'0') < 10));
        let joint = block.map(|b| u8::from((b == b' ') | (b == b'-') | (b == b'.') | (b == b'(') | (b == b')')));
        let upper = block.map(|b| u8::from(b.wrapping_sub(b'A') < 26));
        let solid = block.map(|b| {
            u8::from(((b | 0x20).wrapping_sub(b'a') < 26) | (b.wrapping_sub(b'0') < 10) | (b == b'_') | (b == b'-'))
        });
        self.digits.push(gathered(&digit));
        self.joints.push(gathered(&joint));
        self.upper.push(gathered(&upper));
        let (words, _) = solid.as_chunks::<8>();
        let full = |w: &[u8; 8]| u8::from(u64::from_le_bytes(*w) == 0x0101_0101_0101_0101);
        self.solid
            .push(words.iter().rev().fold(0, |mask, word| mask << 1 | full(word)));
    }

    /// Calls `run` with each stretch of digits and joints beside digits that is at least `least` bytes long (at most 9).
    pub(crate) fn numbers(&self, least: u32, mut run: impl FnMut(usize, usize)) {
        let words: Vec<u64> = (0..self.digits.len())
            .map(|w| {
                let (before, here, after) = around(&self.digits, w);
                here | (self.joints[w] & (here << 1 | before >> 63 | here >> 1 | after << 63))
            })
            .collect();
        runs(&words, least, &mut run);
    }

    /// How many digits there are from `start` to `end`.
    pub(crate) fn digits_within(&self, start: usize, end: usize) -> usize {
        let (first, last) = (start / 64, end / 64);
        let bits = |w: usize| self.digits.get(w).copied().unwrap_or(0);
        (first..=last)
            .map(|w| {
                let from = if w == first { u64::MAX << (start % 64) } else { u64::MAX };
                let to = if w == last { !(u64::MAX << (end % 64)) } else { u64::MAX };
                (bits(w) & from & to).count_ones() as usize
            })
            .sum()
    }

    /// Calls `run` with each run of at least `least` digits (at most 9).
    pub(crate) fn digit_runs(&self, least: u32, mut run: impl FnMut(usize, usize)) {
        runs(&self.digits, least, &mut run);
    }

    /// Calls `hit` with the place of the second of two capitals that two digits follow.
    pub(crate) fn capitals_then_digits(&self, mut hit: impl FnMut(usize)) {
        for w in 0..self.digits.len() {
            let (before, upper, _) = around(&self.upper, w);
            if upper == 0 {
                continue;
            }
            let (_, digits, after) = around(&self.digits, w);
            let mut hits =
                upper & (upper << 1 | before >> 63) & (digits >> 1 | after << 63) & (digits >> 2 | after << 62);
            while hits != 0 {
                hit(w * 64 + hits.trailing_zeros() as usize);
                hits &= hits - 1;
            }
        }
    }

    /// Calls `hit` with the start of each aligned stretch of eight bytes that are all letters, digits, `_` or `-`.
    pub(crate) fn solid_eights(&self, mut hit: impl FnMut(usize)) {
        for (w, &mask) in self.solid.iter().enumerate() {
            let mut mask = mask;
            while mask != 0 {
                hit(w * 64 + mask.trailing_zeros() as usize * 8);
                mask &= mask - 1;
            }
        }
    }
}

/// A word with its neighbours.
fn around(words: &[u64], at: usize) -> (u64, u64, u64) {
    let get = |i: Option<usize>| i.and_then(|i| words.get(i)).copied().unwrap_or(0);
    (get(at.checked_sub(1)), get(Some(at)), get(Some(at + 1)))
}

/// Calls `run` with start and end of each run of at least `least` set bits.
fn runs(words: &[u64], least: u32, run: &mut impl FnMut(usize, usize)) {
    let mut done = 0;
    for w in 0..words.len() {
        let (_, here, after) = around(words, w);
        if here == 0 {
            continue;
        }
        let wide = u128::from(here) | u128::from(after) << 64;
        // Bit i stays if the bits i .. i + least are all set.
        let mut left = wide;
        let mut have = 1;
        while have < least {
            let step = have.min(least - have);
            left &= left >> step;
            have += step;
        }
        let mut starts = left as u64;
        while starts != 0 {
            let start = w * 64 + starts.trailing_zeros() as usize;
            if start < done {
                starts &= starts - 1;
                continue;
            }
            let end = run_end(words, start);
            run(start, end);
            done = end;
            let within = end - w * 64;
            starts &= if within < 64 { u64::MAX << within } else { 0 };
        }
    }
}

fn run_end(words: &[u64], start: usize) -> usize {
    let mut end = start;
    loop {
        let word = words.get(end / 64).copied().unwrap_or(0);
        let ones = (!(word >> (end % 64))).trailing_zeros() as usize;
        let ones = ones.min(64 - end % 64);
        end += ones;
        if ones == 0 || !end.is_multiple_of(64) {
            return end;
        }
    }
}

/// One bit for each of 64 bytes that are 0 or 1: a multiplication moves bit 8i to bit 56 + i.
fn gathered(flags: &[u8; 64]) -> u64 {
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, word| {
        mask << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
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

    proptest! {
        /// The bit arithmetic finds what loops find.
        #[test]
        fn bitmaps_find_what_plain_loops_find(bytes in proptest::collection::vec(prop_oneof![
            6 => b'0'..=b'9', 1 => any::<u8>(), 2 => Just(b' '), 1 => Just(b'-'), 2 => b'A'..=b'Z', 2 => b'a'..=b'z',
        ], 0..400)) {
            let classes = Classes::of(&bytes);
            let digit: Vec<bool> = bytes.iter().map(u8::is_ascii_digit).collect();
            let mut found = Vec::new();
            classes.digit_runs(7, |s, e| found.push((s, e)));
            prop_assert_eq!(&found, &naive(&digit, 7));
            let beside = |i: usize| i.checked_sub(1).is_some_and(|j| digit[j]) || digit.get(i + 1) == Some(&true);
            let number: Vec<bool> = (0..bytes.len()).map(|i| digit[i] || (b" -.()".contains(&bytes[i]) && beside(i))).collect();
            for (from, to) in [(0, bytes.len()), (bytes.len() / 3, bytes.len() / 2), (bytes.len() / 2, bytes.len() / 2)] {
                prop_assert_eq!(classes.digits_within(from, to), digit[from..to].iter().filter(|d| **d).count());
            }
            for least in [7, 9] {
                found.clear();
                classes.numbers(least, |s, e| found.push((s, e)));
                prop_assert_eq!(&found, &naive(&number, least as usize));
            }
            let mut hits = Vec::new();
            classes.capitals_then_digits(|at| hits.push(at));
            let upper = |i: usize| bytes[i].is_ascii_uppercase();
            let expected: Vec<usize> = (1..bytes.len().saturating_sub(2))
                .filter(|&i| upper(i - 1) && upper(i) && digit[i + 1] && digit[i + 2]).collect();
            prop_assert_eq!(hits, expected);
            let mut solid = Vec::new();
            classes.solid_eights(|at| solid.push(at));
            let dashed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            let expected: Vec<usize> = (0..bytes.len() / 8).map(|i| i * 8).filter(|&i| bytes[i..i + 8].iter().all(dashed)).collect();
            prop_assert_eq!(solid, expected);
        }
    }
}
