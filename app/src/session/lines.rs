//! Output as lines and segments: what a card shows of the pieces in the record.
//!
//! Pure. Pieces end where the agent's buffer ended, so a line may span several; stdout and stderr each have their own open
//! line. Control, bidirectional and zero-width characters become segments of their own, so that the page can show what they
//! are (R25) without changing the text.

use domain::api::OutputPiece;
use domain::finding::{Finding, FindingKind};

/// A stretch of text that is shown in one way. The texts of a piece's segments, joined, are the piece's text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Plain text.
    Text(String),
    /// The placeholder of a redaction.
    Chip {
        /// What was found.
        kind: FindingKind,
        /// The rule that found it.
        rule: String,
        /// The placeholder.
        text: String,
    },
    /// One character that would not show, or would disturb how its neighbours show.
    Hidden {
        /// The character.
        text: String,
        /// Its code point, such as `U+202E`.
        code: String,
    },
}

/// One line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1, in the order in which lines began.
    pub number: u64,
    /// Whether it came from stderr.
    pub stderr: bool,
    /// The leaf in which it begins.
    pub leaf: u64,
    /// What it says, without its line end.
    pub segments: Vec<Segment>,
}

impl Line {
    /// What tells it from every other state of every line: its number and how much it holds.
    pub fn key(&self) -> (u64, usize) {
        let length = |s: &Segment| match s {
            Segment::Text(text) | Segment::Chip { text, .. } | Segment::Hidden { text, .. } => text.len(),
        };
        (self.number, self.segments.iter().map(length).sum())
    }
}

