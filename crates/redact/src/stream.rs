//! The streaming core: units whose borders depend on the characters alone (R31).
//!
//! A unit is a run of complete lines, each of at most [`WINDOW`] bytes. A longer line is looked at in windows of that size:
//! of each, what lies before a cut is released, and the cut is at least [`LOOK_AHEAD`] bytes before the window's end and
//! never within a match, so that a match of up to that length is always seen whole. What is longer (a private key, a huge
//! token) is dropped by a mode that needs no memory. So nothing is held but the last unfinished line, and lines whose
//! meaning depends on the next one (`joined`): less than [`WINDOW`] bytes in all. Any other complete line is released with
//! its newline, never by a clock.

use std::fmt;
use std::ops::Range;

use domain::sensitive::Raw;

use crate::find::Finder;
use crate::fixpoint::{Around, all, before_key};
use crate::joined;
use crate::matches::Match;
use crate::redacted::{Pen, Redacted};
use crate::rules::{jwt, key};
use crate::scan::Scan;
use crate::settings::Settings;
use crate::view::{Fold, Left, View, has_escapes, is_plain};

/// Longest line that is looked at as a whole, and the bound of what is held back, in bytes.
pub(crate) const WINDOW: usize = 4096;
/// How much of a window must follow a cut, in bytes: more than any match but keys and tokens can have.
const LOOK_AHEAD: usize = 1536;
/// How far before the latest possible cut a better one (after white space) is looked for, in bytes.
const CUT_SLACK: usize = 512;
/// How much of what was before a cut is looked at again as context, in view bytes.
pub(crate) const LEFT: usize = 64;
/// Most text taken at once, in bytes: small enough to stay in the processor's cache.
const BLOCK: usize = 64 * 1024;

/// What the stream is in the middle of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Lines.
    Lines,
    /// A private key whose END has not come: everything is dropped (its placeholder is out already).
    Key,
    /// A token longer than a window: dropped up to its end.
    Token,
}

/// Redacts one stream of text, such as a process's standard output.
///
/// However the text is cut into chunks, the pieces joined (`Redacted::append`) are the same.
pub struct Redactor {
    core: Core,
    held: String,
}

impl Redactor {
    /// A redactor at the start of a stream.
    pub fn new(settings: &Settings) -> Self {
        Self {
            core: Core::new(settings),
            held: String::new(),
        }
    }

    /// Takes the next chunk and gives what can be released: all complete lines.
    pub fn push(&mut self, chunk: Raw<&str>) -> Redacted {
        let mut out = Redacted::default();
        let chunk = chunk.expose();
        if self.held.is_empty() {
            let used = self.core.run(chunk, false, &mut out);
            self.held.push_str(&chunk[used..]);
        } else {
            let mut text = std::mem::take(&mut self.held);
            text.push_str(chunk);
            let used = self.core.run(&text, false, &mut out);
            text.drain(..used);
            text.shrink_to(WINDOW);
            self.held = text;
        }
        out
    }

    /// Ends the stream and gives what was held back.
    pub fn finish(mut self) -> Redacted {
        let mut out = Redacted::default();
        let used = self.core.run(&self.held, true, &mut out);
        debug_assert_eq!(used, self.held.len(), "the end of a stream leaves nothing held");
        out
    }

    /// How many bytes of the stream were decided on, kept or replaced.
    pub(crate) fn decided(&self) -> u64 {
        self.core.at
    }

    /// How many bytes are held back now: less than 4096.
    pub fn held(&self) -> usize {
        self.held.len()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

/// The state of a stream apart from the text that is held.
pub(crate) struct Core {
    finder: Finder,
    mode: Mode,
    /// View bytes of what was before on the same line, at most [`LEFT`]; empty at the start of a line. After something
    /// dropped it is the end of its placeholder.
    left: Left,
    /// How many bytes of the stream were decided on.
    at: u64,
    /// Room for looking at text.
    scan: Scan,
}

/// The next stretch of text to decide on.
struct Unit {
    len: usize,
    /// Whether it is a window of a line that goes on.
    window: bool,
}

impl Core {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            finder: Finder::new(settings),
            mode: Mode::Lines,
            left: Left::default(),
            at: 0,
            scan: Scan::default(),
        }
    }

    /// Decides on as much of `text` as can be decided, all of it if it is the `last`. Gives how much that was.
    fn run(&mut self, text: &str, last: bool, out: &mut Redacted) -> usize {
        let mut done = 0;
        while done < text.len() {
            let rest = &text[done..];
            if self.mode == Mode::Token {
                let len = rest.bytes().take_while(|b| jwt::in_token(*b)).count();
                if len < rest.len() {
                    (self.mode, self.left) = (Mode::Lines, Left::placeholder());
                }
                self.at += len as u64;
                done += len;
                continue;
            }
            let Some(unit) = next_unit(rest, last) else { break };
            let text = &rest[..unit.len];
            let used = match self.mode {
                Mode::Key => self.in_key(text, unit.window),
                Mode::Lines | Mode::Token => self.lines(text, unit.window, out),
            };
            self.at += used as u64;
            done += used;
        }
        done
    }

    /// Drops a key's text up to its END. Gives how much of `text` that was.
    fn in_key(&mut self, text: &str, window: bool) -> usize {
        let limit = limit(text, window);
        match marker(text, &self.left, is_plain(text), key::end) {
            Some(end) if end.start < limit => {
                (self.mode, self.left) = (Mode::Lines, Left::placeholder());
                end.end
            }
            _ => limit,
        }
    }

