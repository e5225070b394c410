//! Groups of digits, and chains of groups that one separator apart could be one number.

use std::ops::Range;

use crate::classes::Classes;

/// Digits in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What is between this group and the one before it in its chain (`Gap::None` for the first).
    pub(crate) gap: Gap,
}

impl Group {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// How long the first three of some groups are, 0 where there is none. Most, such as those of dates, can't be the start of
/// anything, which this tells.
pub(crate) fn shape(groups: &[Group]) -> (usize, usize, usize) {
    let len = |i: usize| groups.get(i).map_or(0, Group::len);
    (len(0), len(1), len(2))
}

/// What separates two groups of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// First of its chain.
    None,
    Space,
    Dash,
    Dot,
    /// A parenthesis, with a space or dash beside it or not, as in `(555) 123-4567`.
    Paren,
}

/// Calls `chain` with each chain in `range`, and with how many digits it has, if that is at least `min_digits` or, where
/// `dotted`, it has at least four groups. `groups` is room to work in.
pub(crate) fn chains(
    bytes: &[u8],
    classes: &Classes,
    range: Range<usize>,
    (min_digits, dotted): (usize, bool),
    groups: &mut Vec<Group>,
    mut chain: impl FnMut(&[Group], usize),
) {
    let mut digits = 0;
    groups.clear();
    let mut flush = |groups: &mut Vec<Group>, digits: usize| {
        if digits >= min_digits || (dotted && groups.len() >= 4) {
            chain(groups, digits);
        }
        groups.clear();
    };
    classes.digits_in(range, |Range { start, end }| {
        let gap = groups.last().map_or(Gap::None, |last| gap(&bytes[last.end..start]));
        if gap == Gap::None {
            flush(groups, digits);
            digits = 0;
        }
        groups.push(Group { start, end, gap });
        digits += end - start;
    });
    flush(groups, digits);
}

fn gap(between: &[u8]) -> Gap {
    match between {
        b" " => Gap::Space,
        b"-" => Gap::Dash,
        b"." => Gap::Dot,
        b")" | b"(" | b") " | b" (" | b")-" | b"-(" | b")." => Gap::Paren,
        _ => Gap::None,
    }
}

/// The digits of groups, without what is between them, at most `N`.
pub(crate) struct Digits<const N: usize> {
    room: [u8; N],
    len: usize,
}

impl<const N: usize> Digits<N> {
    /// `None` where there are more than fit.
    pub(crate) fn of(bytes: &[u8], groups: &[Group]) -> Option<Self> {
        let mut digits = Self { room: [0; N], len: 0 };
        for group in groups {
            digits
                .room
                .get_mut(digits.len..digits.len + group.len())?
                .copy_from_slice(&bytes[group.start..group.end]);
            digits.len += group.len();
        }
        Some(digits)
    }
}

impl<const N: usize> std::ops::Deref for Digits<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.room[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_end_where_more_than_one_separator_stands() {
        let mut found = Vec::new();
        let text = b"12 3456-789  5555 (22) 1.2.3.4";
        let classes = Classes::of(text);
        chains(
            text,
            &classes,
            0..text.len(),
            (5, true),
            &mut Vec::new(),
            |groups, digits| {
                assert_eq!(digits, groups.iter().map(Group::len).sum::<usize>());
                found.push(groups.len());
            },
        );
        assert_eq!(found, [3, 2 + 1 + 4 - 1]);
    }
}
