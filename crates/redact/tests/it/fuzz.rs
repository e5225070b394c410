//! A bounded run of the engine's fuzzing: the committed corpus (`tests/corpus`, the cases of every kind and what once went
//! wrong), and seeded changes of it. The same checks run without bounds under libFuzzer: see `/fuzz`.

use crate::decoding::{self, Random};

/// Inputs that a mutation starts from: the cases of every kind, and what once went wrong.
const SEEDS: &[&str] = &[
    include_str!("../corpus/cards.txt"),
    include_str!("../corpus/personal.txt"),
    include_str!("../corpus/secrets.txt"),
    include_str!("../corpus/merchant.txt"),
    include_str!("../corpus/evasion.txt"),
    include_str!("../corpus/fuzz.txt"),
];
/// Patterns, words and ids as an organisation may set them.
const OWN: &str = include_str!("../corpus/own.txt");
/// What is put into them.
const OFTEN: &[u8] = b"#^?+\\-/ 4aZ\n[";
const ROUNDS: u64 = 300;
const LONGEST: usize = 6000;

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

/// All seeds in pieces, and `rounds` changes of them.
fn replay(rounds: u64, check: fn(&[u8], &mut Random)) {
    let mut random = Random(0xc0de);
    for seed in SEEDS {
        for piece in seed.as_bytes().chunks(3000) {
            check(piece, &mut random);
        }
    }
    for _ in 0..rounds {
        let bytes = mutated(&mut random);
        check(&bytes, &mut random);
    }
}

/// R31, R33, R34: no input breaks the engine or its promises.
#[test]
fn mutations_of_the_corpus_break_nothing() {
    replay(ROUNDS, decoding::output);
}

/// R30, R34: nothing that an agent sends breaks the server's pass.
#[test]
fn nothing_that_an_agent_claims_breaks_the_servers_pass() {
    replay(ROUNDS, decoding::chunks);
}

/// R32: no pattern, word or id that is taken breaks the engine.
#[test]
fn no_setting_that_is_taken_breaks_the_engine() {
    let mut random = Random(0xc0de);
    for round in 0..ROUNDS {
        let mut bytes = OWN.as_bytes().to_vec();
        for _ in 0..round.min(6) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes.insert(at, OFTEN[random.below(OFTEN.len())]),
                1 => drop(bytes.remove(at)),
                _ => {
                    let other = SEEDS[random.below(SEEDS.len())].as_bytes();
                    let from = random.below(other.len());
                    bytes.splice(at..at, other[from..other.len().min(from + 30)].iter().copied());
                }
            }
        }
        decoding::settings_of(&String::from_utf8_lossy(&bytes), &mut random);
    }
}
