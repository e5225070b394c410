//! US social security numbers (SSA, "Social Security Number Randomization": areas 001-665 and 667-899, group not 00,
//! serial not 0000).

use domain::finding::FindingKind;

use super::text::{stands_alone, word_before};
use crate::matches::Match;
use crate::scan::{Gap, Group};

const WORDS: &[&str] = &["ssn", "social security", "soc sec", "socialsecurity", "social_security"];

/// Looks for a number that starts with the first of `groups`. Gives it and how many groups it covers.
pub(crate) fn at_group(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    let found = |count: usize| {
        let value = groups[0].start..groups[count - 1].end;
        stands_alone(bytes, &value).then(|| (Match::new(FindingKind::Ssn, "ssn.us", value), count))
    };
    match groups {
        [a, b, c, ..] if (a.len(), b.len(), c.len()) == (3, 2, 4) => {
            let told = (b.gap, c.gap) == (Gap::Dash, Gap::Dash)
                || ((b.gap, c.gap) == (Gap::Space, Gap::Space) && word_before(bytes, a.start, WORDS));
            let digits = |g: &Group| &bytes[g.start..g.end];
            (told && issued(digits(a), digits(b), digits(c)))
                .then(|| found(3))
                .flatten()
        }
        [one, ..] if one.len() == 9 => {
            let digits = &bytes[one.start..one.end];
            let told = issued(&digits[..3], &digits[3..5], &digits[5..]) && word_before(bytes, one.start, WORDS);
            told.then(|| found(1)).flatten()
        }
        _ => None,
    }
}

fn issued(area: &[u8], group: &[u8], serial: &[u8]) -> bool {
    area != b"000" && area != b"666" && area[0] != b'9' && group != b"00" && serial != b"0000"
}
