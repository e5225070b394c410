//! Credentials that name themselves by a prefix, and AWS secret keys by the word before them.

use domain::finding::FindingKind;

use super::text::{before, byte, run};
use crate::matches::Match;

/// A kind of credential.
pub(crate) struct Token {
    pub(crate) rule: &'static str,
    pub(crate) prefix: &'static str,
    /// What may follow the prefix.
    class: fn(u8) -> bool,
    /// How much must follow, in bytes.
    min: usize,
    /// How much can follow.
    max: usize,
}

const fn row(rule: &'static str, prefix: &'static str, class: fn(u8) -> bool, min: usize, max: usize) -> Token {
    Token {
        rule,
        prefix,
        class,
        min,
        max,
    }
}

/// The kinds known, from the issuers' documentation of their formats.
pub(crate) const TOKENS: &[Token] = &[
    row("aws.key_id", "AKIA", upper, 16, 16),
    row("aws.key_id", "ASIA", upper, 16, 16),
    row("aws.key_id", "ABIA", upper, 16, 16),
    row("aws.key_id", "ACCA", upper, 16, 16),
    row("github.token", "ghp_", alnum, 36, 255),
    row("github.token", "gho_", alnum, 36, 255),
    row("github.token", "ghu_", alnum, 36, 255),
    row("github.token", "ghs_", alnum, 36, 255),
    row("github.token", "ghr_", alnum, 36, 255),
    row("github.token", "github_pat_", word, 36, 255),
    row("gitlab.token", "glpat-", dashed, 20, 255),
    row("slack.token", "xoxb-", dashed, 20, 255),
    row("slack.token", "xoxp-", dashed, 20, 255),
    row("slack.token", "xoxa-", dashed, 20, 255),
    row("slack.token", "xoxr-", dashed, 20, 255),
    row("stripe.key", "sk_live_", alnum, 20, 255),
    row("stripe.key", "rk_live_", alnum, 20, 255),
    row("google.key", "AIza", dashed, 35, 35),
    row("npm.token", "npm_", alnum, 36, 36),
];

fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
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

/// Looks for a credential of kind `row` whose prefix is at `start..end`.
pub(crate) fn prefixed(bytes: &[u8], row: usize, start: usize, end: usize) -> Option<Match> {
    let token = TOKENS.get(row)?;
    let len = run(bytes, end, token.max + 1, token.class);
    let free =
        !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end + len.min(token.max)).is_ascii_alphanumeric();
    (free && len >= token.min).then(|| Match::new(FindingKind::Secret, token.rule, start..end + len.min(token.max)))
}

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
