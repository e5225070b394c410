//! Payment cards: numbers by issuer range, length and Luhn digit; track data.
//!
//! Recall comes before precision: a card number that slips through must not happen (R30), so groupings are accepted
//! widely. What keeps precision is the issuer range, the Luhn digit (ISO/IEC 7812-1 annex B) and a look at the surroundings:
//! hex strings, GUIDs, fractions and byte counts are left alone.

use std::ops::Range;

use domain::finding::FindingKind;

use super::checks::luhn;
use super::text::{Context, before, byte, run, run_back, weighted, word_after, word_against, word_before};
use crate::classes::Classes;
use crate::groups::{Gap, Group, chains};
use crate::matches::{Match, Shown};
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 3,
        context: WORDS.words,
        examples: &[
            "visa «4242424242424242» ok",
            "PAN=«5555555555554444»,",
            "«4242 4242 4242 4242»",
            "«3782-822463-10005»",
            "card «676770000005» maestro",
            "«6200000000000005»",
            "«6012345678901234» RuPay",
            "«8212345678901238»",
            "Borica «2205345678901230»",
            "Dankort «5019345678901239»",
            "Verve «5061345678901236»",
            "Verve «5078345678901237»",
            "InstaPayment «6371345678901239»",
            "InterPayment «6361345678901231»",
            "UzCard «8600345678901238»",
            "Humo «9860345678901231»",
            "Troy «9792345678901234»",
            "card «4029831361568»",
            "«4222222222222» ok",
            "«4242-4242-4242-4242»-x",
        ],
        counter_examples: &[
            "4242424242424241",
            "42424242-4242-4242-4242-424242424242",
            "S-1-5-21-4242424242424242",
            "d41d8cd98f00b204e9800998ecf8427e",
            "ratio 0.4242424242424242",
            "4222222222222 bytes free",
            "00002a60: 4844 0200 0000 0000 0800 0000 0000 0000  HD..............",
            "00004a40: 008b 4424 0889 0525 0c02 0085 d20f 8492  ..D$...%........",
            "1700000000000 1700000000000000 133500000000000000",
            "[Scan] item 4029831361568 qty 2",
            "id ab-4222222222222-x",
            "Product ID: 34106-94358-32020-AAOEM",
            "9861345678901230",
        ],
        ..Rule::certain("card.luhn", FindingKind::Card, "issuer range, length, Luhn digit")
    },
    Rule {
        examples: &[
            "swipe «%B4242424242424242^DOE/JANE^2512101123456789?»",
            "swipe «;4242424242424242=25121011234567890?»",
            "swipe «%B4222222222222^DOE/JANE^2512101123456789?»",
        ],
        counter_examples: &[";4242=2512 %B4242^DOE^25"],
        ..Rule::certain("card.track", FindingKind::Card, "layout of track 1 or 2 (ISO/IEC 7813)")
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &["Number    «424242424242424»...", "Number    «42424242424»…"],
        counter_examples: &["Loading 42...", "Copied 1234567890123...", "sum 4242424242…"],
        ..Rule::certain(
            "card.truncated",
            FindingKind::Card,
            "11 to 18 digits of an issuer's range before an ellipsis, as a table's cut column shows them",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &[],
        ..Rule::certain(
            "card.wrapped",
            FindingKind::Card,
            "parts of a number below each other in a table's last column, together a card's",
        )
    },
    Rule {
        confidence: Confidence::Likely,
        ..Rule::certain(
            "card.cut",
            FindingKind::Card,
            "a number cut by the end of a chunk that could become a card's (the server's pass only)",
        )
    },
];

const WORDS: Context = Context::new(&[
    "card",
    "pan ",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "credit",
    "debit",
]);
const SIZES: Context = Context::new(&[
    "size",
    "bytes",
    "free",
    "used",
    "total",
    "length",
    "capacity",
    "sectors",
    "blocks",
    "available",
    "memory",
    "offset",
]);
const UNITS: &[&str] = &[
    "bytes", "byte", "b", "kb", "kib", "bits", "sectors", "blocks", "ns", "us", "ms",
];

/// The longest card number, in digits.
const MAX_DIGITS: usize = 19;
/// The shortest card number, in digits.
pub(crate) const MIN_DIGITS: usize = 12;

