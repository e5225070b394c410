//! The server's pass over what an agent says it redacted (R30: first on the endpoint and again on the server).
//!
//! A chunk must be stored before it is acknowledged, so this pass never holds text back: all of a chunk comes out at once.
//! An honest agent releases whole lines, or cuts where no match is, and then nothing can lie across two chunks. For one that
//! cuts anywhere, [`Again`] carries the end of what was stored as context: of a value that crosses into the next chunk, the
//! part there is taken out, and of a number that a chunk ends in the middle of and that could become a card's, what is there
//! already, so that no card number is ever stored whole. What was stored as harmless stays as it is; up to 7 digits of such
//! a number can be in it, or the first part of a token.

use std::fmt;
use std::ops::Range;

use domain::finding::Finding;

use crate::find::Finder;
use crate::fixpoint::{Around, all, before_key};
use crate::joined;
use crate::matches::{Match, Shown, add_new, is_placeholder};
use crate::redacted::{Pen, Redacted};
use crate::rules::{card, key};
use crate::scan::Scan;
use crate::settings::Settings;
use crate::stream::{key_begin, marker};
use crate::view::{Fold, Left, View};

/// How much of what was before is looked at again, in view bytes: more than any match but keys and long tokens has.
const LEFT: usize = 512;

/// Redacts one chunk, or a whole text, that was redacted before.
///
/// Placeholders stay as they are. Of `findings`, those that point at a placeholder of their kind are kept; what points
/// anywhere else is dropped. What is found now is added.
pub fn again(settings: &Settings, text: &str, findings: Vec<Finding>) -> Redacted {
    Again::new(&Ready::new(settings)).last(text, findings)
}

/// Settings made ready for [`Again`]: a client's lists compiled, which takes as long as a chunk's redaction many times over.
/// Cheap to clone.
#[derive(Clone)]
pub struct Ready(Finder);

impl Ready {
    /// Compiles what the settings list.
    pub fn new(settings: &Settings) -> Self {
        Self(Finder::new(settings))
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ready(..)")
    }
}

/// [`again`] for the chunks of one stream, with what was before carried along.
pub struct Again {
    finder: Finder,
    left: Left,
    /// Whether a private key began in an earlier chunk: everything up to its END is dropped.
    in_key: bool,
}

impl Again {
    /// For a stream of which nothing is stored yet.
    pub fn new(ready: &Ready) -> Self {
        Self {
            finder: ready.0.clone(),
            left: Left::default(),
            in_key: false,
        }
    }

    /// For a stream of which `before` (all of it or its last part) is stored, after a restart. A private key that was open
    /// then is not known of any more: its further lines are taken for what they look like.
    pub fn resume(ready: &Ready, before: &str) -> Self {
        let tail = &before[before.ceil_char_boundary(before.len().saturating_sub(4 * LEFT))..];
        Self {
            left: Left::default().after(tail, &[], LEFT),
            ..Self::new(ready)
        }
    }

    /// Redacts the next chunk; more may follow.
    pub fn chunk(&mut self, text: &str, findings: Vec<Finding>) -> Redacted {
        self.pass(text, findings, true)
    }

    /// Redacts the last chunk of the stream.
    pub fn last(mut self, text: &str, findings: Vec<Finding>) -> Redacted {
        self.pass(text, findings, false)
    }

    fn pass(&mut self, text: &str, findings: Vec<Finding>, more: bool) -> Redacted {
        let mut out = Redacted::default();
        let known = kept(text, findings);
        let mut scan = Scan::default();
        // The parts of what is plain are it too.
        let plain = self.finder.look_if_plain(text.as_bytes(), &mut scan);
        let mut done = 0;
        while done < text.len() {
            let rest = &text[done..];
            if self.in_key {
                let Some(end) = marker(rest, &self.left, plain, key::end) else {
                    self.left = self.left.after(rest, &[], LEFT);
                    break;
                };
                (self.in_key, self.left) = (false, Left::placeholder());
                done += end.end;
                continue;
            }
            let left = std::mem::take(&mut self.left);
            let around = Around {
                left: &left,
                open_end: more,
                plain,
                looked: plain && done == 0,
            };
            if let Some(begin) = key_begin(rest, around, &scan) {
                let around = Around {
                    open_end: false,
                    ..around
                };
                let end = done + begin.end;
                out.append(self.part(text, done..end, Some(begin), &known, around, &mut scan).0);
                self.in_key = true;
                done = end;
            } else {
                let (part, found) = self.part(text, done..text.len(), None, &known, around, &mut scan);
                out.append(part);
                self.left = left.after(rest, &found, LEFT);
                break;
            }
        }
        out
    }

    /// Redacts a part that ends with a private key at `key` within it, or has none. Gives it and what was found.
    fn part(
        &self,
        text: &str,
        range: Range<usize>,
        key: Option<Range<usize>>,
        known: &[Match],
        around: Around<'_>,
        scan: &mut Scan,
    ) -> (Redacted, Vec<Match>) {
        let text = &text[range.clone()];
        let lines = &text[..key.as_ref().map_or(text.len(), |key| key.start)];
        let inside = known
            .iter()
            .filter(|m| range.start <= m.start && m.end <= range.start + lines.len());
        let known = inside.map(|m| Match {
            context: m.start - range.start,
            start: m.start - range.start,
            end: m.end - range.start,
            ..m.clone()
        });
        let mut known: Vec<Match> = known.collect();
        let looked = (around.looked && key.is_none()).then_some(&*scan);
        add_new(&mut known, joined::find(lines, !around.left.is_empty(), looked));
        let mut found = match key {
            Some(key) => before_key(&self.finder, text, key, around, scan, known),
            None => all(&self.finder, text, around, scan, known),
        };
        if around.open_end && !text.ends_with('\n') {
            let view = View::whole(around.left, text, &found, Fold::Screen);
            let start_of_card = card::unfinished(view.bytes())
                .into_iter()
                .filter(|m| m.end > view.floor());
            add_new(&mut found, view.to_text(start_of_card.collect()));
        }
        // Numbers are the first pass's to make: what is found only here was not to be followed over the session.
        let pen = Pen {
            numbers: None,
            at: range.start as u64,
        };
        let mut out = Redacted::default();
        out.rendered(text, &found, pen);
        (out, found)
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Again")
            .field("in_key", &self.in_key)
            .finish_non_exhaustive()
    }
}

/// The findings that point at a placeholder of their kind, in order, none overlapping another.
fn kept(text: &str, findings: Vec<Finding>) -> Vec<Match> {
    let valid = findings.into_iter().filter_map(|f| {
        let start = usize::try_from(f.start).ok()?;
        let end = start.checked_add(usize::try_from(f.len).ok()?)?;
        let fits = is_placeholder(f.kind, text.get(start..end)?) && is_rule_id(&f.rule);
        fits.then(|| Match {
            shown: Shown::Kept(Box::new(f.clone())),
            ..Match::new(f.kind, "", start..end)
        })
    });
    let mut known: Vec<Match> = valid.collect();
    known.sort_by_key(|m| m.start);
    known.dedup_by(|later, earlier| later.start < earlier.end);
    known
}

/// Whether a rule's name is one and not a place to hide a value in (R34).
fn is_rule_id(rule: &str) -> bool {
    let digits = rule.bytes().filter(u8::is_ascii_digit).count();
    (1..=40).contains(&rule.len())
        && digits <= 2
        && rule
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
}
