//! Merchant and terminal ids, by the words before them or as registered for the client.

use domain::finding::FindingKind;

use super::text::{before, between, byte, run, skip_word};
use crate::matches::{Match, touches_placeholder};
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        context: &["merchant", "acceptor", "terminal id", "mid", "tid"],
        examples: &[
            "merchant id: «4000123456789»",
            "MerchantID    REG_SZ    «4000123456789»",
            "MID=«400012345678901»",
            "terminal id: «T0001234»",
        ],
        counter_examples: &[
            "merchant id: unknown",
            "terminal: xterm-256color",
            "tid 4194303",
            "merchants: 12",
        ],
        ..Rule::certain(
            "merchant.context",
            FindingKind::MerchantId,
            "digits enough after the words",
        )
    },
    Rule {
        by_setting: true,
        ..Rule::certain(
            "merchant.registered",
            FindingKind::MerchantId,
            "registered for the client, as a word",
        )
    },
];

const NAMES: &[&str] = &[
    "identifier",
    "identification",
    "id",
    "number",
    "num",
    "nbr",
    "no",
    "#",
    "account",
    "acct",
    "code",
    "ref",
];

/// Whether one of [`NAMES`] can start with a character.
fn starts_name(b: u8) -> bool {
    matches!(b | 0x20, b'i' | b'n' | b'#' | b'a' | b'c' | b'r')
}

/// The word "merchant", "terminal" or "acceptor" is at `start..end`.
pub(crate) fn named(bytes: &[u8], start: usize, end: usize, terminal: bool) -> Option<Match> {
    // "Terminals", "merchandise", "terminal.Open(": most that have the word can be told by the next character.
    let next = byte(bytes, end);
    if next.is_ascii_alphabetic() && !starts_name(next) {
        return None;
    }
    let mut name_end = end;
    let mut named = false;
    for _ in 0..2 {
        let joint = name_end + usize::from(matches!(byte(bytes, name_end), b' ' | b'_' | b'-' | b'.'));
        if !starts_name(byte(bytes, joint)) {
            break;
        }
        match skip_word(bytes, joint, NAMES) {
            // What `#` leads to may follow at once; `between` skips it.
            Some(after) if bytes[after - 1] == b'#' => (name_end, named) = (joint, true),
            Some(after) if !byte(bytes, after).is_ascii_lowercase() => (name_end, named) = (after, true),
            _ => break,
        }
    }
    if terminal && !named {
        return None;
    }
    let at = between(bytes, name_end)?;
    if !named && !at.assigned {
        return None;
    }
    id(bytes, at.value, if named { 4 } else { 8 }, "merchant.context", start)
}

/// The word `MID` or `TID` is at `start..end`. Shorter numbers are thread ids.
pub(crate) fn short(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric()
        || byte(bytes, end).is_ascii_alphanumeric()
        || byte(bytes, end) == b'_'
    {
        return None;
    }
    id(bytes, between(bytes, end)?.value, 8, "merchant.context", start)
}

/// A registered id is at `start..end`: it must be a word by itself.
pub(crate) fn registered(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let free = !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
    (free && !touches_placeholder(bytes, &(start..end)))
        .then(|| Match::new(FindingKind::MerchantId, "merchant.registered", start..end))
}

fn id(bytes: &[u8], start: usize, min: usize, rule: &'static str, context: usize) -> Option<Match> {
    const MAX: usize = 40;
    let len = run(bytes, start, MAX + 1, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
    });
    let value = &bytes[start..start + len];
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let starts_well = value.first().is_some_and(u8::is_ascii_alphanumeric);
    let dotted = byte(bytes, start + len) == b'.' && byte(bytes, start + len + 1).is_ascii_digit();
    let time = byte(bytes, start + len) == b':' && byte(bytes, start + len + 1).is_ascii_digit();
    let mut end = start + len;
    if digits == len && len <= 5 {
        end = spaced(bytes, end);
    }
    let enough = end - start >= min && digits >= 3 && digits * 3 >= len;
    (starts_well && len <= MAX && enough && !dotted && !time)
        .then(|| Match::new(FindingKind::MerchantId, rule, start..end).led_by(context))
}

/// The end of a number written in groups of up to five digits.
fn spaced(bytes: &[u8], mut end: usize) -> usize {
    for _ in 0..4 {
        let len = run(bytes, end + 1, 6, |b| b.is_ascii_digit());
        let next = byte(bytes, end + 1 + len);
        if byte(bytes, end) != b' '
            || len == 0
            || len > 5
            || next.is_ascii_alphabetic()
            || matches!(next, b':' | b'/' | b'.')
        {
            break;
        }
        end += 1 + len;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No name is turned away by its first character.
    #[test]
    fn every_name_starts() {
        for name in NAMES {
            assert!(starts_name(byte(name.as_bytes(), 0)), "{name}");
        }
    }
}