/// Looks for a card number that starts with group `first` of a chain. Gives the match and the last group it covers.
pub(crate) fn at_group(bytes: &[u8], chain: &[Group], first: usize) -> Option<(Match, usize)> {
    // No issuer's numbers start with another digit.
    if !matches!(bytes[chain[first].start], b'2'..=b'6' | b'8' | b'9') {
        return None;
    }
    let mut digits = [0u8; MAX_DIGITS];
    let (mut len, mut best) = (0, None);
    for (last, group) in chain.iter().enumerate().skip(first) {
        if len + group.len() > MAX_DIGITS || (last > first && group.gap == Gap::Paren) {
            break;
        }
        digits[len..len + group.len()].copy_from_slice(&bytes[group.start..group.end]);
        len += group.len();
        let value = chain[first].start..group.end;
        if len >= MIN_DIGITS
            && is_card(&digits[..len])
            && (grouping_fits(chain, first, last) || word_before(bytes, value.start, &WORDS))
            && surroundings_fit(bytes, chain, first, &value)
        {
            best = Some((
                value,
                last,
                [digits[len - 4], digits[len - 3], digits[len - 2], digits[len - 1]],
            ));
        }
    }
    let (value, last, last_four) = best?;
    let (range, rule) = track(bytes, &value).map_or((value, "card.luhn"), |track| (track, "card.track"));
    Some((
        Match {
            shown: Shown::LastFour(last_four),
            ..Match::new(FindingKind::Card, rule, range)
        },
        last,
    ))
}

/// Track 2 data whose number passes no check but whose shape says what it is: `;` 13-19 digits `=` at least 7 digits.
pub(crate) fn bare_track(bytes: &[u8], group: &Group) -> Option<Match> {
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&group.len()) || before(bytes, group.start) != b';' {
        return None;
    }
    let range = track(bytes, &(group.start..group.end))?;
    let last_four = bytes.get(group.end - 4..group.end)?.try_into().ok()?;
    Some(Match {
        shown: Shown::LastFour(last_four),
        ..Match::new(FindingKind::Card, "card.track", range)
    })
}

/// A number at the very end of the text that is too short for a card's and could become one with what follows.
pub(crate) fn unfinished(bytes: &[u8]) -> Option<Match> {
    const FEWEST: usize = 8;
    let from = bytes.len()
        - run_back(bytes, bytes.len(), 64, |b| {
            b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.')
        });
    let mut found = None;
    let text = &bytes[from..];
    let classes = Classes::of(text);
    chains(
        text,
        &classes,
        0..text.len(),
        (FEWEST, false),
        &mut Vec::new(),
        |chain, _| {
            let (first, last) = (chain[0], chain[chain.len() - 1]);
            let digits: Vec<u8> = bytes[from + first.start..from + last.end]
                .iter()
                .filter(|b| b.is_ascii_digit())
                .copied()
                .collect();
            let at_end = from + last.end + 1 >= bytes.len();
            let free = !before(bytes, from + first.start).is_ascii_alphanumeric();
            if at_end && free && digits.len() < MAX_DIGITS && (MIN_DIGITS..=MAX_DIGITS).any(|len| issuer(&digits, len))
            {
                found = Some(Match::new(
                    FindingKind::Card,
                    "card.cut",
                    from + first.start..from + last.end,
                ));
            }
        },
    );
    found
}

/// Whether digits (ASCII) are of a known issuer, of a length it uses, with the right check digit.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    issuer(digits, digits.len()) && luhn(digits)
}

/// Whether a number of `len` digits that starts so is an issuer's. Ranges and lengths as "Payment card number" in Wikipedia
/// collects them from the networks (2024), to the first four digits.
fn issuer(digits: &[u8], len: usize) -> bool {
    let prefix = digits.iter().take(4).fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
    match prefix {
        // Visa, and Dankort (Denmark) with it: 4571.
        4000..=4999 => matches!(len, 13 | 16 | 19),
        // Mastercard.
        5100..=5599 | 2221..=2720 => len == 16,
        // American Express.
        3400..=3499 | 3700..=3799 => len == 15,
        // Discover, and with it RuPay (6521, 6522), Troy (65) and Verve (650002 to 650027).
        6011 | 6440..=6599 => (16..=19).contains(&len),
        // JCB, and with it RuPay (353, 356) and LankaPay (357111).
        3528..=3589 => (16..=19).contains(&len),
        // Diners Club.
        3600..=3699 => (14..=19).contains(&len),
        3000..=3059 | 3095 | 3800..=3999 => len == 14 || (16..=19).contains(&len),
        // UnionPay, and with it RuPay (81).
        6200..=6299 | 8100..=8171 => (16..=19).contains(&len),
        // Maestro; 6767 was Solo's.
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 | 6767 => (12..=19).contains(&len),
        // Mir (Russia), and BORICA (Bulgaria): 2205.
        2200..=2205 => (16..=19).contains(&len),
        // UkrCard (Ukraine): 604001 to 604200.
        6040 | 6041 => (16..=19).contains(&len),
        // RuPay (India): 60, 81, 82, 508.
        5080..=5089 | 6000..=6099 | 8172..=8299 => len == 16,
        // Verve (Nigeria): 506099 to 506198, 507865 to 507964.
        5060 | 5061 | 5078 | 5079 => matches!(len, 16 | 18 | 19),
        // InterPayment and InstaPayment.
        6360..=6369 => (16..=19).contains(&len),
        6370..=6399 => len == 16,
        // Dankort (Denmark), UzCard and Humo (Uzbekistan; whether theirs have a Luhn digit is not published), Troy (Turkey).
        5019 | 8600 | 9860 | 9792 => len == 16,
        _ => false,
    }
}

