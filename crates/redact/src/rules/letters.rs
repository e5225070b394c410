//! Ids of capitals and digits: bank accounts, tax and health ids, by layout and check character. They are found from two
//! capitals before two digits, or from seven digits in a row.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{Context, before, byte, run, run_back, value, word_before};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        examples: &[
            "IBAN «GB29 NWBK 6016 1331 9268 19».",
            "«DE89370400440532013000»",
            "to «NL91ABNA0417164300», ref",
            "account «CZ77 1803 2295 2533 1373 8960»",
        ],
        counter_examples: &[
            "GB29 NWBK 6016 1331 9268 18",
            "DE89370400440532013001",
            "XX8937040044053201",
        ],
        ..Rule::certain(
            "iban.iso",
            FindingKind::Iban,
            "length of its country (ISO 13616), modulus 97",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: NINO,
        examples: &[
            "NINO: «AB123456C»",
            "National Insurance Number: «AB 12 34 56 C»",
            "ni_number=«AB 12 34 56 C»",
            "nino                        : «AB 12 34 56 C»",
            "national insurance «AB 12 34 56 C»",
            "ni=«CE654321A»",
        ],
        counter_examples: &[
            "BG123456A",
            "AB123456E",
            "QQ123456C",
            "AB 12 34 56 C",
            "omni number AB 12 34 56 C",
        ],
        ..Rule::certain("nino.uk", FindingKind::NationalId, "prefixes and suffixes in use")
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &["DNI «12345678Z»", "nie: «X1234567L»", "«X-1234567-L»"],
        counter_examples: &["12345678A", "X1234567A", "f12345678Z"],
        ..Rule::certain("dni.es", FindingKind::NationalId, "letter by modulus 23")
    },
    Rule {
        version: 2,
        examples: &[
            "CF «RSSMRA85M01H501Q»",
            "CF «RSSMRA85M01H50MI»",
            "CF «RSSMRA85MLMHRLMR»",
        ],
        counter_examples: &["RSSMRA85M01H501A", "ABCDEF12G34H567I", "RSSMRA85M01H50MB"],
        ..Rule::certain(
            "codice.it",
            FindingKind::NationalId,
            "layout, month letter, check letter",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &["PAN «ABCPE1234F»"],
        counter_examples: &["ABCXE1234F", "ABCPE12345"],
        ..Rule::certain(
            "pan.in",
            FindingKind::NationalId,
            "layout, and the letter of the holder's kind",
        )
    },
    Rule {
        examples: &["CURP «HEGG560427MVZRRL04»"],
        counter_examples: &["HEGG560427MVZRRL05", "HEGG569927MVZRRL04"],
        ..Rule::certain("curp.mx", FindingKind::NationalId, "layout, date, check digit")
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["rfc"],
        examples: &["RFC «GODE561231GR8»"],
        counter_examples: &["GODE561231GR9", "RFC 2616"],
        ..Rule::certain("rfc.mx", FindingKind::NationalId, "layout, date, check character")
    },
    Rule {
        examples: &["MBI «1EG4-TE5-MK73»", "mbi=«1EG4TE5MK73»"],
        counter_examples: &["1EG4-TE5-MK7", "0EG4TE5MK73", "1SG4TE5MK73"],
        ..Rule::certain("mbi.us", FindingKind::HealthId, "layout of eleven characters (CMS)")
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &["dea"],
        examples: &["DEA «AB1234563»", "DEA «B91234563»"],
        counter_examples: &[
            "DEA AB1234564",
            "KB5034441",
            "AB1234563",
            "DEA B91234564",
            "B91234563",
            "deal AB1234563",
        ],
        ..Rule::certain("dea.us", FindingKind::HealthId, "check digit")
    },
];

const NINO: &[&str] = &["nino", "national insurance", "ni number"];

const DEA: Context = Context::new(&["dea "]);

/// Lengths of IBANs by country (SWIFT, IBAN registry).
const COUNTRIES: &[u8] = b"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22SA24SC31SD18SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20";

