//! The passes over a view that find candidates, and which rules look at them.

mod digits;

pub(crate) use digits::MIN_DIGITS;

use std::ops::Range;

use domain::finding::FindingKind;

use self::digits::Digits;
use crate::candidates::MIN_RUN;
use crate::classes::Class;
use crate::encoded;
use crate::literals::{Literal, Literals, Words};
use crate::matches::{Match, merge};
use crate::number::Numbers;
use crate::rules::keys::shapes;
use crate::rules::listed::Lists;
use crate::rules::{
    assigned, auth, command, context, email, ip, jwt, keys, letters, login, merchant, password, phone, stored,
};
use crate::scan::Scan;
use crate::settings::Settings;
use crate::view::View;

/// The rules as set for one client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Finder {
    ip_addresses: bool,
    mac_addresses: bool,
    lists: Lists,
    /// A bit for each kind that is turned off.
    off: u32,
    pub(crate) numbers: Option<Numbers>,
}

impl Finder {
    pub(crate) fn new(settings: &Settings) -> Self {
        let off = settings.off.iter().filter(|kind| kind.can_be_off());
        Self {
            ip_addresses: settings.ip_addresses,
            mac_addresses: settings.mac_addresses,
            lists: Lists::new(settings),
            off: off.fold(0, |bits, kind| bits | bit(*kind)),
            numbers: settings.session_key.as_ref().and_then(Numbers::new),
        }
    }

    /// What is found in a view of which `scan` is the first look, in order, not overlapping, in positions of the view. What
    /// ends before the view's floor is left out. `open_end`: whether the line goes on behind the view.
    pub(crate) fn find(&self, view: &View<'_>, scan: &Scan, open_end: bool) -> Vec<Match> {
        let mut found = self.passes(view.bytes(), scan, open_end, true);
        found.retain(|m| m.end > view.floor());
        merge(found)
    }

    /// What is found in bytes that were made from a view, without looking for encodings in them.
    pub(crate) fn find_decoded(&self, bytes: &[u8]) -> Vec<Match> {
        let mut scan = Scan::default();
        self.look(bytes, &mut scan);
        merge(self.passes(bytes, &scan, false, false))
    }

    /// What a text itself holds of a client's lists; see [`Lists::find_wide`].
    pub(crate) fn find_wide(&self, text: &str, range: Range<usize>, found: &[Match], new: &mut Vec<Match>) {
        let before = new.len();
        self.lists.find_wide(text, range, found, new);
        self.keep_wanted(before, new);
    }

    fn keep_wanted(&self, from: usize, found: &mut Vec<Match>) {
        if self.off != 0 {
            let mut at = 0;
            found.retain(|m| {
                at += 1;
                at <= from || self.off & bit(m.kind) == 0
            });
        }
    }

    /// Looks at any bytes for the first time.
    pub(crate) fn look(&self, bytes: &[u8], scan: &mut Scan) {
        scan.look(bytes, self.ip_addresses);
    }

    /// Looks at a text for the first time if it is its own view. Gives whether it is.
    pub(crate) fn look_if_plain(&self, bytes: &[u8], scan: &mut Scan) -> bool {
        scan.look_if_plain(bytes, self.ip_addresses)
    }

    fn passes(&self, bytes: &[u8], scan: &Scan, open_end: bool, decode: bool) -> Vec<Match> {
        let mut found = Vec::new();
        let Scan {
            classes,
            candidates,
            words: places,
        } = scan;
        let mut digits = Digits::of(bytes, classes, self.ip_addresses);
        candidates.numbers(|number| digits.number(number, &mut found));
        candidates.capitals(|at| found.extend(letters::capitals(bytes, at)));
        candidates.digits(classes, |digits| {
            let (start, end) = (digits.start, digits.end);
            let other = || letters::registrant(bytes, start, end).or_else(|| phone::slashed(bytes, start..end));
            found.extend(letters::spanish(bytes, digits).or_else(other));
        });
        self.tokens(bytes, scan, open_end, decode, &mut found);
        words(bytes, places, &mut found);
        let mut decoded = 0;
        classes.each(Class::Marks, |at| match bytes[at] {
            b'@' => found.extend(email::at_sign(bytes, at)),
            b'+' => found.extend(phone::international(bytes, at)),
            _ if decode => encoded::percent(self, bytes, at, &mut decoded, &mut found),
            _ => {}
        });
        if self.ip_addresses || self.mac_addresses {
            self.addresses(bytes, &mut found);
        }
        self.lists.find(bytes, &mut found);
        self.keep_wanted(0, &mut found);
        found
    }

