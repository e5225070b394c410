//! Which rules look at numbers: stretches of digits and joints, as chains of groups.

use std::ops::Range;

use crate::classes::{Class, Classes};
use crate::fold::ELLIPSIS;
use crate::groups::{Group, chains, shape};
use crate::matches::Match;
use crate::rules::{card, ip, national, phone, ssn};

/// Fewest digits that any number needs that is found without a word or a letter: a social security number's.
pub(crate) const MIN_DIGITS: usize = 9;

/// The digits of a view.
pub(super) struct Digits<'a> {
    bytes: &'a [u8],
    classes: &'a Classes,
    /// Whether IP addresses are looked for.
    addresses: bool,
    /// Room to work in.
    groups: Vec<Group>,
}

impl<'a> Digits<'a> {
    pub(super) fn of(bytes: &'a [u8], classes: &'a Classes, addresses: bool) -> Self {
        Self {
            bytes,
            classes,
            addresses,
            groups: Vec::new(),
        }
    }

    /// What is found in a stretch of digits and joints.
    pub(super) fn number(&mut self, number: Range<usize>, found: &mut Vec<Match>) {
        let (bytes, end) = (self.bytes, number.end);
        // A table's column cut off, and a company's id, the rest of which stands behind a slash.
        match bytes.get(end) {
            Some(&ELLIPSIS) => found.extend(card::truncated(bytes, end)),
            Some(b'.') if bytes[..=end].ends_with(b"..") && bytes.get(end + 1) == Some(&b'.') => {
                found.extend(card::truncated(bytes, end - 1));
            }
            Some(b'/') if end >= 10 => found.extend(national::company(bytes, end - 10)),
            _ => {}
        }
        if !self.addresses && !self.may_be_number(&number) {
            return;
        }
        let limits = (MIN_DIGITS, self.addresses);
        let mut groups = std::mem::take(&mut self.groups);
        chains(bytes, self.classes, number, limits, &mut groups, |chain, digits| {
            self.chain(chain, digits, found);
        });
        self.groups = groups;
    }

    /// Whether digits in a range can be a number by their groups, if no addresses are looked for. Most, such as those of dates,
    /// can't, which is told here without a look at what is between them.
    fn may_be_number(&self, range: &Range<usize>) -> bool {
        let Some(mut digits) = self.classes.bits(Class::Digits, range) else {
            return true;
        };
        let (mut at, mut left) = (range.start, digits.count_ones() as usize);
        while (MIN_DIGITS..card::MIN_DIGITS).contains(&left) {
            at += digits.trailing_zeros() as usize;
            let (first, rest) = first_group(digits);
            let (second, others) = first_group(rest);
            let shape = (first, second, first_group(others).0);
            if ssn::fits(shape) || national::fits(shape) || phone::fits(shape) || self.bytes[at] == b'0' {
                return true;
            }
            (digits, at, left) = (rest, at + first, left - first);
        }
        left >= MIN_DIGITS
    }

    /// A chain of digit groups: cards first, then what the groups left of and between them make.
    fn chain(&self, chain: &[Group], digits: usize, found: &mut Vec<Match>) {
        let bytes = self.bytes;
        let (mut at, mut rest) = (0, 0);
        while at < chain.len() && digits >= card::MIN_DIGITS {
            let card = card::at_group(bytes, chain, at).or_else(|| Some((card::bare_track(bytes, &chain[at])?, at)));
            if let Some((card, last)) = card {
                self.others(&chain[rest..at], found);
                found.push(card);
                rest = last + 1;
                at = last;
            }
            at += 1;
        }
        self.others(&chain[rest..], found);
    }

    fn others(&self, groups: &[Group], found: &mut Vec<Match>) {
        let mut at = 0;
        let mut digits: usize = groups.iter().map(Group::len).sum();
        while at < groups.len() && (digits >= MIN_DIGITS || self.addresses) {
            let from = &groups[at..];
            let used = match self.other(from) {
                Some((m, count)) => {
                    found.push(m);
                    count
                }
                None => 1,
            };
            digits -= from[..used].iter().map(Group::len).sum::<usize>();
            at += used;
        }
    }

    /// What starts with the first of `groups`, and how many of them it covers.
    fn other(&self, groups: &[Group]) -> Option<(Match, usize)> {
        let (bytes, shape) = (self.bytes, shape(groups));
        if ssn::fits(shape)
            && let found @ Some(_) = ssn::at_group(bytes, groups)
        {
            return found;
        }
        if national::fits(shape)
            && let found @ Some(_) = national::at_group(bytes, groups)
        {
            return found;
        }
        if phone::fits(shape)
            && let found @ Some(_) = phone::us(bytes, groups)
        {
            return found;
        }
        let found = phone::national(bytes, groups);
        if found.is_none() && self.addresses {
            return ip::v4(bytes, groups);
        }
        found
    }
}

/// How many bits the first run has, of less than 64, and what is behind it.
fn first_group(bits: u64) -> (usize, u64) {
    // No bits are left where they are.
    let bits = bits >> (bits.trailing_zeros() & 63);
    let len = bits.trailing_ones();
    (len as usize, bits >> len)
}
