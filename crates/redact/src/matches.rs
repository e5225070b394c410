//! What the rules report, and how reports that overlap become one.

use std::ops::Range;

use domain::finding::{Finding, FindingKind};

use crate::fold::SYMBOL;
use crate::number::is_number;

/// What stands in the text in place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// `[label]`, or `[label #number]` where there is a session's key.
    Label,
    /// `[card •••• 4242]`
    LastFour([u8; 4]),
    /// The placeholder that is in the text already, of a finding made earlier.
    Kept(Box<Finding>),
}

/// A value found. Positions are bytes, first of the view, then (see `View::to_text`) of the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Where what led to the match starts (a word such as "merchant id"); at most `start`.
    pub(crate) context: usize,
    /// Where the value starts.
    pub(crate) start: usize,
    /// Where the value ends.
    pub(crate) end: usize,
    pub(crate) kind: FindingKind,
    pub(crate) rule: &'static str,
    pub(crate) shown: Shown,
}

impl Match {
    /// A value shown by its kind's label.
    pub(crate) fn new(kind: FindingKind, rule: &'static str, value: Range<usize>) -> Self {
        Self {
            context: value.start,
            start: value.start,
            end: value.end,
            kind,
            rule,
            shown: Shown::Label,
        }
    }

    /// The same with the place where its context starts.
    pub(crate) fn led_by(self, context: usize) -> Self {
        Self {
            context: context.min(self.start),
            ..self
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Whether `text` is what this engine writes for a finding of `kind`.
pub(crate) fn is_placeholder(kind: FindingKind, text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) else {
        return false;
    };
    match inner.strip_prefix(kind.label()) {
        Some("") => true,
        Some(rest) if kind == FindingKind::Card => rest
            .strip_prefix(" •••• ")
            .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())),
        Some(rest) => rest.strip_prefix(" #").is_some_and(is_number),
        None => false,
    }
}

/// Whether `text` starts with a placeholder of any kind.
pub(crate) fn starts_with_placeholder(text: &str) -> bool {
    let end = text.bytes().take(32).position(|b| b == b']').map_or(0, |i| i + 1);
    FindingKind::ALL
        .into_iter()
        .any(|kind| is_placeholder(kind, &text[..end]))
}

/// The length of a placeholder as a view shows it at `at`, if there is one.
pub(crate) fn placeholder_at(view: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 24;
    let rest = view.get(at..)?;
    if rest.first() != Some(&b'[') {
        return None;
    }
    let end = rest.iter().take(LONGEST).position(|b| *b == b']')?;
    let inner = &rest[1..end];
    let known = FindingKind::ALL
        .into_iter()
        .any(|kind| match inner.strip_prefix(kind.label().as_bytes()) {
            Some(b"") => true,
            Some([b' ', SYMBOL, SYMBOL, SYMBOL, SYMBOL, b' ', digits @ ..]) => {
                kind == FindingKind::Card && digits.len() == 4 && digits.iter().all(u8::is_ascii_digit)
            }
            Some([b' ', b'#', number @ ..]) => std::str::from_utf8(number).is_ok_and(is_number),
            Some(_) | None => false,
        });
    known.then_some(end + 1)
}

/// Whether `range` of a view reaches into a placeholder or lies in one.
pub(crate) fn touches_placeholder(view: &[u8], range: &Range<usize>) -> bool {
    const BEFORE: usize = 24;
    let from = range.start.saturating_sub(BEFORE);
    (from..range.end).any(|at| view[at] == b'[' && placeholder_at(view, at).is_some_and(|len| at + len > range.start))
}

/// Brings matches into order and makes one of those that overlap. The result covers every byte that any of them covered,
/// so that nothing leaks because two rules disagree; card data stays card data, since that is what opens an incident (R35),
/// but for digits of an IBAN, whose two check digits say more than the one of a card.
pub(crate) fn merge(mut matches: Vec<Match>) -> Vec<Match> {
    if matches.len() < 2 {
        return matches;
    }
    matches.sort_by(|a, b| (a.start, b.end, a.kind).cmp(&(b.start, a.end, b.kind)));
    matches.dedup_by(|m, last| {
        let one = last.overlaps(m);
        if one {
            let (start, end) = (last.start.min(m.start), last.end.max(m.end));
            let context = last.context.min(m.context);
            let in_iban = last.kind == FindingKind::Iban && m.end <= last.end;
            if m.kind.is_card_data() && !last.kind.is_card_data() && !in_iban {
                std::mem::swap(last, m);
            }
            (last.start, last.end, last.context) = (start, end, context);
        }
        one
    });
    matches
}

/// Adds those of `new` (in order, not overlapping each other) that touch no match in `known`. Gives where those are.
pub(crate) fn add_new(known: &mut Vec<Match>, mut new: Vec<Match>) -> Vec<Range<usize>> {
    new.retain(|m| {
        let at = known.partition_point(|k| k.end <= m.start);
        m.start < m.end && known.get(at).is_none_or(|k| !k.overlaps(m))
    });
    let places = new.iter().map(|m| m.start..m.end).collect();
    let sorted = known.is_empty();
    known.append(&mut new);
    if !sorted {
        known.sort_by_key(|m| m.start);
    }
    places
}
