//! One stream of an action: decoded, redacted, and cut into what fits a report.

use domain::finding::Finding;
use domain::sensitive::Raw;
use redact::{ByteRedactor, Redacted, Settings};
use wire::{ReportBody, Stream};

use crate::decode::{Decoder, Decoding};

/// The most bytes of text in one report. The larger they are, the smaller is the record (packed 0.18 of the text with 64 KiB, 0.20 with
/// 32), and the longer one keeps the other actions waiting on a slow link: through 256 KiB/s a sixth of a second.
const REPORT_TEXT: usize = 40 * 1024;

/// The most bytes that this text has as JSON, so that a frame holds it.
const REPORT_JSON: usize = 60 * 1024;

/// The most findings in one report, for the same reason.
const REPORT_FINDINGS: usize = 500;

/// What came of one stream and is not reported yet.
#[derive(Debug)]
pub(super) struct Gathered {
    stream: Stream,
    decoder: Option<Decoder>,
    redactor: Option<ByteRedactor>,
    ready: Redacted,
    raw_bytes: u64,
    at_line_start: bool,
}

impl Gathered {
    pub(super) fn new(stream: Stream, settings: &Settings) -> Self {
        Self {
            stream,
            decoder: None,
            redactor: Some(ByteRedactor::new(settings)),
            ready: Redacted::default(),
            raw_bytes: 0,
            at_line_start: true,
        }
    }

    /// Says what the bytes are, before the first of them.
    pub(super) fn decode(&mut self, decoding: Decoding) {
        self.decoder = match decoding {
            Decoding::Utf8 => None,
            Decoding::Console { oem } => Some(Decoder::console(oem)),
        };
    }

    /// Takes `len` raw bytes.
    pub(super) fn push(&mut self, bytes: Raw<&[u8]>, len: usize) {
        self.raw_bytes += len as u64;
        if let Some(redactor) = &mut self.redactor {
            let released = match &mut self.decoder {
                None => redactor.push(bytes),
                Some(decoder) => push_text(redactor, decoder.push(bytes)),
            };
            self.ready.append(released);
        }
    }

    /// Ends the stream.
    pub(super) fn finish(&mut self) {
        if let Some(mut redactor) = self.redactor.take() {
            if let Some(decoder) = self.decoder.take() {
                self.ready.append(push_text(&mut redactor, decoder.finish()));
            }
            self.ready.append(redactor.finish());
        }
    }

    /// Bytes of text that can be reported.
    pub(super) fn waiting(&self) -> usize {
        self.ready.text().len()
    }

    /// What can be reported.
    pub(super) fn take(&mut self) -> Vec<ReportBody> {
        let (text, findings) = std::mem::take(&mut self.ready).into_parts();
        let mut raw_bytes = std::mem::take(&mut self.raw_bytes);
        if text.is_empty() {
            // Bytes that the redactor still holds are counted with the report that brings them.
            let held = self.redactor.is_some() || raw_bytes == 0;
            if held {
                self.raw_bytes = raw_bytes;
                return vec![];
            }
        }
        let mut bodies = vec![];
        for (text, findings) in cut(&text, findings) {
            let lines = self.count_lines(&text);
            bodies.push(ReportBody::Output {
                stream: self.stream,
                text,
                raw_bytes: std::mem::take(&mut raw_bytes),
                lines,
                findings,
            });
        }
        bodies
    }

    /// Lines that begin in `text`.
    fn count_lines(&mut self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        let ends = text.ends_with('\n');
        let inner = memchr::memchr_iter(b'\n', text.as_bytes()).count() - usize::from(ends);
        let lines = inner + usize::from(self.at_line_start);
        self.at_line_start = ends;
        lines as u64
    }
}

fn push_text(redactor: &mut ByteRedactor, text: Raw<String>) -> Redacted {
    redactor.push(Raw::new(text.expose().as_bytes()))
}

/// Cuts a text into pieces that fit a report, never through a character or a placeholder.
fn cut(text: &str, findings: Vec<Finding>) -> Vec<(String, Vec<Finding>)> {
    let mut pieces = vec![];
    let mut start = 0;
    let mut findings = findings.into_iter().peekable();
    loop {
        let mut end = text.floor_char_boundary(start + fitting(&text.as_bytes()[start..]));
        let mut inside = vec![];
        while let Some(finding) = findings.peek() {
            let (from, to) = (place(finding.start), place(finding.start) + finding.len as usize);
            if from >= end {
                break;
            }
            if inside.len() == REPORT_FINDINGS || (to > end && from > start) {
                end = from;
                break;
            }
            end = end.max(to.min(text.len()));
            inside.extend(findings.next().map(|f| Finding {
                start: f.start - start as u64,
                ..f
            }));
        }
        pieces.push((text[start..end].to_owned(), inside));
        start = end;
        if start >= text.len() {
            return pieces;
        }
    }
}

