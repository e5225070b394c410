//! Telephone numbers: international with `+` (ITU-T E.164), and the usual US forms.
//!
//! Precision matters more than recall here: timestamps, process ids, versions and sizes make up most of the digits in
//! console output, so a number without `+` needs its punctuation or the word "phone" before it.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{Context, before, behind, byte, run, run_back, stands_alone, word_after, word_before, word_begins};
use crate::groups::{Gap, Group};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        examples: &[
            "«+1 555-123-4567»",
            "tel:«+442079460958»",
            "«+49 (30) 901820» ext",
            "«+47 22 12 34 56»,",
        ],
        counter_examples: &[
            "2024-01-15 10:22:33 +0200",
            "+2024-01-15 added",
            "@@ -1,5 +1,6 @@",
            "+12345678 bytes",
        ],
        ..Rule::certain(
            "phone.international",
            FindingKind::Phone,
            "+, country code and length (ITU-T E.164)",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: WORDS.words,
        version: 2,
        examples: &[
            "call «(555) 123-4567» now",
            "«555-123-4567»",
            "Phone: «5551234567»",
            "homePhone=«5551234567»",
            "phone_number: «5551234567»",
            "PhoneNumber    REG_SZ    «5551234567»",
        ],
        counter_examples: &[
            "5551234567",
            "555 123 4567",
            "12-555-123-4567-89",
            "192.168.100.200",
            "telemetry id 2025550123",
            "Telegram chat 4890513134",
            "callback 2025550123 ms",
            "contacts total 5551234567",
            "call_id=5551234567",
            "contactId: 5551234567 call took 5551234567 ns",
        ],
        ..Rule::certain(
            "phone.us",
            FindingKind::Phone,
            "US forms with their punctuation, or after a word",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: WORDS.words,
        version: 2,
        examples: &[
            "Tel. «020 7946 0958»",
            "phone: «0301234567»",
            "mobile «06 12 34 56 78»",
            "Telefon: «030/23125070»",
        ],
        counter_examples: &[
            "020 7946 0958",
            "0301234567",
            "cellar 0301234567",
            "030/23125070",
            "tel 1030/23125070",
        ],
        ..Rule::certain(
            "phone.national",
            FindingKind::Phone,
            "9 to 12 digits from 0 on, after a word",
        )
    },
];

/// Each is a whole word: what only starts with one says nothing about a number.
const WORDS: Context = Context::new(&[
    "phone ",
    "phones ",
    "phone number",
    "phone no ",
    "phone num ",
    "telephone ",
    "telefon ",
    "telefono ",
    "tel ",
    "call ",
    "calls ",
    "called ",
    "calling ",
    "caller ",
    "mobile ",
    "mobile phone",
    "mobil ",
    "handy ",
    "cell ",
    "cell phone",
    "cellular ",
    "fax ",
    "telefax ",
    "sms ",
    "contact ",
    "rufnummer ",
    "telefonnummer ",
]);

/// Whether a word says that the number at `value` is a telephone's, and neither one for an id nor a unit says otherwise.
fn told(bytes: &[u8], value: &Range<usize>) -> bool {
    let name = value.start
        - run_back(bytes, value.start, 32, |b| {
            matches!(b, b' ' | b'\t' | b':' | b'=' | b'"' | b'\'' | b'>' | b'|')
        });
    let id = behind(bytes, name, "id") && word_begins(bytes, name - 2);
    word_before(bytes, value.start, &WORDS) && !id && !word_after(bytes, value.end, &["ms", "us", "ns", "bytes"])
}

/// Looks for a US number that starts with the first of `groups`. Gives it and how many groups it covers.
pub(crate) fn us(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    let skipped = usize::from(groups.len() > 3 && groups[0].len() == 1 && byte(bytes, groups[0].start) == b'1');
    match &groups[skipped..] {
        [a, b, c, ..] if (a.len(), b.len(), c.len()) == (3, 3, 4) && area(bytes, a) => {
            let open = before(bytes, a.start) == b'(';
            let shape = match (b.gap, c.gap) {
                (Gap::Dash, Gap::Dash) | (Gap::Dot, Gap::Dot) | (Gap::Space, Gap::Dash) => !open,
                (Gap::Paren, Gap::Dash | Gap::Dot | Gap::Space) => open && byte(bytes, a.end) == b')',
                (Gap::Space, Gap::Space) => !open && told(bytes, &(groups[0].start..c.end)),
                _ => false,
            };
            let start = if skipped == 1 {
                groups[0].start
            } else {
                a.start - usize::from(open)
            };
            let value = start..c.end;
            (shape && stands_alone(bytes, &value)).then(|| (found("phone.us", value), skipped + 3))
        }
        [one, ..] if skipped == 0 => {
            let national = match one.len() {
                10 => area(bytes, one),
                11 => byte(bytes, one.start) == b'1' && matches!(byte(bytes, one.start + 1), b'2'..=b'9'),
                _ => false,
            };
            let value = one.start..one.end;
            (national && stands_alone(bytes, &value) && told(bytes, &value)).then(|| (found("phone.us", value), 1))
        }
        _ => None,
    }
}

