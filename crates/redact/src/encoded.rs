//! One layer of encoding (R33): base64 and hex, where what they hide is something strong, and `%XX` as URLs have it.
//!
//! Deliberately absent: a second layer, compression, and values cut by the lines of wrapped base64.

use domain::finding::FindingKind;

use crate::find::Finder;
use crate::matches::Match;
use crate::rule::{Confidence, Rule};
use crate::rules::key;
use crate::rules::text::{before, run, run_back};

/// What is found has the kind of what is hidden.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        examples: &["payload «cGFzc3dvcmQ9aHVudGVyMjI=» end"],
        counter_examples: &["payload aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ= end"],
        ..Rule::certain(
            "encoded.base64",
            FindingKind::Password,
            "decodes to text with a strong finding in it",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &["dump «70617373776f72643d68756e7465723232» end"],
        counter_examples: &[
            "dump 68656c6c6f20776f726c642068656c6c6f end",
            "9e107d9d372bb6826bd81d3542a419d6",
        ],
        ..Rule::certain(
            "encoded.hex",
            FindingKind::Password,
            "decodes to text with a strong finding in it",
        )
    },
];

/// Fewest characters of base64 or hex that are looked into: what fewer can hide is nothing strong.
const LEAST: usize = 20;

/// What a run of base64 characters at `start..end` hides.
pub(crate) fn base64(finder: &Finder, bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let text = bytes.get(start..end).filter(|text| text.len() >= LEAST)?;
    let padding = run(bytes, end, 2, |b| b == b'=');
    let (rule, decoded) = if text.iter().all(u8::is_ascii_hexdigit) {
        ("encoded.hex", unhex(text)?)
    } else {
        ("encoded.base64", unbase64(text)?)
    };
    let kind = strongest(finder, &decoded)?;
    Some(Match::new(kind, rule, start..end + padding))
}

/// The kind of a strong finding in `decoded`.
fn strongest(finder: &Finder, decoded: &[u8]) -> Option<FindingKind> {
    let plain: Vec<u8> = decoded.iter().copied().filter(|b| *b != 0).collect();
    if key::begin(&plain).is_some() {
        return Some(FindingKind::PrivateKey);
    }
    let found = finder.find_decoded(&plain);
    found.iter().map(|m| m.kind).find(|kind| match kind {
        FindingKind::Card
        | FindingKind::CardAuth
        | FindingKind::Secret
        | FindingKind::Password
        | FindingKind::PrivateKey
        | FindingKind::Jwt
        | FindingKind::Ssn
        | FindingKind::Iban => true,
        FindingKind::Email
        | FindingKind::Phone
        | FindingKind::IpAddress
        | FindingKind::MerchantId
        | FindingKind::NationalId
        | FindingKind::HealthId
        | FindingKind::DocumentId
        | FindingKind::MacAddress
        | FindingKind::Term
        | FindingKind::Own => false,
    })
}

/// Whether a decoded byte could be of a text, in UTF-8 or UTF-16. What is none ends the decoding, mostly at its start.
fn is_text(b: u8) -> bool {
    b == 0 || b >= 0x80 || b == b' ' || b.is_ascii_graphic() || b.is_ascii_whitespace()
}

fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let (mut bits, mut have) = (0u32, 0);
    for &b in text {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            let byte = (bits >> have) as u8;
            // Letters outside ASCII are rare where a strong value is: three in a row end it.
            if !is_text(byte) || (byte >= 0x80 && decoded.len() < 3) {
                return None;
            }
            decoded.push(byte);
        }
    }
    Some(decoded)
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, _) = text.as_chunks::<2>();
    pairs
        .iter()
        .map(|[high, low]| {
            let byte = hex(*high)? << 4 | hex(*low)?;
            (is_text(byte) && byte < 0x80).then_some(byte)
        })
        .collect()
}

fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// What a word around the `%` at `at` hides behind its `%XX`. `done` is where the last word looked at ended.
pub(crate) fn percent(finder: &Finder, bytes: &[u8], at: usize, done: &mut usize, found: &mut Vec<Match>) {
    const BEFORE: usize = 256;
    const AFTER: usize = 1024;
    let class = |b: u8| b.is_ascii_graphic() && !matches!(b, b'[' | b']' | b'"' | b'\'' | b'<' | b'>');
    let coded = |i: usize| Some(hex(*bytes.get(i + 1)?)? << 4 | hex(*bytes.get(i + 2)?)?);
    if at < *done || coded(at).is_none() || before(bytes, at) == b'%' {
        return;
    }
    let start = (at - run_back(bytes, at, BEFORE, class)).max(*done);
    let end = at + run(bytes, at, AFTER, class);
    *done = end;
    let (mut decoded, mut places) = (Vec::new(), Vec::new());
    let mut i = start;
    while i < end {
        places.push(i);
        match (bytes[i] == b'%').then(|| coded(i)).flatten() {
            // What would end a line or look like a placeholder's bracket stays apart.
            Some(b) if i + 3 <= end => {
                decoded.push(if matches!(b, b'[' | b']' | b'\n') { b' ' } else { b });
                i += 3;
            }
            _ => {
                decoded.push(bytes[i]);
                i += 1;
            }
        }
    }
    places.push(end);
    for m in finder.find_decoded(&decoded) {
        let (from, to) = (places[m.start], places[m.end]);
        if to - from > m.end - m.start || m.context < m.start {
            found.push(Match {
                context: places[m.context],
                start: from,
                end: to,
                ..m
            });
        }
    }
}