/// Whether `c` is shown by its code point instead of itself.
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` split at its findings and hidden characters. A finding that doesn't lie on characters' boundaries, or lies within the
/// one before, is passed over: then its placeholder is shown as plain text.
pub fn segments(text: &str, findings: &[Finding]) -> Vec<Segment> {
    let mut out = Vec::new();
    let mut at = 0;
    for f in findings {
        let start = usize::try_from(f.start).unwrap_or(usize::MAX);
        let end = start.saturating_add(f.len as usize);
        let (Some(before), Some(placeholder)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        split_hidden(before, &mut out);
        out.push(Segment::Chip {
            kind: f.kind,
            rule: f.rule.to_string(),
            text: placeholder.to_owned(),
        });
        at = end;
    }
    split_hidden(text.get(at..).unwrap_or_default(), &mut out);
    out
}

fn split_hidden(text: &str, out: &mut Vec<Segment>) {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
        if at > 0 {
            out.push(Segment::Text(rest[..at].to_owned()));
        }
        let end = at + c.len_utf8();
        out.push(Segment::Hidden {
            text: rest[at..end].to_owned(),
            code: format!("U+{:04X}", u32::from(c)),
        });
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out.push(Segment::Text(rest.to_owned()));
    }
}

/// The lines of `pieces`, numbered from `first`. A carriage return before a line end belongs to the line end.
pub fn lines(pieces: &[OutputPiece], first: u64) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    // For stdout and stderr: which line is still open.
    let mut open: [Option<usize>; 2] = [None, None];
    for piece in pieces {
        let stderr = piece.stream == "stderr";
        let fresh = |out: &mut Vec<Line>| {
            let number = first + out.len() as u64;
            out.push(Line {
                number,
                stderr,
                leaf: piece.leaf,
                segments: vec![],
            });
            out.len() - 1
        };
        for segment in segments(&piece.text, &piece.findings) {
            let slot = &mut open[usize::from(stderr)];
            let Segment::Text(text) = segment else {
                let at = *slot.get_or_insert_with(|| fresh(&mut out));
                out[at].segments.push(segment);
                continue;
            };
            for part in text.split_inclusive('\n') {
                let at = *slot.get_or_insert_with(|| fresh(&mut out));
                let line = &mut out[at].segments;
                match part.strip_suffix('\n') {
                    Some(body) => {
                        push_text(line, body);
                        if body.is_empty() && matches!(line.last(), Some(Segment::Hidden { text, .. }) if text == "\r")
                        {
                            line.pop();
                        }
                        *slot = None;
                    }
                    None => push_text(line, part),
                }
            }
        }
    }
    out
}

fn push_text(line: &mut Vec<Segment>, text: &str) {
    match line.last_mut() {
        _ if text.is_empty() => {}
        Some(Segment::Text(t)) => t.push_str(text),
        Some(Segment::Chip { .. } | Segment::Hidden { .. }) | None => line.push(Segment::Text(text.to_owned())),
    }
}

/// The last pieces that together hold at least `keep` lines, and how many lines come before them. When that is nearly all,
/// all: nobody wants a link for a few lines.
pub fn tail(pieces: Vec<OutputPiece>, keep: usize) -> (Vec<OutputPiece>, u64) {
    let ends = |p: &OutputPiece| p.text.bytes().filter(|b| *b == b'\n').count();
    if pieces.iter().map(ends).sum::<usize>() <= keep + keep / 4 {
        return (pieces, 0);
    }
    let all = lines(&pieces, 1).len();
    let mut kept = Vec::new();
    let mut held = 0;
    for piece in pieces.into_iter().rev() {
        let here = ends(&piece);
        if held + here >= keep {
            kept.push(last_lines(piece, keep - held));
            break;
        }
        held += here;
        kept.push(piece);
    }
    kept.reverse();
    let shown = lines(&kept, 1).len();
    (kept, (all - shown) as u64)
}

/// The piece from its `n`-th line end from the end on, with its findings moved along.
fn last_lines(piece: OutputPiece, n: usize) -> OutputPiece {
    // Its own last line end closes the last line, so one more is skipped than lines are kept.
    let skip = if piece.text.ends_with('\n') {
        n
    } else {
        n.saturating_sub(1)
    };
    let Some(cut) = piece.text.rmatch_indices('\n').nth(skip).map(|(at, _)| at + 1) else {
        return piece;
    };
    let findings = piece
        .findings
        .into_iter()
        .filter_map(|f| {
            Some(Finding {
                start: f.start.checked_sub(cut as u64)?,
                ..f
            })
        })
        .collect();
    OutputPiece {
        text: piece.text[cut..].to_owned(),
        findings,
        ..piece
    }
}

/// What a person copies: the lines as they stand in the record, redacted.
pub fn plain(pieces: &[OutputPiece]) -> String {
    pieces.iter().map(|p| p.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(leaf: u64, stream: &str, text: &str) -> OutputPiece {
        OutputPiece {
            leaf,
            stream: stream.into(),
            text: text.into(),
            findings: vec![],
        }
    }

    fn finding(start: u64, len: u32) -> Finding {
        Finding {
            kind: FindingKind::Card,
            rule: "card.luhn".into(),
            start,
            len,
            engine: 1,
        }
    }

    fn text_of(line: &Line) -> String {
        line.segments
            .iter()
            .map(|s| match s {
                Segment::Text(t) => t.clone(),
                Segment::Chip { text, .. } => format!("<{text}>"),
                Segment::Hidden { code, .. } => format!("<{code}>"),
            })
            .collect()
    }

    #[test]
    fn lines_span_pieces_and_streams_keep_their_own_open_line() {
        let pieces = [
            piece(5, "stdout", "one\ntw"),
            piece(6, "stderr", "oops\nag"),
            piece(7, "stdout", "o\r\nthree"),
            piece(8, "stderr", "ain\n"),
        ];
        let got: Vec<_> = lines(&pieces, 1)
            .iter()
            .map(|l| (l.number, l.stderr, l.leaf, text_of(l)))
            .collect();
        let line = |n, e, leaf, t: &str| (n, e, leaf, t.to_owned());
        assert_eq!(
            got,
            [
                line(1, false, 5, "one"),
                line(2, false, 5, "two"),
                line(3, true, 6, "oops"),
                line(4, true, 6, "again"),
                line(5, false, 7, "three")
            ]
        );
    }

    /// R34: a finding is shown as its placeholder; one that doesn't fit the text disturbs nothing.
    #[test]
    fn findings_become_chips_and_bad_ones_are_passed_over() {
        let text = "é card •••• 4242 ok";
        let start = text.find("card").unwrap() as u64;
        let placeholder = "card •••• 4242";
        let got = segments(
            text,
            &[
                finding(1, 3),
                finding(start, placeholder.len() as u32),
                finding(start + 2, 4),
                finding(9999, 9),
            ],
        );
        assert_eq!(
            got,
            [
                Segment::Text("é ".into()),
                Segment::Chip {
                    kind: FindingKind::Card,
                    rule: "card.luhn".into(),
                    text: placeholder.into()
                },
                Segment::Text(" ok".into())
            ]
        );
    }

    /// R25: what does not show is shown as its code point; nothing is lost.
    #[test]
    fn hidden_characters_are_segments_and_the_text_stays_whole() {
        let text = "rm \u{202e}gpj.exe\u{200b}\x1b[2K\0 end\tok";
        let got = segments(text, &[]);
        let codes: Vec<_> = got
            .iter()
            .filter_map(|s| {
                if let Segment::Hidden { code, .. } = s {
                    Some(code.as_str())
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(codes, ["U+202E", "U+200B", "U+001B", "U+0000"]);
        let joined: String = got
            .into_iter()
            .map(|s| match s {
                Segment::Text(t) | Segment::Chip { text: t, .. } | Segment::Hidden { text: t, .. } => t,
            })
            .collect();
        assert_eq!(joined, text);
    }

    /// 10,000 lines: the page starts with the last of them, rightly numbered.
    #[test]
    fn a_long_output_keeps_its_tail_and_its_numbers() {
        let text: String = (1..=10_000).map(|n| format!("line {n}\n")).collect();
        let cut = text.find("line 9900\n").unwrap();
        let mut last = piece(2, "stdout", &text[cut..]);
        last.findings = vec![finding(0, 4), finding(text[cut..].find("9999").unwrap() as u64, 4)];
        let (kept, before) = tail(vec![piece(1, "stdout", &text[..cut]), last], 50);
        assert_eq!(before, 9950);
        let shown = lines(&kept, before + 1);
        assert_eq!(
            (shown.len(), shown[0].number, text_of(&shown[0])),
            (50, 9951, "line 9951".into())
        );
        assert_eq!(text_of(&shown[48]), "line <9999>");
        assert_eq!(shown[49].number, 10_000);
        let (all, before) = tail(vec![piece(1, "stdout", "a\nb\n")], 50);
        assert_eq!((all.len(), before), (1, 0));
    }
}
