//! The literal pass: words that a rule starts from, all searched for at once in a copy of the view in small letters.

mod buckets;

use std::sync::OnceLock;

use aho_corasick::packed::{Config, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

use crate::rules::command::Takes;

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
    Cookie,
    /// An address that is a credential with no long part right behind its host.
    Webhook,
    /// The middle of a client secret of Microsoft's.
    Azure,
    /// A word for a password in another language.
    Foreign,
    /// A program that takes a password among its arguments.
    Program(Takes),
    /// `net user`, `net use`.
    Net,
    /// `/p:` or `/rp`.
    Slash,
    /// `-pw`.
    Putty,
    /// PostgreSQL's port in a line of `.pgpass`.
    Pgpass,
    /// What `expect` sends.
    Send,
    SecureString,
    Identified,
    AddLogin,
    Sudo,
    /// A hash as `crypt` writes it.
    Crypt,
    Dpapi,
    /// A container of a private key.
    Container,
    Record,
    Licence,
    Insurance,
}

use Literal::Program;
use Takes::{Apart, Either, Joined, Second, Slashed, Url, User, Word};

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
    ("cookie", Literal::Cookie),
    ("hooks.slack.com/", Literal::Webhook),
    ("0q~", Literal::Azure),
    ("1q~", Literal::Azure),
    ("2q~", Literal::Azure),
    ("3q~", Literal::Azure),
    ("4q~", Literal::Azure),
    ("5q~", Literal::Azure),
    ("6q~", Literal::Azure),
    ("7q~", Literal::Azure),
    ("8q~", Literal::Azure),
    ("9q~", Literal::Azure),
    ("kennwort", Literal::Foreign),
    ("wachtwoord", Literal::Foreign),
    ("contrase", Literal::Foreign),
    ("curl", Program(User(&["-u", "--user", "-U", "--proxy-user"], b":"))),
    ("smbclient", Program(User(&["-U", "--user"], b"%"))),
    ("rpcclient", Program(User(&["-U", "--user"], b"%"))),
    ("lftp", Program(User(&["-u", "--user"], b","))),
    ("mysql", Program(Joined(&["-p"]))),
    ("docker login", Program(Either(&["-p"]))),
    ("psexec", Program(Apart(&["-p"]))),
    ("az login", Program(Either(&["-p"]))),
    ("mongosh", Program(Apart(&["-p"]))),
    ("mongodump", Program(Apart(&["-p"]))),
    ("mongorestore", Program(Apart(&["-p"]))),
    ("winrs", Program(Apart(&["-p", "/p", "-P", "/P"]))),
    ("certutil", Program(Apart(&["-p", "/p", "-P"]))),
    ("signtool", Program(Apart(&["/p", "-p", "/P"]))),
    ("sqlcmd", Program(Either(&["-P"]))),
    ("bcp ", Program(Either(&["-P"]))),
    ("ipmitool", Program(Apart(&["-P"]))),
    ("mosquitto_", Program(Apart(&["-P", "--pw"]))),
    ("zip ", Program(Apart(&["-P"]))),
    ("unzip ", Program(Apart(&["-P"]))),
    ("7z ", Program(Joined(&["-p"]))),
    ("7za ", Program(Joined(&["-p"]))),
    ("rar ", Program(Joined(&["-p", "-hp"]))),
    ("redis-cli", Program(Apart(&["-a"]))),
    ("ldapsearch", Program(Either(&["-w"]))),
    ("ldapmodify", Program(Either(&["-w"]))),
    ("ldapadd", Program(Either(&["-w"]))),
    ("ldapdelete", Program(Either(&["-w"]))),
    ("ldapwhoami", Program(Either(&["-w"]))),
    ("snmpget", Program(Apart(&["-A", "-X"]))),
    ("snmpwalk", Program(Apart(&["-A", "-X"]))),
    ("snmpset", Program(Apart(&["-A", "-X"]))),
    ("snmpbulk", Program(Apart(&["-A", "-X"]))),
    ("nmcli", Program(Word(&["password", "psk", "wep-key0"]))),
    (
        "rabbitmqctl",
        Program(Second(&["add_user", "change_password", "authenticate_user"])),
    ),
    ("sqlplus", Program(Slashed)),
    ("jdbc:oracle:thin:", Program(Url)),
    ("jdbc:oracle:oci:", Program(Url)),
    ("net use", Literal::Net),
    ("/p:", Literal::Slash),
    ("/rp ", Literal::Slash),
    ("-pw ", Literal::Putty),
    (":5432:", Literal::Pgpass),
    ("send \"", Literal::Send),
    ("send -- \"", Literal::Send),
    ("securestring", Literal::SecureString),
    ("identified by", Literal::Identified),
    ("sp_addlogin", Literal::AddLogin),
    ("sudo -s", Literal::Sudo),
    ("$1$", Literal::Crypt),
    ("$5$", Literal::Crypt),
    ("$6$", Literal::Crypt),
    ("$y$", Literal::Crypt),
    ("$2a$", Literal::Crypt),
    ("$2b$", Literal::Crypt),
    ("$2y$", Literal::Crypt),
    ("$7$", Literal::Crypt),
    ("$8$", Literal::Crypt),
    ("$9$", Literal::Crypt),
    ("$gy$", Literal::Crypt),
    ("$p$", Literal::Crypt),
    ("$h$", Literal::Crypt),
    ("$apr1$", Literal::Crypt),
    ("$argon2", Literal::Crypt),
    ("01000000d08c9ddf", Literal::Dpapi),
    ("aqaaancmnd8bfd", Literal::Dpapi),
    ("pfx", Literal::Container),
    ("p12", Literal::Container),
    ("pkcs", Literal::Container),
    ("mrn", Literal::Record),
    ("medical rec", Literal::Record),
    ("medical_rec", Literal::Record),
    ("medicalrec", Literal::Record),
    ("licen", Literal::Licence),
    ("nino", Literal::Insurance),
    ("national ins", Literal::Insurance),
    ("national_ins", Literal::Insurance),
    ("nationalins", Literal::Insurance),
    ("ni_num", Literal::Insurance),
    ("ni num", Literal::Insurance),
];

/// The compiled set.
pub(crate) struct Literals {
    search: Search,
    /// What each pattern of the search starts.
    starts: Vec<Literal>,
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
            if let Some(&literal) = self.starts.get(pattern) {
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
        let order = buckets::order(WORDS);
        let patterns: Vec<&str> = order.iter().map(|(word, _)| *word).collect();
        let packed = Config::new()
            .heuristic_pattern_limits(false)
            .builder()
            .extend(&patterns)
            .build();
        let search = match packed {
            Some(searcher) => Search::Packed(searcher),
            None => Search::Automaton(automaton(&patterns)),
        };
        Self {
            search,
            starts: order.iter().map(|(_, literal)| *literal).collect(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each word is found as itself, by vector code where there is some.
    #[test]
    fn every_word_starts_what_it_is_for() {
        let set = Literals::get();
        assert!(set.starts.len() <= 128, "Teddy takes no more than {}", set.starts.len());
        #[cfg(target_arch = "x86_64")]
        assert!(!std::arch::is_x86_feature_detected!("avx2") || matches!(set.search, Search::Packed(_)));
        for (word, literal) in WORDS {
            let mut found = Vec::new();
            set.each(format!("\n{word}\n").as_bytes(), |what, start, end| {
                found.push((what, start, end));
            });
            assert_eq!(found, [(*literal, 1, 1 + word.len())], "{word}");
        }
    }
}
