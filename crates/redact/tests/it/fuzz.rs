//! The fuzz target: whatever bytes come in, whole and in pieces, the result is the same, and a second pass adds nothing.
//! Replayed over a committed corpus and seeded mutations of it, a bounded number of them.

use crate::common::check_findings;
use domain::sensitive::Raw;
use redact::{ByteRedactor, Encoding, Redacted, SessionKey, Settings, redact};

/// Inputs that a mutation starts from: the cases of every kind, and what once went wrong.
const SEEDS: &[&str] = &[
    include_str!("../corpus/cards.txt"),
    include_str!("../corpus/personal.txt"),
    include_str!("../corpus/secrets.txt"),
    include_str!("../corpus/merchant.txt"),
    include_str!("../corpus/evasion.txt"),
    include_str!("../corpus/fuzz.txt"),
];
const ROUNDS: u64 = 300;
const LONGEST: usize = 6000;

/// A generator of numbers by a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

fn mutated(random: &mut Random) -> Vec<u8> {
    let seed = SEEDS[random.below(SEEDS.len())].as_bytes();
    let start = random.below(seed.len());
    let mut bytes = seed[start..seed.len().min(start + random.below(LONGEST))].to_vec();
    for _ in 0..random.below(12) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes.insert(at, u8::try_from(random.below(256)).expect("a byte")),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => {
                let end = (at + random.below(40)).min(bytes.len());
                let copied = bytes[at.min(end)..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copied);
            }
            4 => bytes.iter_mut().filter(|b| **b == b'\n').for_each(|b| *b = b' '),
            _ => {
                let other = SEEDS[random.below(SEEDS.len())].as_bytes();
                let from = random.below(other.len());
                bytes.splice(at..at, other[from..other.len().min(from + 60)].iter().copied());
            }
        }
    }
    bytes
}

fn target(bytes: &[u8], random: &mut Random) {
    let settings = Settings {
        ip_addresses: random.below(2) == 0,
        mac_addresses: random.below(2) == 0,
        merchant_ids: vec!["TERM-00042".into()],
        terms: vec!["Jane Doe".into()],
        session_key: (random.below(2) == 0).then(|| SessionKey::new([5; 32])),
        ..Settings::default()
    };
    let encoding = Encoding::ALL[random.below(Encoding::ALL.len())].1;
    let all = |sizes: &mut dyn FnMut() -> usize| {
        let mut redactor = ByteRedactor::with_encoding(&settings, encoding);
        let mut out = Redacted::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(sizes().clamp(1, rest.len()));
            out.append(redactor.push(Raw::new(chunk)));
            rest = after;
        }
        out.append(redactor.finish());
        out
    };
    let whole = all(&mut || usize::MAX);
    check_findings(&whole);
    let cut = all(&mut || 1 + random.below(90));
    assert_eq!(
        (&cut, cut.sources()),
        (&whole, whole.sources()),
        "{:?}",
        String::from_utf8_lossy(bytes)
    );
    assert!(whole.sources().last().is_none_or(|s| s.end <= bytes.len() as u64));
    let twice = redact(&settings, Raw::new(whole.text()));
    assert_eq!(twice.text(), whole.text(), "{:?}", String::from_utf8_lossy(bytes));
}

/// R31, R33, R34: no input breaks the engine or its promises.
#[test]
fn mutations_of_the_corpus_break_nothing() {
    let mut random = Random(0xc0de);
    for seed in SEEDS {
        for piece in seed.as_bytes().chunks(3000) {
            target(piece, &mut random);
        }
    }
    for _ in 0..ROUNDS {
        let bytes = mutated(&mut random);
        target(&bytes, &mut random);
    }
}
