//! Looking at a text until nothing more is found, so that redacting a redacted text adds nothing (R31 for the two passes,
//! at the agent and at the server).

use std::ops::Range;

use domain::finding::FindingKind;

use crate::find::Finder;
use crate::matches::{Match, add_new, merge};
use crate::overlay;
use crate::scan::Scan;
use crate::view::{Fold, Left, View, has_escapes};

/// What is known of a text.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// What was before it on its first line. A match that starts there takes what it covers of the text.
    pub(crate) left: &'a Left,
    /// Whether its last line goes on behind it.
    pub(crate) open_end: bool,
    /// Whether the text is its own view ([`is_plain`](crate::view::is_plain)).
    pub(crate) plain: bool,
    /// Whether there was a first look at it, since it is its own view.
    pub(crate) looked: bool,
}

/// Everything to redact in `text`, in order, not overlapping. `known` is what was found before and stays.
///
/// What is found is looked at as its placeholder the next time round, and only lines in which something new was found are
/// looked at again. Each round replaces text by placeholders, which no rule finds anything in, so it ends. `scan`: the first look
/// at it, or room for one.
pub(crate) fn all(finder: &Finder, text: &str, around: Around<'_>, scan: &mut Scan, known: Vec<Match>) -> Vec<Match> {
    let mut found = known;
    let plain = found.is_empty() && around.left.is_empty() && around.plain;
    let mut new = if plain {
        if !around.looked {
            finder.look(text.as_bytes(), scan);
        }
        screen(finder, &View::plain(text), scan, around.open_end)
    } else {
        look(
            finder,
            text,
            std::slice::from_ref(&(0..text.len())),
            around,
            scan,
            &found,
        )
    };
    loop {
        let added = add_new(&mut found, new);
        if added.is_empty() {
            return found;
        }
        new = look(finder, text, &lines_of(text, &added), around, scan, &found);
    }
}

/// The same of a text that ends with a private key at `key`: of what is before it alone, and as it will stand, with the placeholder
/// behind it, which can say that something is a value.
pub(crate) fn before_key(
    finder: &Finder,
    text: &str,
    key: Range<usize>,
    around: Around<'_>,
    scan: &mut Scan,
    known: Vec<Match>,
) -> Vec<Match> {
    let around = Around {
        looked: false,
        ..around
    };
    let mut found = all(finder, &text[..key.start], around, scan, known);
    found.push(Match::new(FindingKind::PrivateKey, "key.private", key));
    all(finder, text, around, scan, found)
}

/// One look at some lines through each folding that can differ.
fn look(
    finder: &Finder,
    text: &str,
    lines: &[Range<usize>],
    around: Around<'_>,
    scan: &mut Scan,
    found: &[Match],
) -> Vec<Match> {
    let shown = View::folded((around.left, text, around.plain), lines, found, Fold::Screen);
    finder.look(shown.bytes(), scan);
    let mut all = shown.to_text(screen(finder, &shown, scan, around.open_end));
    if !around.plain && has_escapes(text) {
        let kept = View::folded((around.left, text, false), lines, found, Fold::File);
        finder.look(kept.bytes(), scan);
        all.extend(kept.to_text(finder.find(&kept, scan, around.open_end)));
    }
    for line in lines {
        finder.find_wide(text, line.clone(), found, &mut all);
    }
    merge(all)
}

/// What is found in what a screen would show, in order, not overlapping.
fn screen(finder: &Finder, view: &View<'_>, scan: &Scan, open_end: bool) -> Vec<Match> {
    let mut matches = finder.find(view, scan, open_end);
    if !scan.classes.returns() {
        return matches;
    }
    overlay::find(finder, view.bytes(), &mut matches);
    matches.retain(|m| m.end > view.floor());
    merge(matches)
}

/// The lines that hold what is at `places`, each once, in order.
fn lines_of(text: &str, places: &[Range<usize>]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Range<usize>> = Vec::new();
    for place in places {
        let end = |from: usize| memchr::memchr(b'\n', &bytes[from..]).map_or(text.len(), |i| from + i + 1);
        match lines.last_mut() {
            Some(last) if place.start < last.end => {
                if place.end > last.end {
                    last.end = end(place.end - 1);
                }
            }
            _ => {
                let start = memchr::memrchr(b'\n', &bytes[..place.start]).map_or(0, |i| i + 1);
                lines.push(start..end(place.end - 1));
            }
        }
    }
    lines
}