/// Whether the groups are cut as people and programs cut card numbers. Shapes that a row of small numbers could have too
/// must be the whole chain.
fn grouping_fits(chain: &[Group], first: usize, last: usize) -> bool {
    let groups = &chain[first..=last];
    let len = |i: usize| groups.get(i).map_or(0, Group::len);
    let whole = first == 0 && last + 1 == chain.len();
    let dashed = whole && groups[1..].iter().all(|g| g.gap == Gap::Dash);
    match groups.len() {
        1 => true,
        2 => dashed || (whole && matches!((len(0), len(1)), (8, 5..=8) | (6, 10 | 13) | (4, 9 | 12) | (12, 4))),
        3 if matches!((len(0), len(1), len(2)), (4, 6, 4 | 5)) => true,
        n => {
            let size = len(0);
            let even =
                groups[..n - 1].iter().all(|g| g.len() == size) && (len(n - 1) <= size || (size, len(n - 1)) == (4, 5));
            dashed || (even && (size >= 4 || whole))
        }
    }
}

fn surroundings_fit(bytes: &[u8], chain: &[Group], first: usize, value: &Range<usize>) -> bool {
    let fraction = || {
        let before = first.checked_sub(1).and_then(|i| chain.get(i));
        chain[first].gap == Gap::Dot && before.is_some_and(|g| g.len() <= 3 && g.gap != Gap::Dot)
    };
    let contiguous = chain[first].end == value.end;
    let measured = || word_after(bytes, value.end, UNITS) || word_against(bytes, value.start, &SIZES);
    let tracked = || track(bytes, value).is_some();
    let hex = || in_hex(bytes, value) && !tracked();
    let old = || (is_short_in_token(bytes, value) || is_article(&bytes[value.clone()])) && !tracked();
    let dumped = || !contiguous && (byte(bytes, value.end).is_ascii_alphanumeric() || in_dump(bytes, value));
    let doubtful = hex()
        || in_sid(bytes, chain[0].start)
        || dumped()
        || is_product(bytes, chain, first, value)
        || (contiguous && (fraction() || measured() || old()));
    !doubtful || word_before(bytes, value.start, &WORDS)
}

/// Whether dashed groups, not cut as a card's are, go on with letters: a product's id, `00330-80000-00000-AAOEM`.
fn is_product(bytes: &[u8], chain: &[Group], first: usize, value: &Range<usize>) -> bool {
    let groups = || chain[first..].iter().take_while(|g| g.end <= value.end);
    let dashed = groups().count() > 1 && groups().skip(1).all(|g| g.gap == Gap::Dash);
    let printed = chain[first].len() == 4 && (groups().all(|g| g.len() == 4) || groups().count() == 3);
    dashed && !printed && byte(bytes, value.end) == b'-' && byte(bytes, value.end + 1).is_ascii_alphabetic()
}

/// Whether 13 digits, a length that few cards have, are joined to more of a token.
fn is_short_in_token(bytes: &[u8], value: &Range<usize>) -> bool {
    let joins = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    value.len() == 13 && (joins(before(bytes, value.start)) || joins(byte(bytes, value.end)))
}

/// Whether digits are an article's number as its bar code has it (EAN-13, GS1 General Specifications 7.9).
fn is_article(digits: &[u8]) -> bool {
    let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
    digits.len() == 13 && weighted(digits, &weights).is_multiple_of(10)
}

