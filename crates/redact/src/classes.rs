//! The first pass over a view: bitmaps of its characters' classes, from which candidates are found a word at a time.
//!
//! `vector` makes them, and with them one of where words of `literals` may start. They are kept in tiles, so that what is
//! known of some bytes stands together, and a kind that a tile has none of is told at a glance.

use std::ops::Range;

use crate::literals::Literals;
use crate::vector::Vectors;

/// Bytes that one word of a bitmap tells of.
pub(crate) const WORD: usize = 32;

/// What there is a bitmap of.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    /// ASCII digits.
    Digits,
    /// Blank, dash, dot and parentheses: what may stand within a number.
    Joints,
    /// Capital letters.
    Upper,
    /// Letters, digits, `_` and `-`.
    Solid,
    /// What is solid, `+` and `/`.
    Base64,
    /// `_` and `-`.
    Joins,
    /// `@`, `+` and `%`.
    Marks,
    /// Line feeds.
    Ends,
    /// Where one of the words of `literals` may start.
    Heads,
}

/// How many classes there are.
pub(crate) const CLASSES: usize = 9;

/// What the first pass tells of all bytes together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Whole {
    /// One of them [`is_special`](crate::fold::is_special).
    pub(crate) special: bool,
    /// One of them is a carriage return.
    pub(crate) returns: bool,
}

/// Words that are together in a [`Tile`].
pub(crate) const WORDS: usize = 8;
/// Bytes that a tile tells of.
pub(crate) const TILE: usize = WORDS * WORD;

/// The words of each class, of [`TILE`] bytes.
pub(crate) type Tile = [[u32; WORDS]; CLASSES];

/// The classes of a view.
#[derive(Default)]
pub(crate) struct Classes {
    /// Its tiles, with an empty one at either end.
    tiles: Vec<Tile>,
    whole: Whole,
}

impl Classes {
    /// The classes of any bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut classes = Self::default();
        classes.look(bytes, false);
        classes
    }

    /// Makes these the classes of `bytes`. `stop`: whether to look no further than at something special. Gives whether there is
    /// nothing such.
    pub(crate) fn look(&mut self, bytes: &[u8], stop: bool) -> bool {
        self.look_with(Vectors::best(), bytes, stop)
    }

    fn look_with(&mut self, vectors: Vectors, bytes: &[u8], stop: bool) -> bool {
        self.tiles.clear();
        self.tiles.reserve(bytes.len().div_ceil(TILE) + 2);
        self.tiles.push(Tile::default());
        self.whole = vectors.scan(bytes, Literals::get().heads(), stop, &mut self.tiles);
        self.tiles.push(Tile::default());
        !self.whole.special
    }

    /// [`of`](Self::of) with all vector code that there is, and without.
    #[cfg(test)]
    pub(crate) fn by_all(bytes: &[u8]) -> impl Iterator<Item = Self> {
        Vectors::all().into_iter().map(|vectors| {
            let mut classes = Self::default();
            classes.look_with(vectors, bytes, false);
            classes
        })
    }

    /// The tiles, with an empty one at either end.
    pub(crate) fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Bits of a class, of the bytes from `w` times 64 on.
    #[inline]
    pub(crate) fn word(&self, class: Class, w: usize) -> u64 {
        word(&self.tiles[w / PAIRS + 1][class as usize], w)
    }

    /// Whether there is a carriage return.
    pub(crate) fn returns(&self) -> bool {
        self.whole.returns
    }

    /// Calls `hit` with the place of each of a class.
    pub(crate) fn each(&self, class: Class, hit: impl FnMut(usize)) {
        each_bit(self.tiles[1..].iter().map(|tile| &tile[class as usize]), hit);
    }

    /// Bits of a class, of a range of at most 64 bytes; `None` of a longer one.
    #[inline]
    pub(crate) fn bits(&self, class: Class, range: &Range<usize>) -> Option<u64> {
        let len @ 1..=64 = range.len() else {
            return range.is_empty().then_some(0);
        };
        let (w, bit) = (range.start / 64, range.start % 64);
        let mut bits = self.word(class, w) >> bit;
        if bit + len > 64 {
            bits |= self.word(class, w + 1) << (64 - bit);
        }
        Some(bits & u64::MAX >> (64 - len))
    }

    /// Calls `run` with each run of digits in a range.
    pub(crate) fn digits_in(&self, range: Range<usize>, mut run: impl FnMut(Range<usize>)) {
        let mut at = range.start;
        loop {
            let start = self.next(Class::Digits, at, range.end);
            if start == range.end {
                return;
            }
            at = self.run_end(Class::Digits, start).min(range.end);
            run(start..at);
        }
    }

    /// The first place of a class from `at` on, or `end`.
    pub(crate) fn next(&self, class: Class, mut at: usize, end: usize) -> usize {
        while at < end {
            let word = self.word(class, at / 64) >> (at % 64);
            if word != 0 {
                return end.min(at + word.trailing_zeros() as usize);
            }
            at = (at / 64 + 1) * 64;
        }
        end
    }

    /// Where the run of a class starts that the byte at `at` is in.
    pub(crate) fn run_start(&self, class: Class, at: usize) -> usize {
        let mut end = at + 1;
        loop {
            let w = (end - 1) / 64;
            let ones = (self.word(class, w) << (w * 64 + 64 - end)).leading_ones() as usize;
            end -= ones;
            if ones == 0 || end != w * 64 || w == 0 {
                return end;
            }
        }
    }

    /// Where the run of a class ends that the byte at `at` is in.
    #[inline]
    pub(crate) fn run_end(&self, class: Class, at: usize) -> usize {
        run_end(|w| self.word(class, w), at)
    }
}

