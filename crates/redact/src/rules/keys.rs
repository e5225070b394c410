//! Credentials that name themselves by a prefix: one table for each field, with prefix, alphabet and length.
//!
//! A candidate is a run of letters, digits, `_` and `-` of at least 16 bytes; a prefix is looked up at its start and behind
//! each joint in it, so that the number of kinds costs nothing.

mod cloud;
mod code;
mod services;
pub(crate) mod shapes;

use std::sync::OnceLock;

use domain::finding::FindingKind;

use super::text::{before, byte, run, run_back};
use crate::classes::{Class, Classes};
use crate::matches::Match;
use crate::rule::Rule;

/// A kind of credential.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) rule: Rule,
    pub(crate) prefix: &'static str,
    /// What may follow the prefix.
    pub(crate) class: fn(u8) -> bool,
    /// How much must follow, in bytes.
    pub(crate) min: usize,
    /// How much can follow.
    pub(crate) max: usize,
    /// How many letters and digits, and a dot, are before the prefix where the credential is written whole.
    pub(crate) head: usize,
}

const fn row(id: &'static str, prefix: &'static str, class: fn(u8) -> bool, min: usize, max: usize) -> Token {
    Token {
        rule: Rule::certain(id, FindingKind::Secret, "prefix, alphabet and length of the issuer"),
        prefix,
        class,
        min,
        max,
        head: 0,
    }
}

/// The second version of a kind's rule.
const fn second(mut token: Token) -> Token {
    token.rule.version = 2;
    token
}

/// Every kind.
pub(crate) fn tokens() -> impl Iterator<Item = &'static Token> {
    [cloud::TOKENS, code::TOKENS, services::TOKENS].into_iter().flatten()
}

/// For each kind what `in_run` looks for as a regular expression, without the check of what surrounds it.
pub(crate) fn patterns() -> impl Iterator<Item = String> {
    tokens().map(|token| {
        let escaped = |b: u8| format!(r"\x{b:02x}");
        let prefix: String = token.prefix.bytes().map(escaped).collect();
        let class: String = (0..128).filter(|b| (token.class)(*b)).map(escaped).collect();
        format!("{prefix}[{class}]{{{},{}}}", token.min, token.max)
    })
}

fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

fn hex(b: u8) -> bool {
    b.is_ascii_hexdigit()
}

fn alnum(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn dashed(b: u8) -> bool {
    word(b) || b == b'-'
}

fn dotted(b: u8) -> bool {
    dashed(b) || b == b'.'
}

fn base64(b: u8) -> bool {
    dashed(b) || matches!(b, b'+' | b'/' | b'=')
}

fn dollar(b: u8) -> bool {
    word(b) || b == b'$'
}

fn path(b: u8) -> bool {
    dotted(b) || matches!(b, b'/' | b'@')
}

/// The kinds by how their prefixes start.
struct Index {
    /// A bit for each pair of first characters (of six bits each).
    pairs: [u64; 64],
    /// Kinds whose prefix is a part of a run, by that pair.
    within: Vec<(u16, &'static Token)>,
    /// Kinds whose prefix has other characters too, with how much of it is before the run.
    across: Vec<(usize, &'static Token)>,
}

fn pair(bytes: &[u8], at: usize) -> u16 {
    let [first, second] = bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or([b'\n'; 2], |pair| *pair);
    u16::from(first & 63) << 6 | u16::from(second & 63)
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index {
            pairs: [0; 64],
            within: Vec::new(),
            across: Vec::new(),
        };
        for token in tokens() {
            let prefix = token.prefix.as_bytes();
            match prefix.iter().rposition(|b| !dashed(*b)) {
                Some(at) => index.across.push((at + 1, token)),
                None => {
                    let pair = pair(prefix, 0);
                    index.pairs[usize::from(pair >> 6)] |= 1 << (pair & 63);
                    index.within.push((pair, token));
                }
            }
        }
        index.within.sort_by_key(|(pair, _)| *pair);
        index
    })
}

/// Looks for credentials in the run of letters, digits, `_` and `-` at `start..end`.
pub(crate) fn in_run(bytes: &[u8], classes: &Classes, start: usize, end: usize, found: &mut Vec<Match>) {
    let index = index();
    let joined = matches!(before(bytes, start), b'.' | b'/' | b':' | b'$' | b'~');
    if joined {
        for (head, token) in &index.across {
            if let Some(from) = start.checked_sub(*head)
                && bytes[from..].starts_with(token.prefix.as_bytes())
            {
                found.extend(prefixed(bytes, token, from));
            }
        }
    }
    let mut at = start;
    while at + 8 <= end {
        let pair = pair(bytes, at);
        if index.pairs[usize::from(pair >> 6)] & 1 << (pair & 63) != 0 {
            let mut m = kinds(index, pair).filter_map(|t| {
                bytes[at..]
                    .starts_with(t.prefix.as_bytes())
                    .then(|| prefixed(bytes, t, at))
                    .flatten()
            });
            if let Some(m) = m.next() {
                at = m.end.max(at + 1);
                found.push(m);
                continue;
            }
        }
        at = classes.next(Class::Joins, at, end) + 1;
    }
}

/// Looks for one at `start`, where a run of base64 starts.
pub(crate) fn at_base64(bytes: &[u8], start: usize) -> Option<Match> {
    let pair = pair(bytes, start);
    kinds(index(), pair)
        .filter(|t| bytes[start..].starts_with(t.prefix.as_bytes()))
        .find_map(|t| prefixed(bytes, t, start))
}

fn kinds(index: &Index, pair: u16) -> impl Iterator<Item = &'static Token> {
    let from = index.within.partition_point(|(p, _)| *p < pair);
    index.within[from..]
        .iter()
        .take_while(move |(p, _)| *p == pair)
        .map(|(_, t)| *t)
}

