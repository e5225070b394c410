//! US social security numbers (SSA, "Social Security Number Randomization": areas 001-665 and 667-899, group not 00,
//! serial not 0000), and individual taxpayer ids (IRS: 9xx, with 50-65, 70-88, 90-92 or 94-99 in the middle).

use domain::finding::FindingKind;

use super::text::{Context, stands_alone, word_before};
use crate::groups::{Gap, Group};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: WORDS.words,
        examples: &[
            "«123-45-6789»",
            "SSN: «123-45-6789».",
            "ssn «123456789»",
            "social security «123 45 6789»",
            "socialSecurityNumber=«123456789»",
        ],
        counter_examples: &[
            "000-12-3456 666-12-3456 123-00-4567",
            "123 45 6789",
            "123456789",
            "1-123-45-6789",
        ],
        ..Rule::certain("ssn.us", FindingKind::Ssn, "areas, groups and serials that are issued")
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: ITIN_WORDS.words,
        examples: &["ITIN «912-70-1234»", "id: «988-91-4321»", "itin=«912701234»"],
        counter_examples: &["912-12-1234", "itin=912121234", "912701234"],
        ..Rule::certain(
            "itin.us",
            FindingKind::NationalId,
            "9 first, and middle digits that are issued",
        )
    },
];

const WORDS: Context = Context::new(&["ssn", "social security", "soc sec"]);

const ITIN_WORDS: Context = Context::new(&["itin", "taxpayer"]);

/// Looks for a number that starts with the first of `groups`. Gives it and how many groups it covers.
pub(crate) fn at_group(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    let (count, split) = match groups {
        [a, b, c, ..] if (a.len(), b.len(), c.len()) == (3, 2, 4) => {
            (3, [a.start..a.end, b.start..b.end, c.start..c.end])
        }
        [one, ..] if one.len() == 9 => {
            let at = one.start;
            (1, [at..at + 3, at + 3..at + 5, at + 5..at + 9])
        }
        _ => return None,
    };
    let [area, group, serial] = split.map(|r| &bytes[r]);
    let (kind, rule, words) = if issued(area, group, serial) {
        (FindingKind::Ssn, "ssn.us", &WORDS)
    } else if taxpayer(area, group) {
        (FindingKind::NationalId, "itin.us", &ITIN_WORDS)
    } else {
        return None;
    };
    let value = groups[0].start..groups[count - 1].end;
    let gaps = groups[1..count].iter().map(|g| g.gap);
    let dashed = count == 3 && gaps.clone().all(|g| g == Gap::Dash);
    let told = dashed || (gaps.clone().all(|g| g == Gap::Space) && word_before(bytes, value.start, words));
    (told && stands_alone(bytes, &value)).then(|| (Match::new(kind, rule, value), count))
}

/// Whether groups of a shape can be the start of a number.
pub(crate) fn fits(shape: (usize, usize, usize)) -> bool {
    matches!(shape, (3, 2, 4) | (9, _, _))
}

fn taxpayer(area: &[u8], group: &[u8]) -> bool {
    area[0] == b'9'
        && matches!(group, [b'5', _] | [b'6', b'0'..=b'5'] | [b'7', _] | [b'8', b'0'..=b'8'] | [b'9', b'0'..=b'2' | b'4'..=b'9'])
}

fn issued(area: &[u8], group: &[u8], serial: &[u8]) -> bool {
    area != b"000" && area != b"666" && area[0] != b'9' && group != b"00" && serial != b"0000"
}
