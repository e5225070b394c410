//! The literal pass: words that a rule starts from. The first pass over a view tells where one may start ([`Heads`]); what
//! stands there is looked up by its first bytes.

mod heads;

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::classes::{Class, Classes};
use crate::rules::command::Takes;
use crate::rules::text::starts;

pub(crate) use heads::Heads;

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
    /// What a private key's first line has.
    PrivateKey,
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
    ("private", Literal::PrivateKey),
];

/// How many bytes of a word the first pass looks at.
pub(crate) const HEAD: usize = 4;
/// How many are looked at next; no word is shorter.
const SHORTEST: usize = 3;

/// The set, made ready to be searched for.
pub(crate) struct Literals {
    /// Where words may start.
    heads: Heads,
    /// For each slot of first bytes its place in `words`: those of four bytes, then those of words that have three. A byte each,
    /// so that all stay in the nearest cache.
    slots: Box<[[u8; SLOTS]; 2]>,
    /// The words of each slot that has any; none has the first place.
    words: Vec<Vec<(&'static str, Literal)>>,
    /// The place of what a private key's first line has.
    private: u8,
}

/// Where words of a text may be.
#[derive(Default)]
pub(crate) struct Words {
    /// Each place, and in its last two bytes those of its slots in `Literals::words`; behind `len` of them is room.
    places: Vec<u64>,
    len: usize,
    /// Whether one of them may be what a private key's first line has.
    pub(crate) private: bool,
}

impl Literals {
    /// The set, made on first use; it is the same for everybody.
    pub(crate) fn get() -> &'static Self {
        static SET: OnceLock<Literals> = OnceLock::new();
        SET.get_or_init(|| {
            let mut slots = Box::new([[0; SLOTS]; 2]);
            let mut words = vec![Vec::new()];
            for (word, literal) in WORDS {
                let [long, short] = slots_of(word.as_bytes(), 0);
                let place = match word.len() {
                    SHORTEST => &mut slots[1][short],
                    _ => &mut slots[0][long],
                };
                if *place == 0 {
                    *place = u8::try_from(words.len()).expect("fewer than 256 words");
                    words.push(Vec::new());
                }
                words[usize::from(*place)].push((*word, *literal));
            }
            let private = |words: &Vec<(_, Literal)>| words.iter().any(|(_, literal)| *literal == Literal::PrivateKey);
            let private = words.iter().position(private).unwrap_or_default();
            Self {
                heads: Heads::of(WORDS.iter().map(|(word, _)| *word)),
                slots,
                words,
                private: u8::try_from(private).expect("fewer than 256 words"),
            }
        })
    }

    pub(crate) fn heads(&self) -> &Heads {
        &self.heads
    }

    /// Looks where words may be in a text of which `classes` are known.
    pub(crate) fn look(&self, bytes: &[u8], classes: &Classes, words: &mut Words) {
        // Which of the heads are no word's can't be guessed by the processor, so they are sorted out without a branch.
        let places = &mut words.places;
        let mut len = 0;
        classes.each(Class::Heads, |at| {
            let [long, short] = slots_of(bytes, at);
            let slots = u16::from(self.slots[0][long]) << 8 | u16::from(self.slots[1][short]);
            if len == places.len() {
                places.resize(2 * len + 64, 0);
            }
            places[len] = (at as u64) << 16 | u64::from(slots);
            len += usize::from(slots != 0);
        });
        let private = places[..len].iter().any(|place| (place >> 8) as u8 == self.private);
        (words.len, words.private) = (len, private);
    }

    /// Calls `hit` with what each word starts, where it starts and where it ends, in any letter case. Words don't overlap:
    /// what begins within one is none.
    pub(crate) fn each(&self, bytes: &[u8], words: &Words, mut hit: impl FnMut(Literal, usize, usize)) {
        let mut done = 0;
        for place in &words.places[..words.len] {
            let (at, long, short) = ((place >> 16) as usize, (place >> 8) as u8, *place as u8);
            if at < done {
                continue;
            }
            let word = |words: u8| {
                let mut words = self.words[usize::from(words)].iter();
                words.find(|(word, _)| starts(&bytes[at..], word))
            };
            if let Some((word, literal)) = word(long).or_else(|| word(short)) {
                done = at + word.len();
                hit(*literal, at, done);
            }
        }
    }
}

/// How many slots the words' first bytes are spread over: so many that most that are no word's meet an empty one.
const SLOTS: usize = 1 << 12;

/// The slots of the four and the three bytes at `at`, in any letter case. Behind the end of a text are zeros.
fn slots_of(bytes: &[u8], at: usize) -> [usize; 2] {
    let rest = bytes.get(at..).unwrap_or_default();
    let head = rest.first_chunk::<HEAD>().copied().unwrap_or_else(|| {
        let mut head = [0; HEAD];
        head.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        head
    });
    // Bit 5 tells small letters from capitals.
    let head = u32::from_le_bytes(head) | 0x2020_2020;
    // Multiplicative hashing (Knuth, TAOCP 6.4) with the golden ratio.
    [head, head & 0x00ff_ffff].map(|head| (head.wrapping_mul(0x9e37_79b1) >> 20) as usize)
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

    /// Each word is found as itself, wherever it stands and in either letter case, by vector code and without, and nothing in
    /// a part of it.
    #[test]
    fn every_word_starts_what_it_is_for() {
        for (word, literal) in WORDS {
            assert!(word.len() >= SHORTEST && *word == word.to_ascii_lowercase(), "{word}");
            let found = |text: &str| {
                let found = Classes::by_all(text.as_bytes()).map(|classes| {
                    let mut found = Vec::new();
                    let mut hit = |what, start, end| found.push((what, start, end));
                    let mut words = Words::default();
                    Literals::get().look(text.as_bytes(), &classes, &mut words);
                    Literals::get().each(text.as_bytes(), &words, &mut hit);
                    found
                });
                found.collect::<Vec<_>>()
            };
            let all = |expected: Vec<(Literal, usize, usize)>| vec![expected; Classes::by_all(b"").count()];
            for before in [0, 1, 30, 61, 62, 63, 64, 127, 128] {
                let text = format!("{}{word}\n", "\n".repeat(before));
                let expected = all(vec![(*literal, before, before + word.len())]);
                assert_eq!(found(&text), expected, "{word} at {before}");
                let capitals = text.trim_end_matches('\n').to_ascii_uppercase();
                assert_eq!(found(&capitals), expected, "{word} at {before}");
            }
            let part = found(&word[..word.len() - 1]);
            assert!(part.iter().flatten().all(|(what, ..)| what != literal), "{word}");
        }
    }
}
