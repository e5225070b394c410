//! E-mail addresses, found from their `@`; and passwords in URLs, which have one too.

use domain::finding::FindingKind;

use super::text::{before, byte, run, run_back};
use crate::fold::LETTER;
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        examples: &[
            "mail «jane.doe@example.com»,",
            "<«jane+tag@mail.example.co.uk»>",
            "UPN=«jdoe@corp.local»",
        ],
        counter_examples: &[
            "root@server",
            "getty@tty1.service",
            "npm i lodash@4.17.21",
            "git@github.com:org/repo.git",
        ],
        ..Rule::certain(
            "email.address",
            FindingKind::Email,
            "local part, and a domain of two labels or more",
        )
    },
    Rule {
        version: 2,
        examples: &[
            "postgres://app:«s3cret!»@db.internal:5432/x",
            "https://user:«s3cr3t»@host/",
        ],
        counter_examples: &["https://example.com:8443/@scope/pkg", "ssh://git@host/x"],
        ..Rule::certain(
            "secret.url",
            FindingKind::Password,
            "between a user's name and @ in a URL",
        )
    },
];

/// Whether a last label only looks like a top-level domain: file types and systemd's unit types.
fn is_file_type(label: &[u8]) -> bool {
    const LONGEST: usize = 9;
    let mut small = [0; LONGEST];
    let Some(small) = small.get_mut(..label.len()) else {
        return false;
    };
    small.copy_from_slice(label);
    small.make_ascii_lowercase();
    matches!(
        &*small,
        b"service"
            | b"socket"
            | b"slice"
            | b"target"
            | b"timer"
            | b"mount"
            | b"automount"
            | b"path"
            | b"scope"
            | b"device"
            | b"swap"
            | b"conf"
            | b"png"
            | b"jpg"
            | b"jpeg"
            | b"gif"
            | b"svg"
            | b"webp"
            | b"ico"
            | b"css"
            | b"js"
            | b"mjs"
            | b"ts"
            | b"tsx"
            | b"map"
            | b"json"
            | b"xml"
            | b"yml"
            | b"yaml"
            | b"toml"
            | b"html"
            | b"htm"
            | b"txt"
            | b"log"
            | b"dll"
            | b"exe"
            | b"sys"
            | b"msi"
            | b"ps1"
            | b"psm1"
            | b"bat"
            | b"cmd"
            | b"jar"
            | b"so"
            | b"deb"
            | b"rpm"
            | b"whl"
            | b"tgz"
            | b"gz"
            | b"xz"
    )
}

/// Domains behind the names of SSH algorithms (RFC 4251, section 6), which look like addresses and are none.
const ALGORITHMS: &[&str] = &["openssh.com", "libssh.org", "lysator.liu.se"];

/// Looks for an address around the `@` at `at`.
pub(crate) fn at_sign(bytes: &[u8], at: usize) -> Option<Match> {
    if let Some(password) = url_password(bytes, at) {
        return Some(password);
    }
    let local = run_back(bytes, at, 64, |b| {
        b.is_ascii_alphanumeric() || b == LETTER || b"._%+'-".contains(&b)
    });
    let trimmed = bytes[at - local..at]
        .iter()
        .take_while(|b| matches!(b, b'.' | b'\'' | b'-' | b'+' | b'%'))
        .count();
    let start = at - local + trimmed;
    if start == at || byte(bytes, at - 1) == b'.' {
        return None;
    }
    let end = domain_end(bytes, at + 1)?;
    let domain = &bytes[at + 1..end];
    if ALGORITHMS.iter().any(|a| domain.eq_ignore_ascii_case(a.as_bytes())) {
        return None;
    }
    let remote = byte(bytes, end) == b':' && !matches!(byte(bytes, end + 1), b' ' | b'\t' | b'\n' | b'\r');
    if remote && &bytes[start..at] == b"git" {
        return None;
    }
    Some(Match::new(FindingKind::Email, "email.address", start..end))
}

/// The end of a domain name of at least two labels, the last of letters.
fn domain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut labels, mut last, mut end) = (start, 0, start..start, None);
    while labels < 10 {
        let label = run(bytes, at, 63, |b| b.is_ascii_alphanumeric() || b == LETTER || b == b'-');
        if label == 0 || byte(bytes, at) == b'-' {
            break;
        }
        labels += 1;
        last = at..at + label;
        at += label;
        let top = &bytes[last.clone()];
        if labels > 1 && top.len() > 1 && top.iter().all(|b| b.is_ascii_alphabetic() || *b == LETTER) {
            end = Some(last.clone());
        }
        if byte(bytes, at) != b'.' {
            break;
        }
        at += 1;
    }
    let top = end.filter(|e| *e == last)?;
    let name = &bytes[top.clone()];
    (!is_file_type(name)).then_some(top.end)
}

/// `scheme://user:password@host`: the password.
fn url_password(bytes: &[u8], at: usize) -> Option<Match> {
    let part = |b: u8| {
        (b.is_ascii_graphic() && !matches!(b, b'@' | b'/' | b'"' | b'\'' | b'<' | b'>' | b'[' | b']' | b':'))
            || b == LETTER
    };
    let password = run_back(bytes, at, 128, part);
    let colon = at - password;
    if password == 0 || before(bytes, colon) != b':' {
        return None;
    }
    let user = run_back(bytes, colon - 1, 64, part);
    let scheme = bytes[..colon - 1 - user].ends_with(b"://");
    scheme.then(|| Match::new(FindingKind::Password, "secret.url", colon..at).led_by(colon - 1 - user - 3))
}
