//! Ids without a check digit, by the words before them: medical records, passports, driving licences.

use domain::finding::FindingKind;

use super::text::{Context, before, between, byte, run, skip_word, word_before};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        confidence: Confidence::Likely,
        context: &["mrn", "medical record"],
        examples: &[
            "MRN: «00456123»",
            "medical record number: «MR-445566»",
            "mrn=«E1234567»",
            "medical_record_number=«00456123»",
            "<MedicalRecordNumber>«00456123»<",
            "\"medicalRecordNo\": \"«00456123»\"",
        ],
        counter_examples: &["mrn: none", "mrn 12", "MRNA 12345678", "medical records 20240115"],
        ..Rule::certain(
            "mrn.context",
            FindingKind::HealthId,
            "5 to 12 characters, most of them digits",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Likely,
        context: &["passport"],
        examples: &[
            "Passport No: «C01X00T47»",
            "passport number «123456789»",
            "<PassportNumber>«536019593»<",
            "passportNo=«C01X00T47»",
        ],
        counter_examples: &["passport expired 2024", "passport: none", "passport notes 20240115"],
        ..Rule::certain(
            "passport.context",
            FindingKind::DocumentId,
            "7 to 9 capitals and digits, four digits at least",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Likely,
        context: &["driver's license", "driving licence"],
        examples: &[
            "Driver's License: «D1234567»",
            "driving licence no «MORGA657054SM9IJ»",
            "DriverLicenseNumber    REG_SZ    «D1234567»",
            "drivers_license_number=«D1234567»",
        ],
        counter_examples: &[
            "License: Apache-2.0",
            "driver license required",
            "driver: i915 license: GPL",
        ],
        ..Rule::certain(
            "licence.context",
            FindingKind::DocumentId,
            "6 to 20 capitals and digits, four digits at least",
        )
    },
];

const JOINTS: &[&str] = &[" ", "_", "-"];
const NUMBER: &[&str] = &["number", "nummer", "num", "no.", "no", "nr.", "nr", "id", "#"];

/// The words that name an id, the last of which ends at `end`, with "number" and the like, and then the id.
fn id(
    bytes: &[u8],
    end: usize,
    lengths: std::ops::RangeInclusive<usize>,
    digits: usize,
) -> Option<std::ops::Range<usize>> {
    let joint = skip_word(bytes, end, JOINTS).unwrap_or(end);
    let name = skip_word(bytes, joint, NUMBER).unwrap_or(end);
    let at = between(bytes, name)?.value;
    let len = run(bytes, at, lengths.end() + 1, |b| {
        b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'
    });
    let next = byte(bytes, at + len);
    let have = bytes[at..at + len].iter().filter(|b| b.is_ascii_digit()).count();
    let whole = !next.is_ascii_alphanumeric() && next != b'_' && byte(bytes, at) != b'-';
    let dated = matches!(next, b'/' | b':') && byte(bytes, at + len + 1).is_ascii_digit();
    (lengths.contains(&len) && have >= digits && whole && !dated).then(|| at..at + len)
}

/// "MRN" or "medical rec", with any joint or none, is at `start..end`.
pub(crate) fn record(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let end = skip_word(bytes, end, &["ord"]).unwrap_or(end);
    id(bytes, end, 5..=12, 4).map(|v| Match::new(FindingKind::HealthId, "mrn.context", v).led_by(start))
}

/// The word "pass" is at `start..end`.
pub(crate) fn passport(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let end = skip_word(bytes, end, &["port"])?;
    id(bytes, end, 7..=9, 4).map(|v| Match::new(FindingKind::DocumentId, "passport.context", v).led_by(start))
}

/// "Licen" is at `start..end`: a licence only if it is a driver's.
pub(crate) fn licence(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let end = skip_word(bytes, end, &["ce", "se"])?;
    let drivers = word_before(bytes, start, &const { Context::new(&["driv"]) });
    let value = drivers.then(|| id(bytes, end, 6..=20, 4)).flatten()?;
    Some(Match::new(FindingKind::DocumentId, "licence.context", value).led_by(start))
}
