//! A bounded run of a fuzz target inside the tests: its committed corpus, one input a file, and seeded changes of it. The
//! crates' tests take this file in by its path, so that all targets are replayed in one way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// More than this and the run has become too slow to be part of the tests.
const LIMIT: Duration = Duration::from_secs(60);

/// A target as the tests replay it.
pub(crate) struct Replay<'a> {
    /// The package's folder: `env!("CARGO_MANIFEST_DIR")`.
    pub(crate) package: &'a str,
    /// Folders of the corpus, in that one.
    pub(crate) folders: &'a [&'a str],
    /// Pieces that mean something to what is tested, to be put in.
    pub(crate) pieces: &'a [&'a str],
    /// How many changed inputs are tried.
    pub(crate) changes: usize,
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): the same numbers on each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n.max(1) as u64)).expect("below a usize")
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

impl Replay<'_> {
    /// Checks the corpus and changes of it. `check` panics on what must not be and says whether the input was taken, which
    /// every file must be whose name does not begin with `hostile`: what is refused at once tests little.
    ///
    /// # Panics
    /// Where a check does, and when the run takes too long; says on what.
    pub(crate) fn run(&self, check: impl Fn(&[u8]) -> bool) {
        let tried = |name: &str, input: &[u8]| {
            catch_unwind(AssertUnwindSafe(|| check(input)))
                .unwrap_or_else(|_| panic!("{name}: {:?}", String::from_utf8_lossy(input)))
        };
        let corpus = self.corpus();
        assert!(!corpus.is_empty(), "the corpus was read");
        for (name, input) in &corpus {
            let taken = tried(name, input);
            assert!(taken || name.starts_with("hostile"), "{name} was not taken");
        }
        let (began, mut numbers) = (Instant::now(), Numbers(20_261_125));
        for _ in 0..self.changes {
            let (name, input) = numbers.pick(&corpus);
            let mut input = input.clone();
            self.change(&mut numbers, &mut input, &corpus);
            tried(name, &input);
        }
        assert!(began.elapsed() < LIMIT, "took {:?}", began.elapsed());
    }

    fn corpus(&self) -> Vec<(String, Vec<u8>)> {
        let folders = self.folders.iter().map(|f| Path::new(self.package).join(f));
        let entries = folders.flat_map(|f| std::fs::read_dir(f).expect("a folder of the corpus"));
        let mut files: Vec<_> = entries.map(|e| e.expect("a file of the corpus").path()).collect();
        files.sort();
        let name = |f: &Path| f.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files
            .iter()
            .map(|f| (name(f), std::fs::read(f).expect("a file of the corpus")))
            .collect()
    }

    /// One to four small changes.
    fn change(&self, numbers: &mut Numbers, input: &mut Vec<u8>, corpus: &[(String, Vec<u8>)]) {
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(input.len());
            let end = (at + numbers.below(12)).min(input.len());
            match numbers.below(6) {
                0 if !input.is_empty() => input[at] ^= 1 << numbers.below(8),
                1 => drop(input.drain(at..end)),
                2 => drop(input.splice(at..end, numbers.pick(self.pieces).bytes())),
                3 => input.extend_from_within(at..end),
                4 => {
                    let other = &numbers.pick(corpus).1;
                    let from = numbers.below(other.len());
                    input.truncate(at);
                    input.extend_from_slice(&other[from..]);
                }
                _ => drop(input.splice(at..at, [u8::try_from(numbers.below(256)).expect("a byte")])),
            }
        }
    }
}