/// Whether groups of a shape can be the start of a US number.
pub(crate) fn fits(shape: (usize, usize, usize)) -> bool {
    matches!(shape, (3, 3, 4) | (1, 3, 3) | (10 | 11, _, _))
}

/// A national number elsewhere: all of a chain, 0 first, after a word.
#[inline]
pub(crate) fn national(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    let (first, last) = (groups.first()?, groups.last()?);
    if first.gap != Gap::None || byte(bytes, first.start) != b'0' {
        return None;
    }
    let digits: usize = groups.iter().map(Group::len).sum();
    let value = first.start..last.end;
    let shape = (9..=12).contains(&digits);
    (shape && stands_alone(bytes, &value) && told(bytes, &value))
        .then(|| (found("phone.national", value), groups.len()))
}

/// A national number whose area is before a slash (`030/23125070`), at the run of digits behind it.
pub(crate) fn slashed(bytes: &[u8], digits: Range<usize>) -> Option<Match> {
    if before(bytes, digits.start) != b'/' || digits.len() > 9 {
        return None;
    }
    let slash = digits.start - 1;
    let area = slash - run_back(bytes, slash, 6, |b| b.is_ascii_digit());
    let value = area..digits.end;
    ((3..=5).contains(&(slash - area)) && bytes[area] == b'0' && stands_alone(bytes, &value) && told(bytes, &value))
        .then(|| found("phone.national", value))
}

fn area(bytes: &[u8], group: &Group) -> bool {
    matches!(byte(bytes, group.start), b'2'..=b'9')
}

fn found(rule: &'static str, value: Range<usize>) -> Match {
    Match::new(FindingKind::Phone, rule, value)
}

/// Looks for an international number at a `+`.
pub(crate) fn international(bytes: &[u8], plus: usize) -> Option<Match> {
    let prev = before(bytes, plus);
    if prev.is_ascii_alphanumeric() || matches!(prev, b'+' | b'/' | b'-' | b'_' | b'.' | b'^' | b'~' | b'\\') {
        return None;
    }
    // More groups than digits there are not.
    let (mut lens, mut count) = ([0; 15], 0);
    let (mut at, mut digits, mut best) = (plus + 1, 0, None);
    loop {
        let len = run(bytes, at, 16, |b| b.is_ascii_digit());
        digits += len;
        if len == 0 || digits > 15 || (count > 1 && digits > 13) {
            break;
        }
        lens[count] = len;
        count += 1;
        at += len;
        if !byte(bytes, at).is_ascii_alphanumeric() && plausible(&bytes[plus + 1..at], &lens[..count], digits) {
            best = Some(at);
        }
        let gap = run(bytes, at, 2, |b| matches!(b, b' ' | b'-' | b'.' | b'(' | b')'));
        let single = gap == 1 || matches!(bytes.get(at..at + 2), Some(b" (" | b") " | b")-"));
        if gap == 0 || !single {
            break;
        }
        at += gap;
    }
    let end = best?;
    let continued = matches!(byte(bytes, end), b':' | b'.' | b'-' | b'/') && byte(bytes, end + 1).is_ascii_digit();
    (!continued || byte(bytes, end) == b'-').then(|| found("phone.international", plus..end))
}

/// Whether digits in `groups` can be a number with its country code: not a date after a diff's `+`, not an offset.
fn plausible(text: &[u8], groups: &[usize], digits: usize) -> bool {
    let first = byte(text, 0);
    if first == b'0' || matches!(groups, [4, 2, 2, ..]) || matches!(groups, [4 | 2, 2]) {
        return false;
    }
    match groups {
        [_] => digits >= 10,
        _ if first == b'1' => digits == 11,
        _ => digits >= 9,
    }
}
