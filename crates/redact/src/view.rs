//! What the rules look at: one byte per character, with what a reader does not see dropped and look-alikes folded (R33).
//!
//! Two foldings, because a text means different things to a terminal and to a search through the file it is kept in.
//! [`Fold::Screen`] drops whole escape sequences and lets a backspace take back a character, as a terminal does.
//! [`Fold::File`] drops only the control characters themselves, so that nothing hides inside a sequence's parameters.
//! A text with neither escapes nor backspaces has one view only, and plain ASCII is its own view.

use std::borrow::Cow;
use std::ops::Range;

use crate::matches::{Match, Shown};

/// Stands for a letter outside ASCII.
pub(crate) const LETTER: u8 = 0x80;
/// Stands for any other character outside ASCII.
const SYMBOL: u8 = 0x81;
/// Longest control sequence (`ESC [ … m`) taken for one, in bytes.
const CSI_MAX: usize = 40;
/// Longest operating system command (`ESC ] … BEL`, such as a hyperlink) taken for one, in bytes.
const OSC_MAX: usize = 512;

/// How control characters are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    Screen,
    File,
}

/// A stretch of the view and where it comes from.
#[derive(Clone, Copy)]
struct Run {
    /// First byte in the view.
    at: usize,
    /// Where it comes from in the text.
    from: usize,
    /// How many bytes of the text it stands for.
    len: usize,
    /// Byte for byte, or one thing for another (a folded character, a placeholder).
    linear: bool,
}

/// A text as the rules see it.
pub(crate) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    runs: Vec<Run>,
    /// Bytes at the start that are not of this text but what was before it in the stream.
    floor: usize,
}

/// Whether `text` is its own view.
pub(crate) fn is_plain(text: &str) -> bool {
    next_special(text.as_bytes(), 0) == text.len()
}

/// Whether the two foldings of `text` can differ.
pub(crate) fn has_escapes(text: &str) -> bool {
    memchr::memchr3(0x1b, 0x08, 0xc2, text.as_bytes()).is_some()
}

impl<'a> View<'a> {
    /// The view of a text that [`is_plain`].
    pub(crate) fn plain(text: &'a str) -> Self {
        Self {
            bytes: Cow::Borrowed(text.as_bytes()),
            runs: Vec::new(),
            floor: 0,
        }
    }

    /// The view of `text` after `left` (view bytes of what was before), with `found` shown as their placeholders.
    pub(crate) fn folded(left: &[u8], text: &str, found: &[Match], fold: Fold) -> View<'static> {
        let mut builder = Builder {
            bytes: Vec::with_capacity(left.len() + text.len()),
            runs: Vec::new(),
        };
        builder.bytes.extend_from_slice(left);
        if !left.is_empty() {
            builder.runs.push(Run {
                at: 0,
                from: 0,
                len: 0,
                linear: false,
            });
        }
        let mut done = 0;
        for m in found {
            builder.text(text, done..m.start, fold, left.len());
            builder.opaque(text, m);
            done = m.end;
        }
        builder.text(text, done..text.len(), fold, left.len());
        View {
            bytes: Cow::Owned(builder.bytes),
            runs: builder.runs,
            floor: left.len(),
        }
    }

    /// The bytes to match on.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the text itself starts in the view.
    pub(crate) fn floor(&self) -> usize {
        self.floor
    }

    /// Where a place in the view is in the text.
    pub(crate) fn place(&self, range: Range<usize>) -> Range<usize> {
        if self.runs.is_empty() {
            return range;
        }
        let start = self.origin(range.start).start;
        if range.is_empty() {
            return start..start;
        }
        start..self.origin(range.end - 1).end.max(start)
    }

    /// The matches with their positions in the text.
    pub(crate) fn to_text(&self, matches: Vec<Match>) -> Vec<Match> {
        if self.runs.is_empty() {
            return matches;
        }
        let placed = |m: Match| {
            let value = self.place(m.start..m.end);
            Match {
                context: self.place(m.context..m.start).start.min(value.start),
                start: value.start,
                end: value.end,
                ..m
            }
        };
        matches.into_iter().map(placed).collect()
    }

    /// The last place not after `cut` in the text that is not within something dropped or folded.
    pub(crate) fn cut_before(&self, cut: usize) -> usize {
        if self.runs.is_empty() {
            return cut;
        }
        let after = self.runs.partition_point(|r| r.from < cut);
        after
            .checked_sub(1)
            .and_then(|i| self.runs.get(i))
            .map_or(0, |r| match r.from + r.len <= cut {
                true => r.from + r.len,
                false if r.linear => cut,
                false => r.from,
            })
    }

    fn origin(&self, at: usize) -> Range<usize> {
        let after = self.runs.partition_point(|r| r.at <= at);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(r) if r.linear => r.from + (at - r.at)..r.from + (at - r.at) + 1,
            Some(r) => r.from..r.from + r.len,
            None => 0..0,
        }
    }
}

