//! The literal pass: words that a rule starts from, all searched for at once in a copy of the view in small letters.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

/// What a literal starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Merchant,
    Terminal,
    /// `MID` or `TID`.
    ShortId,
    Cvv,
    Pin,
    Secret,
    /// `pass`: passwords, passphrases, passports.
    Pass,
    Pwd,
    /// A word for a wireless network's key.
    Psk,
    Key,
    Token,
    Authorization,
    Bearer,
    /// The signature in a URL that grants access.
    Signature,
    /// A command that takes a user's name with the password.
    UserOption,
    /// A command that takes a password after `-p`.
    PasswordOption,
    /// `net user`, `net use`.
    Net,
    /// `/p:` or `/rp`.
    Slash,
    /// `-pw`.
    Putty,
    SecureString,
    Identified,
    /// A hash as `crypt` writes it.
    Crypt,
    Dpapi,
    /// A container of a private key.
    Container,
    Record,
    Licence,
    Insurance,
}

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
    ("pass", Literal::Pass),
    ("pwd", Literal::Pwd),
    ("psk", Literal::Psk),
    ("key", Literal::Key),
    ("token", Literal::Token),
    ("authoriz", Literal::Authorization),
    ("bearer", Literal::Bearer),
    ("sig=", Literal::Signature),
    ("curl", Literal::UserOption),
    ("smbclient", Literal::UserOption),
    ("mysql", Literal::PasswordOption),
    ("docker login", Literal::PasswordOption),
    ("psexec", Literal::PasswordOption),
    ("az login", Literal::PasswordOption),
    ("net use", Literal::Net),
    ("/p:", Literal::Slash),
    ("/rp ", Literal::Slash),
    ("-pw ", Literal::Putty),
    ("securestring", Literal::SecureString),
    ("identified by", Literal::Identified),
    ("$1$", Literal::Crypt),
    ("$5$", Literal::Crypt),
    ("$6$", Literal::Crypt),
    ("$y$", Literal::Crypt),
    ("$2a$", Literal::Crypt),
    ("$2b$", Literal::Crypt),
    ("$2y$", Literal::Crypt),
    ("$argon2", Literal::Crypt),
    ("01000000d08c9ddf", Literal::Dpapi),
    ("aqaaancmnd8bfd", Literal::Dpapi),
    ("pfx", Literal::Container),
    ("p12", Literal::Container),
    ("pkcs", Literal::Container),
    ("mrn", Literal::Record),
    ("medical rec", Literal::Record),
    ("licen", Literal::Licence),
    ("nino", Literal::Insurance),
    ("national ins", Literal::Insurance),
];

/// The compiled set.
pub(crate) struct Literals {
    search: Search,
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

    /// Calls `hit` with what each literal starts, where it starts and where it ends. `small` is in small letters.
    pub(crate) fn each(&self, small: &[u8], mut hit: impl FnMut(Literal, usize, usize)) {
        let mut report = |pattern: usize, start, end| {
            if let Some(&(_, literal)) = WORDS.get(pattern) {
                hit(literal, start, end);
            }
        };
        match &self.search {
            Search::Packed(s) => s
                .find_iter(small)
                .for_each(|m| report(m.pattern().as_usize(), m.start(), m.end())),
            Search::Automaton(s) => s
                .find_iter(small)
                .for_each(|m| report(m.pattern().as_usize(), m.start(), m.end())),
        }
    }

    fn compile() -> Self {
        let patterns: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        let packed = Config::new()
            .heuristic_pattern_limits(false)
            .builder()
            .extend(&patterns)
            .build();
        let search = match packed {
            Some(searcher) => Search::Packed(searcher),
            None => Search::Automaton(automaton(&patterns)),
        };
        Self { search }
    }
}

/// An automaton over `patterns`, in any letter case; the set is bounded by us or by what a director typed, so building it
/// can't exceed its limits (2^31 states), and a set that did would be a set of nothing.
pub(crate) fn automaton<P: AsRef<[u8]>>(patterns: &[P]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(patterns)
        .expect("fewer than 2^31 states")
}
