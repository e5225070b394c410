//! Credentials without a prefix, by their shape alone.
//! Examples are in parts, so that nobody takes them for credentials.
//! Shapes as they are seen in practice, since the issuers promise none.

use std::ops::Range;

use domain::finding::FindingKind;

use super::dashed;
use crate::matches::Match;
use crate::rule::{Confidence, Rule};
use crate::rules::text::{before, byte, run, run_back};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        examples: &[
            concat!("bot «4812345678", ":AAF7kQ2mZ9bXc4RaT8d1FeA0B3C5D6E7f8G»"),
            concat!(
                "https://api.telegram.org/bot«812345678",
                ":AAF7kQ2mZ9bXc4RaT8d1FeA0B3C5D6E7f8G»/getMe"
            ),
        ],
        counter_examples: &[
            "4812345678:AAF7kQ2mZ9bXc4RaT8d1",
            "12:AAF7kQ2mZ9bXc4RaT8d1FeA0B3C5D6E7f8G",
        ],
        ..Rule::certain(
            "telegram.bot",
            FindingKind::Secret,
            "a bot's number, a colon, A and 34 characters",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &[concat!(
            "bot «Mk7Q2mZ9bXc4RaT8d1FeA0B3",
            ".Cl2FMQ.",
            "ZnCjm1XVW7vRze4b7Cq4se7kKWs»"
        )],
        counter_examples: &[
            "MicrosoftSystemComponents.Helper.OrganisationServiceProxyBase",
            "Mk7Q2mZ9bXc4RaT8d1FeA0B3.Cl2FMQ.ZnCjm1XV",
        ],
        ..Rule::certain(
            "discord.bot",
            FindingKind::Secret,
            "three parts of the lengths that bots' tokens have, the first of which starts with M, N or O",
        )
    },
    Rule {
        examples: &[concat!("mailchimp: «4f9c2d7e8b1a60534f9c2d7e8b1a6053", "-us21»")],
        counter_examples: &["4f9c2d7e8b1a60534f9c2d7e8b1a6053-user", "4f9c2d7e8b1a6053-us21"],
        ..Rule::certain(
            "mailchimp.key",
            FindingKind::Secret,
            "32 hex digits and the name of a US data centre",
        )
    },
    Rule {
        examples: &[concat!("value: «x9K8Q", "~kXbT2hVnGq1LrZs7.yF3cWd_eM5pU0aRbq»")],
        counter_examples: &["x9K8Q~kXbT2hVnGq1", "9Q~ of 8Q~"],
        ..Rule::certain(
            "azure.client_secret",
            FindingKind::Secret,
            "four characters, Q~, and 31 to 34 characters",
        )
    },
];

/// Looks for one in the run of letters, digits, `_` and `-` at `start..end`.
pub(crate) fn in_run(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    telegram(bytes, start, end)
        .or_else(|| discord(bytes, start, end))
        .or_else(|| mailchimp(bytes, start, end))
}

fn secret(rule: &'static str, value: Range<usize>) -> Match {
    Match::new(FindingKind::Secret, rule, value)
}

fn telegram(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LEN: usize = 35;
    if end - start != LEN || bytes[start] != b'A' || before(bytes, start) != b':' {
        return None;
    }
    let digits = run_back(bytes, start - 1, 11, |b| b.is_ascii_digit());
    let from = start - 1 - digits;
    // In the API's addresses the number follows the word "bot".
    let free = !before(bytes, from).is_ascii_alphanumeric() || bytes[..from].ends_with(b"/bot");
    ((8..=10).contains(&digits) && free).then(|| secret("telegram.bot", from..end))
}

fn discord(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if !(24..=28).contains(&(end - start)) || !matches!(bytes[start], b'M'..=b'O') || byte(bytes, end) != b'.' {
        return None;
    }
    let middle = run(bytes, end + 1, 8, dashed);
    let last = end + 1 + middle + 1;
    let len = run(bytes, last, 39, dashed);
    let shaped = matches!(middle, 6 | 7) && byte(bytes, last - 1) == b'.' && (27..=38).contains(&len);
    let random = |part: &[u8]| {
        part.iter().any(u8::is_ascii_uppercase)
            && part.iter().any(u8::is_ascii_lowercase)
            && part.iter().any(u8::is_ascii_digit)
    };
    let free = !matches!(before(bytes, start), b'.' | b'/');
    (shaped && free && random(&bytes[start..end]) && random(&bytes[last..last + len]))
        .then(|| secret("discord.bot", start..last + len))
}

fn mailchimp(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const HEX: usize = 32;
    let digits = run_back(bytes, end, 2, |b| b.is_ascii_digit());
    let name = end - digits;
    if digits == 0 || end - start < HEX + 3 + digits || !bytes[..name].ends_with(b"-us") {
        return None;
    }
    let from = name - 3 - HEX;
    let hex = bytes[from..name - 3]
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let free = from == start || matches!(before(bytes, from), b'_' | b'-');
    (hex && free).then(|| secret("mailchimp.key", from..end))
}

/// A client secret of Microsoft's directory, whose digit before `Q~` is at `at`.
pub(crate) fn azure(bytes: &[u8], at: usize) -> Option<Match> {
    let class = |b: u8| dashed(b) || matches!(b, b'.' | b'~');
    let start = at.checked_sub(3)?;
    let rest = at + 3;
    let len = run(bytes, rest, 35, class);
    let fits = bytes[at + 1] == b'Q' && bytes[start..at].iter().all(|b| class(*b)) && (31..=34).contains(&len);
    let free = !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, rest + len).is_ascii_alphanumeric();
    (fits && free).then(|| secret("azure.client_secret", start..rest + len))
}