/// A webhook's address, whose host is at `start`. What follows the prefix can be shorter than the runs that are looked at.
pub(crate) fn webhook(bytes: &[u8], start: usize) -> Option<Match> {
    let mut across = index().across.iter().map(|(_, token)| *token);
    across.find_map(|t| {
        let fits = bytes[start..].starts_with(t.prefix.as_bytes());
        fits.then(|| prefixed(bytes, t, start)).flatten()
    })
}

/// A credential of a kind whose prefix is at `start`.
fn prefixed(bytes: &[u8], token: &'static Token, start: usize) -> Option<Match> {
    let end = start + token.prefix.len();
    let len = run(bytes, end, token.max + 1, token.class);
    let free =
        !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end + len.min(token.max)).is_ascii_alphanumeric();
    // What may stand before the prefix, where all of it does.
    let head = run_back(bytes, start.saturating_sub(1), token.head + 1, alnum);
    let from = match before(bytes, start) {
        b'.' if token.head > 0 && head == token.head => start - 1 - head,
        _ => start,
    };
    (free && len >= token.min).then(|| Match::new(FindingKind::Secret, token.rule.id, from..end + len.min(token.max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    /// A value of `len` characters that a kind takes.
    fn made(token: &Token, len: usize) -> String {
        let class = b"7kQ2mZ9bXc4RaT8d1FeA0B3C5D6E"
            .iter()
            .copied()
            .filter(|b| (token.class)(*b));
        class.cycle().take(len).map(char::from).collect()
    }

    /// R32: every kind is found at its shortest and its longest, and not one character shorter nor within a word.
    #[test]
    fn every_kind_is_found_by_its_own_rule() {
        let found = |text: &str| {
            let out = crate::redact(&Settings::default(), domain::sensitive::Raw::new(text));
            let rules = out.findings().iter().map(|f| f.rule.clone());
            rules.zip(out.sources().to_vec()).collect::<Vec<_>>()
        };
        let mut wrong = Vec::new();
        for token in tokens() {
            for len in [token.min, token.max.min(1200)] {
                let value = format!("{}{}", token.prefix, made(token, len));
                let hits = found(&format!("found {value} here"));
                if !hits.iter().any(|(_, place)| *place == (6..6 + value.len() as u64)) {
                    wrong.push(format!("{} {} of {len}: {hits:?}", token.rule.id, token.prefix));
                }
            }
            let short = format!("found {}{} here", token.prefix, made(token, token.min - 1));
            let within = format!("foundx{}{} here", token.prefix, made(token, token.min));
            for text in [short, within] {
                if found(&text)
                    .iter()
                    .any(|(rule, place)| rule == token.rule.id && place.start == 6)
                {
                    wrong.push(format!("{} in {text}", token.rule.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// R32: what is not a run by itself: short parts behind a host, what stands before a prefix or behind a run.
    #[test]
    fn credentials_of_several_parts_are_found_whole() {
        let body = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(6);
        let parts = |prefix: &str, rest: &str| format!("{prefix}{rest}");
        let values = [
            parts(
                "hooks.slack.com/services/",
                &format!("T5KXGSYMQ/BU32IH2AFVB/{}", &body[..24]),
            ),
            parts(
                "hooks.slack.com/workflows/",
                &format!("T5KXGSYMQ/A1B2C3D4E/123456789/{}", &body[..24]),
            ),
            parts("abcdefghij1234.atlas", &format!("v1.{}", &body[..67])),
            parts(
                "access_token$produc",
                &format!("tion${}${}", &body[20..36], &body[..32]),
            ),
            parts("ATATT3xF", &format!("fGF0{}=FE3D44E2", &body[..171])),
        ];
        for value in values {
            let text = format!("x={value} end");
            let out = crate::redact(&Settings::default(), domain::sensitive::Raw::new(&text));
            assert_eq!(out.text(), "x=[secret] end", "{text}");
        }
        for text in ["hooks.slack.com/services/T5KXGSYMQ", "see hooks.slack.com/ for more"] {
            let out = crate::redact(&Settings::default(), domain::sensitive::Raw::new(text));
            assert_eq!(out.text(), text);
        }
    }

    /// R32: there are at least 150 kinds.
    #[test]
    fn there_are_at_least_150_kinds() {
        let mut kinds: Vec<(&str, &str)> = tokens().map(|t| (t.rule.id, t.prefix)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert!(kinds.len() >= 150, "{}", kinds.len());
    }
}
