//! The order in which Teddy is given the words, which decides how fast it is and nothing else.
//!
//! Teddy puts patterns into 16 buckets, one after the other, and looks closer wherever the next three bytes could be of some
//! pattern of a bucket: for each place, one of the low and one of the high halves of the bytes that the bucket's patterns have
//! there. Words that have little in common make a bucket that half of a text could be of; in the order that they are
//! written in, the words of today halve the speed of everything. So words that look alike are given the places of one bucket.

use super::Literal;

type Word = (&'static str, Literal);
/// Words whose first bytes have the same low halves, which come into one bucket in any case.
type Group = Vec<Word>;

const BUCKETS: usize = 16;
/// How much of a word is looked at first.
const HEAD: usize = 3;
/// Most groups of a bucket, so that Teddy's limit of 128 patterns is kept.
const MOST: usize = 7;
const ROUNDS: usize = 4;
/// What is looked through, to weigh how often a byte occurs.
const TEXT: &str = include_str!("../ordinary.txt");

/// Low and high halves of the bytes in each place, a bit for each.
#[derive(Clone, Copy, Default)]
struct Halves([(u16, u16); HEAD]);

impl Halves {
    fn with(mut self, word: &str) -> Self {
        for (place, b) in self.0.iter_mut().zip(word.bytes()) {
            place.0 |= 1 << (b & 15);
            place.1 |= 1 << (b >> 4);
        }
        self
    }

    /// How many of a cube of texts are looked at more closely.
    fn cost(&self, often: &[u64; 256]) -> u64 {
        let bits = |halves: u16| (0..16).filter(move |half| halves >> half & 1 == 1);
        let share = |(low, high)| -> u64 {
            let of = |high: usize| bits(low).map(|low| often[high << 4 | low]).sum::<u64>();
            bits(high).map(of).sum()
        };
        self.0.iter().map(|place| share(*place)).product()
    }
}

/// All of `words`, some of them several times where a place has to be filled.
pub(super) fn order(words: &[Word]) -> Vec<Word> {
    let mut often = [0u64; 256];
    TEXT.bytes()
        .for_each(|b| often[usize::from(b.to_ascii_lowercase())] += 1);
    let alike = |a: &Word, b: &Word| a.0.bytes().zip(b.0.bytes()).take(HEAD).all(|(a, b)| a & 15 == b & 15);
    let mut groups: Vec<Group> = Vec::new();
    for word in words {
        match groups.iter_mut().find(|g| alike(&g[0], word)) {
            Some(group) => group.push(*word),
            None => groups.push(vec![*word]),
        }
    }
    let add = |halves: Halves, group: &Group| group.iter().fold(halves, |h, (word, _)| h.with(word));
    groups.sort_by_cached_key(|g| std::cmp::Reverse(add(Halves::default(), g).cost(&often)));
    let mut buckets: Vec<Vec<Group>> = vec![Vec::new(); BUCKETS];
    let put = |buckets: &mut Vec<Vec<Group>>, group: &Group| {
        let worse = |bucket: &&mut Vec<Group>| {
            let halves = bucket.iter().fold(Halves::default(), add);
            match bucket.len() {
                MOST => u64::MAX,
                _ => add(halves, group).cost(&often) - halves.cost(&often),
            }
        };
        if let Some(bucket) = buckets.iter_mut().min_by_key(worse) {
            bucket.push(group.clone());
        }
    };
    for group in &groups {
        put(&mut buckets, group);
    }
    // What was put first did not know the others.
    for group in groups.iter().cycle().take(ROUNDS * groups.len()) {
        for bucket in &mut buckets {
            bucket.retain(|g| g[0].0 != group[0].0);
        }
        put(&mut buckets, group);
    }
    // The first of each group in a place of its bucket, the others, or any again, wherever one is free.
    let (mut order, mut rest) = (Vec::new(), Vec::new());
    while buckets.iter().any(|bucket| !bucket.is_empty()) {
        for bucket in &mut buckets {
            match bucket.pop() {
                Some(mut group) => {
                    rest.extend(group.drain(1..));
                    order.extend(group);
                }
                None => order.extend(rest.pop().or(order.first().copied())),
            }
        }
    }
    order.extend(rest);
    order
}
