//! Looking at a text until nothing more is found, so that redacting a redacted text adds nothing (R31 for the two passes,
//! at the agent and at the server).

use std::ops::Range;

use crate::find::Finder;
use crate::matches::{Match, add_new, merge};
use crate::view::{Fold, Left, View, has_escapes, is_plain};

/// What surrounds a text in its stream.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// What was before it on its first line.
    pub(crate) left: &'a Left,
    /// Whether its last line goes on behind it.
    pub(crate) open_end: bool,
    /// Whether a match that starts in `left` takes what it covers of this text, instead of being left out as something
    /// that was looked at before.
    pub(crate) across: bool,
}

/// Everything to redact in `text`, in order, not overlapping. `known` is what was found before and stays.
pub(crate) fn all(finder: &Finder, text: &str, around: Around<'_>, known: Vec<Match>) -> Vec<Match> {
    let mut found = known;
    let plain = found.is_empty() && around.left.is_empty() && is_plain(text);
    let first = if plain {
        finder.find(&View::plain(text), around.open_end)
    } else {
        folded(finder, text, around, &found)
    };
    if !add_new(&mut found, first) {
        return found;
    }
    let lines = lines_of(text, &found);
    let mut settled = Vec::with_capacity(found.len());
    let mut rest = found.as_slice();
    for line in lines {
        let count = rest.partition_point(|m| m.start < line.end);
        let (here, later) = rest.split_at(count);
        rest = later;
        settled.extend(settle(finder, text, line, around, here));
    }
    settled
}

/// Looks at one line (or lines that one match joins) again until nothing more is found.
fn settle(finder: &Finder, text: &str, line: Range<usize>, around: Around<'_>, here: &[Match]) -> Vec<Match> {
    let shift = line.start;
    let mut found: Vec<Match> = here.iter().map(|m| moved(m, |at| at - shift)).collect();
    let start_of_line = Left::default();
    let around = Around {
        left: if line.start == 0 { around.left } else { &start_of_line },
        open_end: around.open_end && line.end == text.len(),
        ..around
    };
    loop {
        let new = folded(finder, &text[line.clone()], around, &found);
        if !add_new(&mut found, new) {
            return found.iter().map(|m| moved(m, |at| at + shift)).collect();
        }
    }
}

/// One look through each folding that can differ.
fn folded(finder: &Finder, text: &str, around: Around<'_>, found: &[Match]) -> Vec<Match> {
    let look = |fold| {
        let view = View::folded(around.left, text, found, fold);
        let mut new = finder.find(&view, around.open_end);
        new.retain(|m| m.start >= view.floor() || around.across);
        view.to_text(new)
    };
    let screen = look(Fold::Screen);
    if has_escapes(text) {
        merge(screen.into_iter().chain(look(Fold::File)).collect())
    } else {
        screen
    }
}

fn moved(m: &Match, to: impl Fn(usize) -> usize) -> Match {
    Match {
        context: to(m.context),
        start: to(m.start),
        end: to(m.end),
        ..m.clone()
    }
}

/// The lines that hold `found`, each once, in order.
fn lines_of(text: &str, found: &[Match]) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    for m in found {
        let reached = lines.last().map_or(0, |l| l.end);
        let end = |from: usize| memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |i| from + i + 1);
        if m.start < reached {
            if m.end > reached
                && let Some(last) = lines.last_mut()
            {
                last.end = end(m.end - 1);
            }
            continue;
        }
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..m.start]).map_or(0, |i| i + 1);
        lines.push(start..end(m.end.max(m.start + 1) - 1));
    }
    lines
}