/// Whether the chain that starts at `start` is a Windows security identifier's (`S-1-5-21-…`).
fn in_sid(bytes: &[u8], start: usize) -> bool {
    start >= 2
        && bytes[start - 2..start].eq_ignore_ascii_case(b"S-")
        && !before(bytes, start - 2).is_ascii_alphanumeric()
}

/// Whether groups of four are those of a hex dump: an offset, nothing but such groups up to the value, and more of them or
/// the column of characters after it.
fn in_dump(bytes: &[u8], value: &Range<usize>) -> bool {
    const LONGEST: usize = 64;
    let line = value.start - run_back(bytes, value.start, LONGEST, |b| b != b'\n' && b != b'\r');
    let offset = run(bytes, line, 16, |b| b.is_ascii_hexdigit());
    let colon = usize::from(byte(bytes, line + offset) == b':');
    let from = (line + offset + colon).min(value.start);
    let groups = |bytes: &[u8]| {
        let (groups, rest) = bytes.as_chunks::<5>();
        rest.is_empty()
            && groups
                .iter()
                .all(|g| g[0] == b' ' && g[1..].iter().all(u8::is_ascii_hexdigit))
    };
    let before = bytes.get(from..value.start.saturating_sub(1)).unwrap_or_default();
    let after = bytes.get(value.end..value.end + 5).is_some_and(&groups);
    let characters = bytes.get(value.end..value.end + 2) == Some(b"  ");
    offset >= 6 && groups(before) && (after || characters)
}

/// A number cut off by an ellipsis, at the dots or the sign that `at` points to.
pub(crate) fn truncated(bytes: &[u8], at: usize) -> Option<Match> {
    const SHOWN: std::ops::RangeInclusive<usize> = 11..=18;
    let start = at - run_back(bytes, at, SHOWN.end() + 1, |b| b.is_ascii_digit());
    let digits = &bytes[start..at];
    let free = !before(bytes, start).is_ascii_alphanumeric() && !matches!(before(bytes, start), b'.' | b'-');
    let longer = (digits.len().max(12)..=MAX_DIGITS).any(|len| issuer(digits, len));
    (SHOWN.contains(&digits.len()) && free && longer && !is_card(digits))
        .then(|| Match::new(FindingKind::Card, "card.truncated", start..at))
}

/// Whether a number is part of a hash, a GUID or another long hex string, or of a hex literal.
fn in_hex(bytes: &[u8], value: &Range<usize>) -> bool {
    let class = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    let start = value.start - run_back(bytes, value.start, 64, class);
    let end = value.end + run(bytes, value.end, 64, class);
    let token = &bytes[start..end];
    if token.len() == 36 && [8, 13, 18, 23].iter().all(|&i| token[i] == b'-') {
        return true;
    }
    let word_start = value.start - run_back(bytes, value.start, 64, |b| b.is_ascii_alphanumeric());
    let word_end = value.end + run(bytes, value.end, 64, |b| b.is_ascii_alphanumeric());
    let word = &bytes[word_start..word_end];
    let literal = word.len() > 2 && word[0] == b'0' && word[1] | 0x20 == b'x';
    let hash = word.len() >= 24 && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(u8::is_ascii_alphabetic);
    literal || hash
}

/// The whole of the track data that a number is part of, by ISO/IEC 7813: `%B` PAN `^` name `^` YYMM… `?` or
/// `;` PAN `=` YYMM… `?`.
fn track(bytes: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    let from = match before(bytes, value.start) {
        b';' => value.start - 1,
        b'B' | b'b' if before(bytes, value.start - 1) == b'%' => value.start - 2,
        _ => value.start,
    };
    let end = match byte(bytes, value.end) {
        b'=' | b'D' => {
            let digits = run(bytes, value.end + 1, 40, |b| b.is_ascii_digit() || b == b'=');
            (digits >= 7).then_some(value.end + 1 + digits)?
        }
        b'^' => {
            let name = run(bytes, value.end + 1, 30, |b| !matches!(b, b'^' | b'\n' | b'[' | b']'));
            let second = value.end + 1 + name;
            (byte(bytes, second) == b'^').then_some(())?;
            second
                + 1
                + run(bytes, second + 1, 60, |b| {
                    b.is_ascii_alphanumeric() || b == b' ' || b == b'='
                })
        }
        _ => return None,
    };
    Some(from..if byte(bytes, end) == b'?' { end + 1 } else { end })
}