struct Builder {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Builder {
    fn text(&mut self, text: &str, range: Range<usize>, fold: Fold, floor: usize) {
        let mut at = range.start;
        let bytes = &text.as_bytes()[..range.end];
        while at < range.end {
            let special = next_special(bytes, at);
            self.linear(&bytes[at..special], at);
            at = special;
            let Some(c) = text[at..range.end].chars().next() else {
                return;
            };
            let len = c.len_utf8();
            at += match (c, fold) {
                ('\u{1b}' | '\u{9b}', Fold::Screen) => sequence_len(&bytes[at..], c),
                ('\u{8}', Fold::Screen) => {
                    self.take_back(floor);
                    len
                }
                _ => {
                    if let Some(byte) = folded(c) {
                        self.runs.push(Run {
                            at: self.bytes.len(),
                            from: at,
                            len,
                            linear: false,
                        });
                        self.bytes.push(byte);
                    }
                    len
                }
            };
        }
    }

    fn linear(&mut self, bytes: &[u8], from: usize) {
        if !bytes.is_empty() {
            self.runs.push(Run {
                at: self.bytes.len(),
                from,
                len: bytes.len(),
                linear: true,
            });
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn opaque(&mut self, text: &str, m: &Match) {
        self.runs.push(Run {
            at: self.bytes.len(),
            from: m.start,
            len: m.end - m.start,
            linear: false,
        });
        let placeholder = match &m.shown {
            Shown::Kept(_) => text[m.start..m.end].to_owned(),
            Shown::Label | Shown::LastFour(_) => m.placeholder(),
        };
        self.bytes
            .extend(placeholder.chars().map(|c| folded(c).unwrap_or(SYMBOL)));
    }

    /// A backspace: the last character is gone from the view, unless it is a line end or a bracket, which could be a
    /// placeholder's: no rule may reach into one.
    fn take_back(&mut self, floor: usize) {
        if self.bytes.len() > floor
            && self
                .bytes
                .last()
                .is_some_and(|b| !matches!(b, b'\n' | b'\r' | b'[' | b']'))
            && let Some(last) = self.runs.last_mut()
        {
            self.bytes.pop();
            if last.at == self.bytes.len() {
                self.runs.pop();
            } else if last.linear {
                last.len -= 1;
            }
        }
    }
}

/// Whether `b` cannot be copied as it is: control characters other than white space, and anything outside ASCII.
fn is_special(b: u8) -> bool {
    (b < 0x20) & !((9..=13).contains(&b)) | (b >= 0x7f)
}

/// The first byte at or after `from` that [`is_special`]. The inner loop is written so that it compiles to vector code.
fn next_special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    for block in bytes[from..].chunks_exact(32) {
        if block.iter().fold(false, |any, &b| any | is_special(b)) {
            break;
        }
        at += 32;
    }
    bytes[at..]
        .iter()
        .position(|&b| is_special(b))
        .map_or(bytes.len(), |i| at + i)
}

/// What a character counts as, or `None` where it is invisible.
fn folded(c: char) -> Option<u8> {
    let byte = match c {
        '\t'..='\r' | ' '..='~' => c as u8,
        '\0'..='\u{9f}' => return None,
        // Soft hyphen, joiners, directional marks, variation selectors, byte order mark.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => return None,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => b' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => b'-',
        '\u{ff01}'..='\u{ff5e}' => (c as u32 - 0xfee0) as u8,
        // Arabic-Indic, extended Arabic-Indic, Devanagari and mathematical digits.
        '\u{660}'..='\u{669}' => digit(c, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
        '\u{966}'..='\u{96f}' => digit(c, 0x966),
        '\u{1d7ce}'..='\u{1d7ff}' => digit(c, 0x1d7ce),
        _ if c.is_alphabetic() => LETTER,
        _ => SYMBOL,
    };
    Some(byte)
}

fn digit(c: char, zero: u32) -> u8 {
    b'0' + ((c as u32 - zero) % 10) as u8
}

/// How many bytes the escape sequence at the start of `bytes` has (ECMA-48 5.4, 8.3.89; xterm's string terminators).
/// What is not one counts as the escape character alone.
fn sequence_len(bytes: &[u8], introducer: char) -> usize {
    let alone = introducer.len_utf8();
    let (kind, body) = match (introducer, bytes.get(1)) {
        ('\u{9b}', _) => (b'[', 2),
        (_, Some(&kind)) => (kind, 2),
        (_, None) => return alone,
    };
    match kind {
        b'[' => {
            let params = bytes[body..]
                .iter()
                .take(CSI_MAX)
                .take_while(|b| (0x20..0x40).contains(*b))
                .count();
            match bytes.get(body + params) {
                Some(0x40..=0x7e) => body + params + 1,
                _ => alone,
            }
        }
        b']' => {
            let text = bytes[body..]
                .iter()
                .take(OSC_MAX)
                .take_while(|b| !matches!(**b, 7 | 0x1b | b'\n'))
                .count();
            match (bytes.get(body + text), bytes.get(body + text + 1)) {
                (Some(7), _) => body + text + 1,
                (Some(0x1b), Some(b'\\')) => body + text + 2,
                _ => alone,
            }
        }
        b' '..=b'/' if matches!(bytes.get(2), Some(0x30..=0x7e)) => 3,
        b'0'..=b'Z' | b'\\' | b'^'..=b'~' => 2,
        _ => alone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(text: &str) -> String {
        View::folded(b"", text, &[], Fold::Screen)
            .bytes
            .iter()
            .map(|&b| char::from(b))
            .collect()
    }

    fn file(text: &str) -> String {
        View::folded(b"", text, &[], Fold::File)
            .bytes
            .iter()
            .map(|&b| char::from(b))
            .collect()
    }

    /// R33: escapes, invisible characters and look-alikes.
    #[test]
    fn folds_what_a_reader_does_not_see() {
        assert_eq!(screen("4\u{1b}[1;31m2\u{1b}[0m4"), "424");
        assert_eq!(screen("a\u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{1b}\\b"), "alinkb");
        assert_eq!(screen("４２\u{a0}４２\u{2011}4\u{200b}2@ｅ"), "42 42-42@e");
        assert_eq!(screen("4\u{8}42\u{8}2"), "42");
        assert_eq!(file("4\u{8}42\u{8}2"), "4422");
        assert_eq!(file("\u{1b}[4242m"), "[4242m");
        assert_eq!(screen("4\u{0}2\u{0}"), "42");
        assert_eq!(screen("\u{1b}[31\n4"), "[31\n4");
        assert_eq!(screen("\u{1b}(B\u{1b}=x\u{1b}"), "x");
    }

    #[test]
    fn positions_lead_back() {
        let text = "é\u{1b}[1m４2";
        let view = View::folded(b"xy", text, &[], Fold::Screen);
        assert_eq!(view.bytes(), [b'x', b'y', LETTER, b'4', b'2']);
        assert_eq!(view.place(2..3), 0..2);
        assert_eq!(view.place(3..5), 6..10);
        assert_eq!(view.place(0..1), 0..0);
        assert_eq!(view.cut_before(5), 2);
        assert_eq!(view.cut_before(8), 6);
        assert_eq!(view.cut_before(9), 9);
    }
}
