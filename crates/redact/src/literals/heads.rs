//! Where words may start: the tables of the first pass.
//!
//! Words are put into 16 buckets. For each bucket and each of the first places of a word stand the bytes that its words have
//! there, or their low and high halves, and a word may start wherever all places fit one bucket. Words that have little in
//! common make a bucket that half of a text fits, so those that look alike come into one.

use super::HEAD;

/// Buckets of one table; there are two.
const BUCKETS: usize = 8;
const ROUNDS: usize = 4;
/// What is looked through, to weigh how often a byte occurs.
const TEXT: &str = include_str!("../ordinary.txt");

/// Where words may start: for each of the first places of a word and each table, what bytes there are, with a bit for each
/// bucket.
pub(crate) struct Heads {
    /// By the low and the high half of a byte. What fits both need not be a word's.
    pub(crate) halves: [[([u8; 16], [u8; 16]); 2]; HEAD],
    /// By a byte of ASCII.
    pub(crate) bytes: [[[u8; 128]; 2]; HEAD],
    /// By any byte: 16 bits for each place, one for each bucket of both tables.
    pub(crate) places: [u64; 256],
}

impl Heads {
    /// The tables of `words`, each in small letters.
    pub(super) fn of(words: impl Iterator<Item = &'static str>) -> Self {
        let mut heads = Self {
            halves: Default::default(),
            bytes: [[[0; 128]; 2]; HEAD],
            places: [0; 256],
        };
        for (n, bucket) in buckets(words).into_iter().enumerate() {
            let bit = 1 << (n % BUCKETS);
            for word in bucket {
                for (place, (lows, highs)) in Set::of(&[word]).0.into_iter().enumerate() {
                    let (low, high) = &mut heads.halves[place][n / BUCKETS];
                    each(lows).for_each(|half| low[half] |= bit);
                    each(highs).for_each(|half| high[half] |= bit);
                    let bytes = &mut heads.bytes[place][n / BUCKETS];
                    let may_be = |b: u8| {
                        heads.places[usize::from(b)] |= 1 << (16 * place + n);
                        if let Some(byte) = bytes.get_mut(usize::from(b)) {
                            *byte |= bit;
                        }
                    };
                    match word.as_bytes().get(place) {
                        Some(b) => [b.to_ascii_lowercase(), b.to_ascii_uppercase()]
                            .into_iter()
                            .for_each(may_be),
                        None => (0..=u8::MAX).for_each(may_be),
                    }
                }
            }
        }
        heads
    }
}

/// Low and high halves of the bytes in each place, a bit for each. Behind a word's end it is any.
#[derive(Clone, Copy, Default)]
struct Set([(u16, u16); HEAD]);

fn each(halves: u16) -> impl Iterator<Item = usize> {
    (0..16).filter(move |half| halves >> half & 1 == 1)
}

impl Set {
    fn with(mut self, word: &str) -> Self {
        let mut word = word.bytes();
        for place in &mut self.0 {
            *place = match word.next() {
                Some(b) => [b, b.to_ascii_uppercase()]
                    .iter()
                    .fold(*place, |(low, high), b| (low | 1 << (b & 15), high | 1 << (b >> 4))),
                None => (u16::MAX, u16::MAX),
            };
        }
        self
    }

    fn of(words: &[&str]) -> Self {
        words.iter().fold(Self::default(), |set, word| set.with(word))
    }

    /// How many of a cube of texts fit.
    fn cost(&self, often: &[u64; 256]) -> u64 {
        let share = |(low, high)| -> u64 {
            let of = |high: usize| each(low).map(|low| often[high << 4 | low]).sum::<u64>();
            each(high).map(of).sum()
        };
        self.0.iter().map(|place| share(*place)).product()
    }
}

fn buckets(words: impl Iterator<Item = &'static str>) -> [Vec<&'static str>; 2 * BUCKETS] {
    let mut often = [0u64; 256];
    TEXT.bytes().for_each(|b| often[usize::from(b)] += 1);
    let mut words: Vec<&str> = words.collect();
    words.sort_by_cached_key(|word| std::cmp::Reverse(Set::of(&[word]).cost(&often)));
    let mut buckets: [Vec<&str>; 2 * BUCKETS] = Default::default();
    // What was put first did not know the others.
    for word in words.iter().cycle().take((1 + ROUNDS) * words.len()) {
        for bucket in &mut buckets {
            bucket.retain(|w| w != word);
        }
        let worse = |bucket: &&mut Vec<&str>| {
            let set = Set::of(bucket);
            set.with(word).cost(&often) - set.cost(&often)
        };
        if let Some(bucket) = buckets.iter_mut().min_by_key(worse) {
            bucket.push(word);
        }
    }
    buckets
}