    fn addresses(&self, bytes: &[u8], found: &mut Vec<Match>) {
        let mut done = 0;
        for at in memchr::memchr2_iter(b':', b'-', bytes) {
            if self.mac_addresses {
                found.extend(ip::mac(bytes, at));
            }
            if self.ip_addresses && bytes[at] == b':' {
                found.extend(ip::v6(bytes, at, &mut done));
            }
        }
    }

    /// Runs of letters, digits, `_` and `-`: credentials with a prefix, tokens, and what is encoded.
    fn tokens(&self, bytes: &[u8], scan: &Scan, open_end: bool, decode: bool, found: &mut Vec<Match>) {
        let mut decoded = 0;
        scan.candidates.tokens(&scan.classes, |token, wide| {
            let (start, end) = (token.start, token.end);
            if end - start >= MIN_RUN {
                if bytes[start..].starts_with(b"eyJ") {
                    found.extend(jwt::token(bytes, start, open_end));
                }
                keys::in_run(bytes, &scan.classes, start, end, found);
                found.extend(shapes::in_run(bytes, start, end));
            }
            if start >= decoded {
                let from = wide.start.max(start.saturating_sub(256)).max(decoded);
                decoded = wide.end;
                if decoded - from >= MIN_RUN && from < start {
                    found.extend(keys::at_base64(bytes, from));
                }
                if decode {
                    found.extend(encoded::base64(self, bytes, from, decoded));
                }
            }
        });
    }
}

/// What rules find from the words that they start from.
fn words(bytes: &[u8], words: &Words, found: &mut Vec<Match>) {
    Literals::get().each(bytes, words, |literal, start, end| {
        let m = match literal {
            Literal::Merchant => merchant::named(bytes, start, end, false),
            Literal::Terminal => merchant::named(bytes, start, end, true),
            Literal::ShortId => merchant::short(bytes, start, end),
            Literal::Cvv => auth::cvv(bytes, start, end),
            Literal::Pin => auth::pin(bytes, start, end),
            Literal::Secret => assigned::aws_secret(bytes, start, end)
                .or_else(|| assigned::word(bytes, start, end))
                .or_else(|| command::router(bytes, start, end)),
            Literal::Pass => password::named(bytes, start, end).or_else(|| context::passport(bytes, start, end)),
            Literal::Pwd => password::short(bytes, start, end),
            Literal::Psk => stored::psk(bytes, start, end),
            Literal::Key => stored::wireless(bytes, start, end).or_else(|| assigned::key(bytes, start, end)),
            Literal::Token => assigned::word(bytes, start, end),
            Literal::Authorization => assigned::authorization(bytes, start, end),
            Literal::Bearer => assigned::bearer(bytes, start, end),
            Literal::Signature => assigned::signature(bytes, start, end),
            Literal::Cookie => {
                assigned::cookie(bytes, start, end, found);
                None
            }
            Literal::Webhook => keys::webhook(bytes, start),
            Literal::Azure => shapes::azure(bytes, start),
            Literal::Foreign => password::foreign(bytes, start, end),
            Literal::Program(takes) => {
                command::program(bytes, (start, end), takes, found);
                None
            }
            Literal::Net => command::net(bytes, start, end),
            Literal::Slash => command::slash(bytes, start, end),
            Literal::Putty => command::putty(bytes, start, end),
            Literal::Pgpass => login::pgpass(bytes, start, end),
            Literal::Send => login::expect(bytes, start, end),
            Literal::SecureString => command::secure_string(bytes, end),
            Literal::Identified => command::identified(bytes, end),
            Literal::AddLogin => command::login(bytes, end),
            Literal::Sudo => command::sudo(bytes, start, end),
            Literal::Crypt => stored::crypt(bytes, start, end),
            Literal::Dpapi => stored::dpapi(bytes, start, end),
            Literal::Container => stored::container(bytes, end),
            Literal::Record => context::record(bytes, start, end),
            Literal::Licence => context::licence(bytes, start, end),
            Literal::Insurance => letters::insurance_spaced(bytes, start, end),
            // Keys are looked for before all else (`key::begin`).
            Literal::PrivateKey => None,
        };
        found.extend(m);
    });
}

