//! Credentials without a prefix of their own, by the words before them: keys, tokens, secrets, request headers, signatures.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{before, between, byte, run, run_back, skip_word};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        context: &["secret"],
        examples: &["aws_secret_access_key = «wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»"],
        counter_examples: &[
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "secrets/kubernetes.io~secret mounted",
        ],
        ..Rule::certain(
            "aws.secret",
            FindingKind::Secret,
            "40 characters of base64 with a digit, after the word",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["secret", "key", "token"],
        examples: &[
            "client_secret=«8Q~4kXbT2hVnGq1LrZs7»",
            "api_key: \"«4f9c2d7e8b1a6053»\"",
            "AccountKey=«Zm9vYmFyYmF6MTIzNDU2Nzg5MA==»;EndpointSuffix=x",
            "\"access_token\":\"«ya9.a0AfH6SMBx12345»\"",
        ],
        counter_examples: &[
            "secret name: prod-db",
            "key: value token: none",
            "sort key=created_at_descending",
            "public_key=4f9c2d7e8b1a6053",
            "monkey=4f9c2d7e8b1a6053",
        ],
        ..Rule::certain(
            "secret.assigned",
            FindingKind::Secret,
            "assigned to a name for one; 12 characters or more, letters and digits",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["authorization", "bearer"],
        examples: &[
            "Authorization: Basic «Ym9iOmh1bnRlcjI=»",
            "Authorization: Bearer «0123456789abcdefXYZ»",
        ],
        counter_examples: &[
            "Authorization: required",
            "authorized bearer of news",
            "bearer token missing",
        ],
        ..Rule::certain(
            "secret.header",
            FindingKind::Secret,
            "after the scheme of a request's header",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["sig="],
        examples: &["?sv=2022&sig=«Zm9vYmFyYmF6MTIzNDU2Nzg5MEFCQ0RFRg%3D%3D»&se=1"],
        counter_examples: &["sig=9", "?sig=$SIG"],
        ..Rule::certain(
            "secret.signature",
            FindingKind::Secret,
            "a signature that grants access in a URL",
        )
    },
];

/// Looks for an AWS secret access key (40 characters of base64) shortly after the word "secret" at `start..end`.
pub(crate) fn aws_secret(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const REACH: usize = 48;
    const LEN: usize = 40;
    let separates = |b: u8| matches!(b, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'>');
    let in_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+');
    let reach = run(bytes, end, REACH, |b| !matches!(b, b'\n' | b'[' | b']'));
    (end + 1..=end + reach)
        .filter(|&at| separates(bytes[at - 1]))
        .find(|&at| {
            run(bytes, at, LEN + 1, in_key) == LEN
                && byte(bytes, at + LEN) != b'='
                && bytes[at..at + LEN].iter().any(u8::is_ascii_digit)
        })
        .map(|at| Match::new(FindingKind::Secret, "aws.secret", at..at + LEN).led_by(start))
}

/// Names that end in "key" and whose values are secret; what stands before that word, without joints.
const KEYS: &[&[u8]] = &[
    b"api",
    b"access",
    b"account",
    b"secret",
    b"private",
    b"encryption",
    b"master",
    b"auth",
    b"signing",
    b"subscription",
    b"shared",
    b"storage",
    b"primary",
    b"secondary",
    b"app",
    b"application",
    b"client",
    b"service",
    b"session",
    b"admin",
    b"deploy",
    b"hmac",
    b"webhook",
    b"crypt",
    b"license",
];

/// The word "key" is at `start..end`.
pub(crate) fn key(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let joint = usize::from(matches!(before(bytes, start), b'_' | b'-' | b' ' | b'.'));
    let name_end = start - joint;
    let len = run_back(bytes, name_end, 16, |b| b.is_ascii_alphabetic());
    let name = &bytes[name_end - len..name_end];
    let known = KEYS
        .iter()
        .any(|k| name.len() >= k.len() && name[name.len() - k.len()..].eq_ignore_ascii_case(k));
    known.then(|| assigned(bytes, name_end - len, end)).flatten()
}

/// The word "token" or "secret" is at `start..end`.
pub(crate) fn word(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let name = skip_word(
        bytes,
        end,
        &["_access_key", "accesskey", "_key", "key", "_value", "value"],
    )
    .unwrap_or(end);
    assigned(bytes, start, name)
}

fn assigned(bytes: &[u8], start: usize, name: usize) -> Option<Match> {
    const LEAST: usize = 12;
    let at = between(bytes, name)?;
    let close = bytes[name..at.value].iter().filter(|b| **b == b' ').count() <= 2;
    let value = credential(bytes, at.value)?;
    let written = &bytes[value.clone()];
    let digits = written.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = written.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mixed = digits >= 2 && letters >= 2;
    let path = written.contains(&b'/') && matches!(written[0], b'/' | b'.');
    (at.assigned && close && mixed && !path && written.len() >= LEAST)
        .then(|| Match::new(FindingKind::Secret, "secret.assigned", value).led_by(start))
}

/// As far as the characters of credentials go from `at`.
fn credential(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    let len = run(bytes, at, LONGEST, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%')
    });
    // A JSON Web Token is one of its own kind.
    let token = bytes[at..at + len].starts_with(b"eyJ") && bytes[at..at + len].contains(&b'.');
    (len > 0 && !token && byte(bytes, at + len) != b'(').then_some(at..at + len)
}

/// The word "Authoriz" is at `start..end`: the header's value after its scheme.
pub(crate) fn authorization(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let name = skip_word(bytes, end, &["ation"])?;
    let at = between(bytes, name).filter(|at| at.assigned)?.value;
    let scheme = skip_word(
        bytes,
        at,
        &[
            "basic ",
            "bearer ",
            "token ",
            "digest ",
            "apikey ",
            "negotiate ",
            "ntlm ",
        ],
    )?;
    header(bytes, scheme, 8).map(|m| m.led_by(start))
}

/// The word "bearer" is at `start..end`.
pub(crate) fn bearer(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let at = (byte(bytes, end) == b' ').then_some(end + 1)?;
    let m = header(bytes, at, 20)?;
    let digits = bytes[m.start..m.end].iter().any(u8::is_ascii_digit);
    digits.then(|| m.led_by(start))
}

fn header(bytes: &[u8], at: usize, least: usize) -> Option<Match> {
    let value = credential(bytes, at)?;
    (value.len() >= least).then(|| Match::new(FindingKind::Secret, "secret.header", value))
}

/// `sig=` is at `start..end`.
pub(crate) fn signature(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LEAST: usize = 24;
    let value = credential(bytes, end)?;
    let inside = matches!(before(bytes, start), b'?' | b'&' | b';' | b' ' | b'"');
    (inside && value.len() >= LEAST).then(|| Match::new(FindingKind::Secret, "secret.signature", value).led_by(start))
}