/// How many of the first bytes are no more than [`REPORT_TEXT`], and no more than [`REPORT_JSON`] as JSON.
fn fitting(text: &[u8]) -> usize {
    let most = text.get(..REPORT_TEXT).unwrap_or(text);
    // Text as consoles print it fits, and to add up all of it is a fraction of looking where it would no longer.
    if most.iter().map(as_json).sum::<usize>() <= REPORT_JSON {
        return most.len();
    }
    let mut left = REPORT_JSON;
    let fits = |b: &&u8| {
        let room = left.checked_sub(as_json(b));
        left = room.unwrap_or(0);
        room.is_some()
    };
    most.iter().take_while(fits).count()
}

/// How many bytes a byte of text takes in JSON (RFC 8259, section 7).
fn as_json(b: &u8) -> usize {
    let short = matches!(b, b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c);
    1 + usize::from(short) + 5 * usize::from(!short && *b < 0x20)
}

fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::finding::FindingKind;

    fn finding(start: usize, len: u32) -> Finding {
        Finding {
            kind: FindingKind::Card,
            rule: "card.luhn".into(),
            start: start as u64,
            len,
            engine: 1,
        }
    }

    #[test]
    fn a_cut_goes_through_no_placeholder_and_no_character() {
        let text = format!(
            "{}[card …4242]{}é{}",
            "a".repeat(REPORT_TEXT - 5),
            "b".repeat(REPORT_TEXT - 17),
            "c".repeat(100)
        );
        let mark = text.find('[').unwrap();
        let pieces = cut(&text, vec![finding(mark, 14), finding(text.len() - 10, 5)]);
        assert_eq!(pieces.iter().map(|(t, _)| t.as_str()).collect::<String>(), text);
        assert_eq!(pieces[0].0.len(), mark);
        assert_eq!(pieces[1].1, [finding(0, 14)]);
        let last = pieces.last().unwrap();
        assert_eq!(last.1, [finding(last.0.len() - 10, 5)]);
        assert!(pieces.iter().all(|(t, _)| t.len() <= REPORT_TEXT));
    }

    /// Whatever is in it, a report fits into a frame: text that JSON makes longer is cut sooner.
    #[test]
    fn a_report_fits_into_a_frame() {
        for piece in ["a", "é", "\n", "\"", "\\", "\u{1}", "\u{1b}[1m\0", "\u{7f}\u{80}"] {
            let text = piece.repeat(3 * REPORT_TEXT / piece.len());
            let pieces = cut(&text, vec![]);
            assert_eq!(pieces.iter().map(|(t, _)| t.as_str()).collect::<String>(), text);
            for (text, _) in &pieces {
                let json = serde_json::to_string(text).unwrap().len() - 2;
                assert!(text.len() <= REPORT_TEXT && json <= REPORT_JSON, "{piece:?}: {json}");
            }
            let (first, _) = &pieces[0];
            let json = serde_json::to_string(first).unwrap().len();
            assert!(
                first.len() + 4 > REPORT_TEXT || json + 8 > REPORT_JSON,
                "{piece:?}: not cut sooner than it must be"
            );
        }
    }

    #[test]
    fn many_findings_are_spread_over_reports() {
        let text = "[x]".repeat(2 * REPORT_FINDINGS + 1);
        let findings = (0..2 * REPORT_FINDINGS + 1).map(|i| finding(i * 3, 3)).collect();
        let pieces = cut(&text, findings);
        assert_eq!(
            pieces.iter().map(|(_, f)| f.len()).collect::<Vec<_>>(),
            [REPORT_FINDINGS, REPORT_FINDINGS, 1]
        );
        assert!(
            pieces
                .iter()
                .all(|(t, f)| f.iter().all(|f| &t[f.start as usize..][..3] == "[x]"))
        );
    }

    #[test]
    fn a_line_counts_where_it_begins() {
        let mut g = Gathered::new(Stream::Stdout, &Settings::default());
        let counts: Vec<u64> = ["a", "b\n", "\n", "c\nd\ne", "", "f\n"]
            .iter()
            .map(|t| g.count_lines(t))
            .collect();
        assert_eq!(counts, [1, 0, 1, 3, 0, 0]);
    }
}