fn bit(kind: FindingKind) -> u32 {
    1 << (kind as u32)
}

#[cfg(test)]
mod tests {
    use domain::sensitive::Raw;

    use crate::Settings;
    use crate::rules::text::steps;

    /// What makes rules look far, and often, for nothing or for something.
    const NASTY: &[&str] = &[
        "eyJ",
        "eyJ.",
        "password=",
        "password: ",
        "-p ",
        "curl -u ",
        "net user ",
        "net use /user:",
        "mysql ",
        "sk-",
        "xoxb-",
        "github_pat_",
        "%41",
        "%",
        "a@",
        "@a.",
        "+1 ",
        "4242 ",
        "4243-",
        "42424242424242424242",
        "7",
        "1.1.",
        "AB12",
        "ABCDEF12",
        "12345678",
        "key=",
        "api_key=a1",
        "secret ",
        "token=",
        "sig=",
        "$6$",
        "01000000d08c9ddf",
        "pfx MII",
        "licen driv",
        "mrn ",
        "pin:",
        "cvv ",
        "merchant ",
        "mid=",
        "A",
        "ab/cd+",
        "NDI0",
        "34",
        ":",
        "::1",
        "[secret]",
        "[",
        "]",
        "\r",
        "42\r",
        "\u{1b}[",
        "\u{1b}]",
        "\u{8}",
        "x\u{8}",
        "\u{feff}",
        "https://u:",
        "securestring '",
        "<Value>",
        "Private-Lines: ",
        "-----BEGIN ",
        "PRIVATE KEY",
        "passwd --stdin",
        "chpasswd|",
        "password is ",
        "password for ",
        "login a password ",
        "password='a\\'",
        "define('password','",
        "mosquitto_ -P ",
        "rabbitmqctl ",
        "sqlplus a/",
        "jdbc:oracle:thin:",
        "sp_addlogin 'a'",
        "a:5432:b:c:",
        "assword send \"",
        "enable secret 0 ",
        "Cookie: ",
        "cookie:sid=a1;",
        "hooks.slack.com/",
        "1q~",
        "secret='a1b2",
        "Mk7Q2mZ9bXc4RaT8d1FeA0B3.Cl2FMQ.",
    ];
    /// Most steps of rules for each byte of the text.
    const BOUND: usize = 700;

    /// R31, and no input is slow: the work grows with the length of a text and no faster, on short lines, on long ones, and
    /// in a text without any line.
    #[test]
    fn work_is_in_proportion_to_the_text() {
        let settings = Settings {
            ip_addresses: true,
            mac_addresses: true,
            ..Settings::default()
        };
        let mut slow = Vec::new();
        for nasty in NASTY {
            let work = |len: usize, line: usize| {
                let mut text = nasty.repeat(len / nasty.len());
                let mut at = line;
                while at < text.len() {
                    at = text.ceil_char_boundary(at);
                    text.insert(at, '\n');
                    at += line;
                }
                steps::since();
                let out = crate::redact(&settings, Raw::new(&text));
                assert!(!out.is_empty());
                steps::since() / text.len().max(1)
            };
            for line in [80, 3500, usize::MAX - 9000] {
                let (small, big) = (work(8_000, line), work(32_000, line));
                if big > BOUND || big > 2 * small + 20 {
                    slow.push(format!(
                        "{nasty:?} in lines of {line}: {small}, then {big} steps a byte"
                    ));
                }
            }
        }
        assert!(slow.is_empty(), "{}", slow.join("\n"));
    }
}
