//! Sensitive authentication data of cards, in context: CVV, PIN and PIN blocks. Nothing of them is shown.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{before, between, byte, run, run_back, skip_word};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &["cvv", "cvc", "security code"],
        examples: &["cvv: «123»", "CVV2=«1234»;", "Security code «123»", "\"cvc\":\"«123»\""],
        counter_examples: &["cvv: 12345", "cvv missing 1.234", "security updates 123", "cvv: 123.45"],
        ..Rule::certain("card.cvv", FindingKind::CardAuth, "3 or 4 digits after the word")
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &["pin", "pin block"],
        examples: &["PIN: «1234»", "card_pin=«004321»", "PIN block: «0412AC89ABCDEF67»"],
        counter_examples: &["GPIO pin: 12", "pin 1234", "mapping=4321", "PIN: 12:34"],
        ..Rule::certain(
            "card.pin",
            FindingKind::CardAuth,
            "4 to 6 digits assigned to the word, or 16 hex digits",
        )
    },
];

/// CVV, CVC, security code: the word is at `start..end`.
pub(crate) fn cvv(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let word = start - run_back(bytes, start, 3, |b| b.is_ascii_alphabetic());
    let name = &bytes[word..start];
    let code = if name.eq_ignore_ascii_case(b"sec") {
        skip_word(bytes, end, &[" code", "_code", "-code", "code"])?
    } else if name.is_empty() {
        let end = end + usize::from(byte(bytes, end) == b'2');
        skip_word(bytes, end, &[" code", "_code", " number", "code"]).unwrap_or(end)
    } else {
        return None;
    };
    number_after(bytes, code, 3..=4, false).map(|v| Match::new(FindingKind::CardAuth, "card.cvv", v).led_by(word))
}

/// PIN and PIN block: the word is at `start..end`. Only where it is assigned: a pin is a part of a plug too.
pub(crate) fn pin(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let found = |v| Match::new(FindingKind::CardAuth, "card.pin", v).led_by(start);
    if let Some(block) = skip_word(bytes, end, &[" block", "_block", "-block", "block"]) {
        let at = between(bytes, block)?;
        let len = run(bytes, at.value, 17, |b| b.is_ascii_hexdigit());
        return (at.assigned && len == 16).then(|| found(at.value..at.value + len));
    }
    let end = skip_word(bytes, end, &[" code", "_code", " number", "code"]).unwrap_or(end);
    number_after(bytes, end, 4..=6, true).map(found)
}

fn number_after(
    bytes: &[u8],
    name: usize,
    lengths: std::ops::RangeInclusive<usize>,
    assigned: bool,
) -> Option<Range<usize>> {
    let at = between(bytes, name)?;
    let len = run(bytes, at.value, lengths.end() + 1, |b| b.is_ascii_digit());
    let next = byte(bytes, at.value + len);
    let part = next.is_ascii_alphanumeric()
        || matches!(next, b'_' | b'-' | b'/')
        || (matches!(next, b'.' | b':') && byte(bytes, at.value + len + 1).is_ascii_digit());
    (lengths.contains(&len) && !part && (at.assigned || !assigned)).then(|| at.value..at.value + len)
}