    /// Redacts a unit up to the first private key in it. Gives how much of `text` was used.
    fn lines(&mut self, text: &str, window: bool, out: &mut Redacted) -> usize {
        let limit = limit(text, window);
        let plain = self.finder.look_if_plain(text.as_bytes(), &mut self.scan);
        let around = Around {
            left: &self.left,
            open_end: window,
            plain,
            looked: plain,
        };
        if let Some(key) = key_begin(text, around, &self.scan)
            && key.start < limit
        {
            let around = Around {
                open_end: false,
                ..around
            };
            let (text, end) = (&text[..key.end], key.end);
            let joined = self.joined(&text[..key.start], window, None);
            let found = before_key(&self.finder, text, key, around, &mut self.scan, joined);
            out.rendered(text, &found, self.pen());
            self.mode = Mode::Key;
            self.left = Left::default();
            return end;
        }
        let joined = self.joined(text, window, plain.then_some(&self.scan));
        let mut found = all(&self.finder, text, around, &mut self.scan, joined);
        if !window {
            out.rendered(text, &found, self.pen());
            self.left = Left::default();
            return text.len();
        }
        let (cut, mode) = self.cut(text, plain, limit, &found);
        found.retain(|m| m.end <= cut);
        out.rendered(&text[..cut], &found, self.pen());
        self.left = self.left.after(&text[..cut], &found, LEFT);
        self.mode = mode;
        cut
    }

    /// What lines tell together. The rest of a longer line is none of them.
    fn joined(&self, text: &str, window: bool, scan: Option<&Scan>) -> Vec<Match> {
        if window {
            Vec::new()
        } else {
            joined::find(text, !self.left.is_empty(), scan)
        }
    }

    fn pen(&self) -> Pen<'_> {
        Pen {
            numbers: self.finder.numbers.as_ref(),
            at: self.at,
        }
    }

    /// Where to cut a window: after white space if there is some, at `limit` otherwise, never within a match or an escape
    /// sequence.
    fn cut(&self, text: &str, plain: bool, limit: usize, found: &[Match]) -> (usize, Mode) {
        let slack = &text.as_bytes()[limit - CUT_SLACK..limit];
        let quiet = slack
            .iter()
            .rposition(|b| matches!(b, b' ' | b'\t' | b'\r' | b',' | b';' | b'|'));
        let mut cut = quiet.map_or(limit, |i| limit - CUT_SLACK + i + 1);
        if !plain {
            cut = View::whole(&self.left, text, &[], Fold::Screen).cut_before(cut);
        }
        while let Some(m) = found.iter().find(|m| m.context < cut && cut < m.end) {
            // One so long, or so many that lead to each other, that hardly anything would be decided: what reaches over the
            // limit is taken to its end instead.
            if m.context < limit / 4 {
                let reaching = found.iter().find(|m| m.start < limit && limit < m.end);
                let end = reaching.map_or(limit, |m| m.end);
                let goes_on = reaching.is_some() && end == text.len();
                return (end, if goes_on { Mode::Token } else { Mode::Lines });
            }
            cut = m.context;
        }
        (if cut == 0 { limit } else { cut }, Mode::Lines)
    }
}

/// The next unit of `text`, or `None` if more must come first.
fn next_unit(text: &str, last: bool) -> Option<Unit> {
    let bytes = text.as_bytes();
    let mut len = 0;
    while len < BLOCK {
        match memchr::memrchr(b'\n', &bytes[len..bytes.len().min(len + WINDOW)]) {
            Some(newline) => len += newline + 1,
            None => break,
        }
    }
    if len > 0 {
        let open = joined::open_from(&text[..len], &text[len..]);
        return match open {
            None => Some(Unit { len, window: false }),
            Some(_) if last => Some(Unit {
                len: bytes.len(),
                window: false,
            }),
            Some(0) => None,
            Some(open) => Some(Unit {
                len: open,
                window: false,
            }),
        };
    }
    if bytes.len() >= WINDOW {
        return Some(Unit {
            len: floor(text, WINDOW),
            window: true,
        });
    }
    last.then_some(Unit {
        len: bytes.len(),
        window: false,
    })
}

/// Where a private key begins in a text. `scan`: the first look at it, if there was one.
pub(crate) fn key_begin(text: &str, around: Around<'_>, scan: &Scan) -> Option<Range<usize>> {
    if around.left.is_empty() && around.looked && !scan.words.private {
        return None;
    }
    marker(text, around.left, around.plain, key::begin)
}

/// Where a marker that `find` looks for stands in a text, seen through either folding. `plain`: whether the text is its own
/// view.
pub(crate) fn marker(
    text: &str,
    left: &Left,
    plain: bool,
    find: impl Fn(&[u8]) -> Option<Range<usize>>,
) -> Option<Range<usize>> {
    if left.is_empty() && plain {
        return find(text.as_bytes());
    }
    let look = |fold| {
        let view = View::whole(left, text, &[], fold);
        find(view.bytes()).map(|m| view.place(m))
    };
    let screen = look(Fold::Screen);
    let file = if has_escapes(text) { look(Fold::File) } else { None };
    screen.into_iter().chain(file).min_by_key(|m| m.start)
}

/// Up to where a unit is decided on.
fn limit(text: &str, window: bool) -> usize {
    if window {
        floor(text, WINDOW - LOOK_AHEAD)
    } else {
        text.len()
    }
}

/// The character border at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
