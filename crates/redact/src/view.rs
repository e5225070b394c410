//! What the rules look at: one byte per character, with what a reader does not see dropped and look-alikes folded (R33).
//!
//! Two foldings, because a text means different things to a terminal and to a search through the file it is kept in.
//! [`Fold::Screen`] drops whole escape sequences and lets a backspace take back a character, as a terminal does.
//! [`Fold::File`] drops only the control characters themselves, so that nothing hides inside a sequence's parameters.
//! A text with neither escapes nor backspaces has one view only, and plain ASCII is its own view.

use std::borrow::Cow;
use std::ops::Range;

use crate::fold::{SYMBOL, folded, next_special, sequence_len};
use crate::matches::{Match, Shown};

/// What a view shows of `[card •••• ` (a test compares it with the placeholder itself).
const CARD: &[u8] = &[b'[', b'c', b'a', b'r', b'd', b' ', SYMBOL, SYMBOL, SYMBOL, SYMBOL, b' '];

/// How control characters are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    Screen,
    File,
}

/// What was before a text on its first line, as each folding shows it: at most so many view bytes as were asked for.
#[derive(Clone, Default)]
pub(crate) struct Left {
    screen: Vec<u8>,
    file: Vec<u8>,
}

impl Left {
    /// Behind something that was dropped: the end of its placeholder.
    pub(crate) fn placeholder() -> Self {
        Self {
            screen: b"]".to_vec(),
            file: b"]".to_vec(),
        }
    }

    /// Behind `text` with `found` replaced, which itself was behind `self`.
    pub(crate) fn after(&self, text: &str, found: &[Match], max: usize) -> Self {
        let tail = |fold| {
            let view = View::whole(self, text, found, fold);
            let bytes = view.bytes();
            let line = memchr::memrchr(b'\n', bytes).map_or(0, |i| i + 1);
            bytes[line.max(bytes.len().saturating_sub(max))..].to_vec()
        };
        Self {
            screen: tail(Fold::Screen),
            file: tail(Fold::File),
        }
    }

    /// Whether the text is at the start of its line.
    pub(crate) fn is_empty(&self) -> bool {
        self.screen.is_empty() && self.file.is_empty()
    }

    fn shown(&self, fold: Fold) -> &[u8] {
        match fold {
            Fold::Screen => &self.screen,
            Fold::File => &self.file,
        }
    }
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

    /// The view of some lines of `text`, which is behind `left`, with `found` shown as their placeholders. `plain`: whether the
    /// text is its own view.
    pub(crate) fn folded(
        (left, text, plain): (&Left, &str, bool),
        lines: &[Range<usize>],
        found: &[Match],
        fold: Fold,
    ) -> View<'static> {
        let from_start = lines.first().is_some_and(|l| l.start == 0);
        let left = if from_start { left.shown(fold) } else { &[] };
        let room = left.len() + lines.iter().map(Range::len).sum::<usize>();
        let mut builder = Builder {
            bytes: Vec::with_capacity(room),
            runs: Vec::with_capacity(if plain { 2 * found.len() + lines.len() + 1 } else { 0 }),
            floor: left.len(),
            plain,
        };
        if !left.is_empty() {
            builder.bytes.extend_from_slice(left);
            builder.runs.push(Run {
                at: 0,
                from: 0,
                len: 0,
                linear: false,
            });
        }
        let mut found = found
            .iter()
            .skip(found.partition_point(|m| lines.first().is_some_and(|l| m.start < l.start)))
            .peekable();
        for line in lines {
            let mut done = line.start;
            while let Some(m) = found.next_if(|m| m.start < line.end) {
                if m.start >= line.start {
                    builder.text(text, done..m.start, fold);
                    builder.opaque(text, m);
                    done = m.end;
                }
            }
            builder.text(text, done..line.end, fold);
        }
        View {
            bytes: Cow::Owned(builder.bytes),
            runs: builder.runs,
            floor: left.len(),
        }
    }

    /// The view of all of `text`.
    pub(crate) fn whole(left: &Left, text: &str, found: &[Match], fold: Fold) -> View<'static> {
        Self::folded((left, text, false), std::slice::from_ref(&(0..text.len())), found, fold)
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
    /// Where the text itself starts.
    floor: usize,
    /// Whether the text is its own view.
    plain: bool,
}

impl Builder {
    fn text(&mut self, text: &str, range: Range<usize>, fold: Fold) {
        let bytes = &text.as_bytes()[..range.end];
        if self.plain {
            self.linear(&bytes[range.start..], range.start);
            return;
        }
        let mut at = range.start;
        while at < range.end {
            let special = next_special(bytes, at);
            self.linear(&bytes[at..special], at);
            at = special;
            let Some(c) = text[at..range.end].chars().next() else {
                return;
            };
            let len = c.len_utf8();
            at += match (c, fold) {
                ('\u{1b}' | '\u{9b}', Fold::Screen) => sequence_len(&text[at..range.end], c),
                ('\u{8}', Fold::Screen) => {
                    self.take_back();
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
        match &m.shown {
            Shown::Kept(_) => self
                .bytes
                .extend(text[m.start..m.end].chars().map(|c| folded(c).unwrap_or(SYMBOL))),
            Shown::Label => {
                self.bytes.push(b'[');
                self.bytes.extend_from_slice(m.kind.label().as_bytes());
                self.bytes.push(b']');
            }
            Shown::LastFour(digits) => {
                self.bytes.extend_from_slice(CARD);
                self.bytes.extend_from_slice(digits);
                self.bytes.push(b']');
            }
        }
    }

    /// A backspace: the last character is gone from the view, unless it is a line end or a bracket, which could be a
    /// placeholder's: no rule may reach into one.
    fn take_back(&mut self) {
        if self.bytes.len() > self.floor
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::finding::FindingKind;

    use crate::fold::LETTER;

    fn screen(text: &str) -> String {
        View::whole(&Left::default(), text, &[], Fold::Screen)
            .bytes
            .iter()
            .map(|&b| char::from(b))
            .collect()
    }

    fn file(text: &str) -> String {
        View::whole(&Left::default(), text, &[], Fold::File)
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

    /// R31: a match is seen as its placeholder would be if it stood in the text.
    #[test]
    fn matches_look_like_their_placeholders() {
        for shown in [Shown::Label, Shown::LastFour(*b"4242")] {
            let m = Match {
                shown,
                ..Match::new(FindingKind::Card, "card.luhn", 1..17)
            };
            let seen = View::whole(
                &Left::default(),
                "x4242424242424242",
                std::slice::from_ref(&m),
                Fold::Screen,
            );
            let mut stands = crate::Redacted::default();
            let pen = crate::redacted::Pen { numbers: None, at: 0 };
            stands.rendered("x4242424242424242", std::slice::from_ref(&m), pen);
            assert_eq!(
                seen.bytes,
                View::whole(&Left::default(), stands.text(), &[], Fold::Screen).bytes
            );
        }
    }

    #[test]
    fn positions_lead_back() {
        let text = "é\u{1b}[1m４2";
        let view = View::whole(&Left::default().after("xy", &[], 9), text, &[], Fold::Screen);
        assert_eq!(view.bytes(), [b'x', b'y', LETTER, b'4', b'2']);
        assert_eq!(view.place(2..3), 0..2);
        assert_eq!(view.place(3..5), 6..10);
        assert_eq!(view.place(0..1), 0..0);
        assert_eq!(view.cut_before(5), 2);
        assert_eq!(view.cut_before(8), 6);
        assert_eq!(view.cut_before(9), 9);
    }
}