/// Looks for an id around two capitals, the second at `at`, that two digits follow.
pub(crate) fn capitals(bytes: &[u8], at: usize) -> Option<Match> {
    const MOST: usize = 6;
    let letters = run_back(bytes, at + 1, MOST + 1, |b| b.is_ascii_uppercase());
    let start = at + 1 - letters;
    let prev = before(bytes, start);
    if prev.is_ascii_digit() || prev == b'-' {
        return medicare(bytes, at - 1);
    }
    if prev.is_ascii_alphabetic() || prev == b'_' {
        return None;
    }
    match letters {
        2 => iban(bytes, start)
            .or_else(|| insurance(bytes, start))
            .or_else(|| dea(bytes, start)),
        3 => mexican(bytes, start, 12),
        4 => curp(bytes, start).or_else(|| mexican(bytes, start, 13)),
        5 => permanent_account(bytes, start),
        6 => codice(bytes, start),
        _ => None,
    }
}

fn found(rule: &'static str, kind: FindingKind, range: Range<usize>) -> Match {
    Match::new(kind, rule, range)
}

/// The word of `len` capitals and digits at `start`, if it ends there.
fn word(bytes: &[u8], start: usize, len: usize) -> Option<&[u8]> {
    let next = byte(bytes, start + len);
    let word = bytes.get(start..start + len)?;
    let fits = word.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (fits && !next.is_ascii_alphanumeric() && next != b'_').then_some(word)
}

fn digits(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit)
}

fn capital(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_uppercase)
}

fn iban(bytes: &[u8], start: usize) -> Option<Match> {
    let country = bytes.get(start..start + 2)?;
    let (rows, _) = COUNTRIES.as_chunks::<4>();
    let row = rows.iter().find(|r| r[..2] == *country)?;
    let len = (value(row[2]) * 10 + value(row[3])) as usize;
    let (mut at, mut have, mut rest) = (start, 0, 0u32);
    let mut head = [0u8; 4];
    while have < len {
        let b = byte(bytes, at);
        // Groups of four, or none.
        if b == b' ' && have % 4 == 0 && have > 0 {
            at += 1;
            continue;
        }
        if !(b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return None;
        }
        match head.get_mut(have) {
            Some(place) => *place = b,
            None => rest = modulo_97(rest, b),
        }
        have += 1;
        at += 1;
    }
    let rest = head.iter().fold(rest, |rest, b| modulo_97(rest, *b));
    let free = !byte(bytes, at).is_ascii_alphanumeric();
    (rest == 1 && free).then(|| found("iban.iso", FindingKind::Iban, start..at))
}

fn modulo_97(rest: u32, b: u8) -> u32 {
    if b.is_ascii_digit() {
        (rest * 10 + value(b)) % 97
    } else {
        (rest * 100 + u32::from(b - b'A') + 10) % 97
    }
}