/// Pairs of words in a tile.
pub(crate) const PAIRS: usize = WORDS / 2;

/// A pair of a tile's words as one, that of number `w` counted from the first tile's.
#[inline]
pub(crate) fn word(words: &[u32; WORDS], w: usize) -> u64 {
    let [low, high] = words.as_chunks().0[w % PAIRS];
    u64::from(low) | u64::from(high) << 32
}

/// Where a run of bits ends that the one at `at` is in; `word` gives them, and an empty word behind the last.
#[inline]
pub(crate) fn run_end(word: impl Fn(usize) -> u64, mut at: usize) -> usize {
    loop {
        let ones = (word(at / 64) >> (at % 64)).trailing_ones() as usize;
        at += ones;
        if ones == 0 || !at.is_multiple_of(64) {
            return at;
        }
    }
}

/// Calls `hit` with the place of each bit.
#[inline]
pub(crate) fn each_bit<'a>(words: impl Iterator<Item = &'a [u32; WORDS]>, mut hit: impl FnMut(usize)) {
    for (tile, words) in words.enumerate().filter(|(_, words)| **words != [0; WORDS]) {
        for w in 0..PAIRS {
            let mut bits = word(words, w);
            while bits != 0 {
                hit(tile * TILE + w * 64 + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::is_special;

    proptest! {
        /// Both ways see the same, in each class and of the whole. Where words may start each has its own way.
        #[test]
        fn vector_code_sees_what_plain_code_sees(bytes in proptest::collection::vec(any::<u8>(), 0..300), ascii in any::<bool>()) {
            let bytes: Vec<u8> = if ascii { bytes.iter().map(|b| b & 0x7f | 0x20).collect() } else { bytes };
            let all = |c: Classes| {
                let tiles = c.tiles.iter().flat_map(|tile| tile[..Class::Heads as usize].to_vec());
                (tiles.collect::<Vec<_>>(), c.whole.special, c.whole.returns)
            };
            let seen: Vec<_> = Classes::by_all(&bytes).map(all).collect();
            prop_assert!(seen.array_windows().all(|[one, other]| one == other));
            let special = bytes.iter().any(|b| is_special(*b));
            prop_assert_eq!(Classes::default().look(&bytes, true), !special);
        }
    }

    /// Any byte, anywhere, is taken for what [`is_special`] says, and a carriage return for one.
    #[test]
    fn what_is_special_is_seen_wherever_it_stands() {
        for b in 0..=u8::MAX {
            for at in [0, 1, 31, 32, 63, 64, 127, 128, 199] {
                let mut text = vec![b'a'; 200];
                text[at] = b;
                for classes in Classes::by_all(&text) {
                    assert_eq!(classes.whole.special, is_special(b), "{b} at {at}");
                    assert_eq!(classes.whole.returns, b == b'\r', "{b} at {at}");
                }
                assert_eq!(Classes::default().look(&text, true), !is_special(b), "{b} at {at}");
            }
        }
    }
}
