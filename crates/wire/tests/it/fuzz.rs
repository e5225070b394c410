//! A bounded run of the decoder's fuzzing: the committed corpus (`tests/corpus`, one frame a file), and seeded mutations of
//! it. The same check runs without bounds under libFuzzer: see `/fuzz`.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::decoding::check;

/// How many mutated frames are decoded, by both sides.
const FRAMES: usize = 100_000;

/// More than this and the run has become too slow to be part of the tests.
const LIMIT: Duration = Duration::from_secs(60);

/// The frames of the corpus.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|f| std::fs::read(f).unwrap()).collect()
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): the same numbers on each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Pieces that mean something to a JSON reader or to this protocol.
const PIECES: [&str; 22] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\"type\":",
    "\"protocol\":2",
    "\"about\":null",
    "\"ran\":null",
    "\"more\":null",
    "\u{202e}",
    "\0",
];

/// One to four small changes.
fn mutate(numbers: &mut Numbers, frame: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(frame.len());
        let end = (at + numbers.below(12)).min(frame.len());
        match numbers.below(6) {
            0 if !frame.is_empty() => frame[at] ^= 1 << numbers.below(8),
            1 => drop(frame.drain(at..end)),
            2 => drop(frame.splice(at..end, numbers.pick(&PIECES).bytes())),
            3 => frame.extend_from_within(at..end),
            4 => {
                let other = numbers.pick(corpus);
                let from = numbers.below(other.len());
                frame.truncate(at);
                frame.extend_from_slice(&other[from..]);
            }
            _ => drop(frame.splice(at..at, [u8::try_from(numbers.below(256)).unwrap()])),
        }
    }
}

/// R16, R72: whatever a peer sends, decoding says yes or no, and means one thing by it.
#[test]
fn the_corpus_and_a_hundred_thousand_changes_of_it_are_survived() {
    let corpus = corpus();
    assert!(corpus.len() > 20, "the corpus was read");
    let mut taken = 0;
    for frame in &corpus {
        let text = String::from_utf8_lossy(frame);
        check(&text);
        taken += usize::from(wire::ServerMessage::decode(&text).is_ok() || wire::AgentMessage::decode(&text).is_ok());
    }
    assert!(taken > 20, "most of the corpus is messages: {taken}");
    let (began, mut numbers) = (Instant::now(), Numbers(20_261_125));
    for _ in 0..FRAMES {
        let mut frame = numbers.pick(&corpus).clone();
        mutate(&mut numbers, &mut frame, &corpus);
        check(&String::from_utf8_lossy(&frame));
    }
    assert!(began.elapsed() < LIMIT, "took {:?}", began.elapsed());
}
