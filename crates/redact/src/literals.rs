//! The literal pass: words and prefixes that a rule starts from, all searched for at once.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

use crate::rules::token::TOKENS;

/// What a literal starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// Row of [`TOKENS`].
    Token(usize),
    Jwt,
    Merchant,
    Terminal,
    /// `MID` or `TID`.
    ShortId,
    Cvv,
    Pin,
    Secret,
}

/// Words found in small letters, capitals, and with a capital first.
const WORDS: &[(&str, Literal)] = &[
    ("merchant", Literal::Merchant),
    ("acceptor", Literal::Merchant),
    ("terminal", Literal::Terminal),
    ("mid", Literal::ShortId),
    ("tid", Literal::ShortId),
    ("cvv", Literal::Cvv),
    ("cvc", Literal::Cvv),
    ("urity", Literal::Cvv),
    ("pin", Literal::Pin),
    ("secret", Literal::Secret),
];

/// The compiled set.
pub(crate) struct Literals {
    search: Search,
    meaning: Vec<Literal>,
}

enum Search {
    /// Vector code (Teddy), where the processor has it.
    Packed(Searcher),
    Automaton(AhoCorasick),
}

impl Literals {
    /// The set, compiled on first use; it is the same for everybody.
    pub(crate) fn get() -> &'static Self {
        static SET: OnceLock<Literals> = OnceLock::new();
        SET.get_or_init(Self::compile)
    }

    /// Calls `hit` with what each literal starts, where it starts and where it ends.
    pub(crate) fn each(&self, bytes: &[u8], mut hit: impl FnMut(Literal, usize, usize)) {
        let mut report = |pattern: usize, start, end| {
            if let Some(&literal) = self.meaning.get(pattern) {
                hit(literal, start, end);
            }
        };
        match &self.search {
            Search::Packed(s) => s
                .find_iter(bytes)
                .for_each(|m| report(m.pattern().as_usize(), m.start(), m.end())),
            Search::Automaton(s) => s
                .find_iter(bytes)
                .for_each(|m| report(m.pattern().as_usize(), m.start(), m.end())),
        }
    }

    fn compile() -> Self {
        let mut patterns: Vec<String> = TOKENS.iter().map(|t| t.prefix.to_owned()).collect();
        let mut meaning: Vec<Literal> = (0..TOKENS.len()).map(Literal::Token).collect();
        patterns.push("eyJ".to_owned());
        meaning.push(Literal::Jwt);
        for (word, literal) in WORDS {
            let (first, rest) = word.split_at(1);
            for form in [(*word).to_owned(), word.to_uppercase(), first.to_uppercase() + rest] {
                patterns.push(form);
                meaning.push(*literal);
            }
        }
        let packed = Config::new()
            .heuristic_pattern_limits(false)
            .builder()
            .extend(&patterns)
            .build();
        let search = match packed {
            Some(searcher) => Search::Packed(searcher),
            None => Search::Automaton(automaton(&patterns, false)),
        };
        Self { search, meaning }
    }
}

/// An automaton over `patterns`; the set is bounded by us or by what a director typed, so building it can't exceed its
/// limits (2^31 states), and a set that did would be a set of nothing.
pub(crate) fn automaton<P: AsRef<[u8]>>(patterns: &[P], any_case: bool) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(any_case)
        .build(patterns)
        .expect("fewer than 2^31 states")
}