/// Whether two letters start UK national insurance numbers (HMRC, NIM39110).
fn insurance_prefix(prefix: &[u8]) -> bool {
    let barred = |b: u8| matches!(b, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    prefix.len() == 2
        && !barred(prefix[0])
        && !barred(prefix[1])
        && prefix[1] != b'O'
        && !matches!(prefix, b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ")
}

fn insurance(bytes: &[u8], start: usize) -> Option<Match> {
    let word = word(bytes, start, 9)?;
    let fits = insurance_prefix(&word[..2]) && digits(&word[2..8]) && matches!(word[8], b'A'..=b'D');
    fits.then(|| found("nino.uk", FindingKind::NationalId, start..start + 9))
}

/// A UK national insurance number in its printed form (`AB 12 34 56 C`), after the words at `start..at`.
pub(crate) fn insurance_spaced(bytes: &[u8], start: usize, at: usize) -> Option<Match> {
    const REACH: usize = 48;
    const LEN: usize = 13;
    if before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let fits = |start: usize| {
        bytes.get(start..start + LEN).is_some_and(|text| {
            let blanks = [2, 5, 8, 11].iter().all(|i: &usize| text[*i] == b' ');
            blanks
                && insurance_prefix(&text[..2])
                && capital(&text[..2])
                && [3, 4, 6, 7, 9, 10].iter().all(|i: &usize| text[*i].is_ascii_digit())
                && matches!(text[12], b'A'..=b'D')
                && !before(bytes, start).is_ascii_alphanumeric()
                && !byte(bytes, start + LEN).is_ascii_alphanumeric()
        })
    };
    let reach = run(bytes, at, REACH, |b| !matches!(b, b'\n' | b'[' | b']'));
    let value = (at..at + reach).find(|start| fits(*start))?;
    Some(found("nino.uk", FindingKind::NationalId, value..value + LEN).led_by(start))
}

fn dea(bytes: &[u8], start: usize) -> Option<Match> {
    let word = word(bytes, start, 9)?;
    let d = &word[2..];
    let sum = || value(d[0]) + value(d[2]) + value(d[4]) + 2 * (value(d[1]) + value(d[3]) + value(d[5]));
    let fits = digits(d) && sum() % 10 == value(d[6]);
    (fits && word_before(bytes, start, &DEA)).then(|| found("dea.us", FindingKind::HealthId, start..start + 9))
}

/// A DEA number of a registrant without a name of its own: a letter, 9, seven digits. Its digits are at `start..end`.
pub(crate) fn registrant(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let letter = before(bytes, start);
    let free = || !before(bytes, start - 1).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
    (end - start == 8 && bytes[start] == b'9' && letter.is_ascii_uppercase() && free())
        .then(|| dea(bytes, start - 1))
        .flatten()
}

fn codice(bytes: &[u8], start: usize) -> Option<Match> {
    /// Values of letters in odd places (Decreto Ministeriale 23 December 1976).
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let word = word(bytes, start, 16)?;
    // Where two persons would have the same, digits are replaced by these letters, the last first (omocodia).
    let digit = |b: &u8| b.is_ascii_digit() || b"LMNPQRSTUV".contains(b);
    let layout = capital(&word[..6])
        && word[6..8].iter().all(digit)
        && b"ABCDEHLMPRST".contains(&word[8])
        && word[9..11].iter().all(digit)
        && word[11].is_ascii_uppercase()
        && word[12..15].iter().all(digit)
        && word[15].is_ascii_uppercase();
    let order = |b: u8| {
        if b.is_ascii_digit() {
            value(b)
        } else {
            u32::from(b - b'A')
        }
    };
    let sum: u32 = word[..15]
        .iter()
        .enumerate()
        .map(|(i, b)| if i % 2 == 0 { ODD[order(*b) as usize] } else { order(*b) })
        .sum();
    (layout && sum % 26 == order(word[15])).then(|| found("codice.it", FindingKind::NationalId, start..start + 16))
}

fn permanent_account(bytes: &[u8], start: usize) -> Option<Match> {
    let word = word(bytes, start, 10)?;
    let fits = digits(&word[5..9]) && word[9].is_ascii_uppercase() && b"PCHFATBLJG".contains(&word[3]);
    fits.then(|| found("pan.in", FindingKind::NationalId, start..start + 10))
}

/// Whether six digits are a date (year, month, day).
fn dated(d: &[u8]) -> bool {
    digits(d)
        && matches!((d[2], d[3]), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
        && matches!(d[4], b'0'..=b'3')
        && d[4..6] != *b"00"
}

fn curp(bytes: &[u8], start: usize) -> Option<Match> {
    let word = word(bytes, start, 18)?;
    let layout = dated(&word[4..10])
        && matches!(word[10], b'H' | b'M' | b'X')
        && capital(&word[11..16])
        && word[17].is_ascii_digit();
    // Places in the alphabet that has Ñ after N.
    let order = |b: u8| match b {
        b'0'..=b'9' => value(b),
        b'A'..=b'N' => u32::from(b - b'A') + 10,
        _ => u32::from(b - b'A') + 11,
    };
    let sum: u32 = word[..17].iter().zip((2..=18).rev()).map(|(b, w)| order(*b) * w).sum();
    let check = (10 - sum % 10) % 10;
    (layout && check == value(word[17])).then(|| found("curp.mx", FindingKind::NationalId, start..start + 18))
}

/// An RFC of a company (12 characters) or a person (13).
fn mexican(bytes: &[u8], start: usize, len: usize) -> Option<Match> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";
    let word = word(bytes, start, len)?;
    let order = |b: u8| (0u32..).zip(ALPHABET).find(|(_, a)| **a == b).map_or(0, |(i, _)| i);
    let padding = if len == 12 { 37 * 13 } else { 0 };
    let sum: u32 = padding
        + word[..len - 1]
            .iter()
            .zip((2..=len as u32).rev())
            .map(|(b, w)| order(*b) * w)
            .sum::<u32>();
    let check = match 11 - sum % 11 {
        11 => b'0',
        10 => b'A',
        n => b'0' + u8::try_from(n).unwrap_or(0),
    };
    (dated(&word[len - 9..len - 3]) && check == word[len - 1])
        .then(|| found("rfc.mx", FindingKind::NationalId, start..start + len))
}

/// A Medicare beneficiary identifier whose letters before its last two digits start at `letters`.
fn medicare(bytes: &[u8], letters: usize) -> Option<Match> {
    let dashed = before(bytes, letters) == b'-';
    let start = letters.checked_sub(if dashed { 9 } else { 7 })?;
    let end = letters + 4;
    let mut id = [0; 11];
    let mut len = 0;
    for (i, &b) in bytes.get(start..end)?.iter().enumerate() {
        if dashed && (i == 4 || i == 8) {
            if b != b'-' {
                return None;
            }
            continue;
        }
        *id.get_mut(len)? = b;
        len += 1;
    }
    let letter = |b: u8| b.is_ascii_uppercase() && !b"SLOIBZ".contains(&b);
    let fits = id.iter().enumerate().all(|(i, &b)| match i {
        0 => matches!(b, b'1'..=b'9'),
        1 | 4 | 7 | 8 => letter(b),
        2 | 5 => letter(b) || b.is_ascii_digit(),
        _ => b.is_ascii_digit(),
    });
    let joins = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (len == 11 && fits && !joins(before(bytes, start)) && !joins(byte(bytes, end)))
        .then(|| found("mbi.us", FindingKind::HealthId, start..end))
}

/// A Spanish DNI or NIE around seven or eight digits in a row.
pub(crate) fn spanish(bytes: &[u8], digits: Range<usize>) -> Option<Match> {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    if !matches!(digits.len(), 7 | 8) {
        return None;
    }
    let dash = usize::from(byte(bytes, digits.end) == b'-');
    let letter = byte(bytes, digits.end + dash);
    let end = digits.end + dash + 1;
    if !letter.is_ascii_uppercase() || byte(bytes, end).is_ascii_alphanumeric() || byte(bytes, end) == b'-' {
        return None;
    }
    let number = bytes[digits.clone()].iter().fold(0, |n, d| n * 10 + value(*d));
    let (start, number) = match digits.len() {
        8 => (digits.start, number),
        _ => {
            let back = usize::from(before(bytes, digits.start) == b'-');
            let start = digits.start.checked_sub(1 + back)?;
            let first = match bytes[start] {
                b'X' => 0,
                b'Y' => 1,
                b'Z' => 2,
                _ => return None,
            };
            (start, first * 10_000_000 + number)
        }
    };
    let prev = before(bytes, start);
    let free = !prev.is_ascii_alphanumeric() && !matches!(prev, b'-' | b'_');
    (free && LETTERS[(number % 23) as usize] == letter).then(|| found("dni.es", FindingKind::NationalId, start..end))
}
