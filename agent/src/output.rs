//! From raw bytes to durable, redacted reports. Raw output exists only in here and in the pipes; what goes on to the spool
//! comes out of `redact` (R30). Pieces are gathered for a moment, so that one sync to disk serves many.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::digest::Digest;
use domain::finding::Finding;
use domain::ids::ActionId;
use domain::sensitive::Raw;
use redact::{ByteRedactor, Redacted, Settings};
use tokio::time::{Instant, sleep};
use wire::{ReportBody, Stream};

use crate::spool::Spool;
use crate::stop::{StopReason, StopSignal};

/// Output is made durable at most this often, unless much of it comes.
const GATHER: Duration = Duration::from_millis(50);

/// Output is made durable at the latest when this many bytes wait.
const GATHER_BYTES: usize = 1024 * 1024;

/// The most bytes of text in one report; JSON makes at most six of one, so a frame holds it.
const REPORT_TEXT: usize = 16 * 1024;

/// The most findings in one report, for the same reason.
const REPORT_FINDINGS: usize = 500;

/// How long to wait before trying the disk again.
pub const RETRY: Duration = Duration::from_secs(1);

/// The output of one action.
#[derive(Debug)]
pub struct Output {
    action: ActionId,
    order: Digest,
    spool: Arc<Spool>,
    stop: StopSignal,
    streams: [Gathered; 2],
    flushed: Instant,
}

#[derive(Debug)]
struct Gathered {
    stream: Stream,
    redactor: Option<ByteRedactor>,
    ready: Redacted,
    raw_bytes: u64,
    at_line_start: bool,
}

impl Output {
    /// Of an action that just started.
    pub fn new(action: ActionId, order: Digest, settings: &Settings, spool: Arc<Spool>, stop: StopSignal) -> Self {
        let gathered = |stream| Gathered {
            stream,
            redactor: Some(ByteRedactor::new(settings)),
            ready: Redacted::default(),
            raw_bytes: 0,
            at_line_start: true,
        };
        // The first piece shall not wait for company.
        let flushed = Instant::now().checked_sub(GATHER).unwrap_or_else(Instant::now);
        Self {
            action,
            order,
            spool,
            stop,
            streams: [gathered(Stream::Stdout), gathered(Stream::Stderr)],
            flushed,
        }
    }

    /// Takes raw bytes. Waits while the spool is full.
    ///
    /// # Errors
    /// When the action has to end; the bytes are kept all the same.
    pub async fn push(&mut self, stream: Stream, bytes: Raw<&[u8]>, len: usize) -> Result<(), StopReason> {
        let gathered = self.stream(stream);
        gathered.raw_bytes += len as u64;
        if let Some(redactor) = &mut gathered.redactor {
            let released = redactor.push(bytes);
            gathered.ready.append(released);
        }
        if self.waiting() >= GATHER_BYTES {
            self.flush().await?;
        }
        self.stop.reason().map_or(Ok(()), Err)
    }

    /// Takes a verb's text.
    ///
    /// # Errors
    /// As [`Output::push`].
    pub async fn say(&mut self, text: &str) -> Result<(), StopReason> {
        self.push(Stream::Stdout, Raw::new(text.as_bytes()), text.len()).await?;
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// When [`Output::flush`] is to be called; none while nothing waits.
    pub fn due(&self) -> Option<Instant> {
        (self.waiting() > 0).then(|| self.flushed + GATHER)
    }

    /// Makes durable what waits, once the spool has space.
    ///
    /// # Errors
    /// When the action has to end while there is no space; what waits is kept.
    pub async fn flush(&mut self) -> Result<(), StopReason> {
        let space = self.spool.has_space();
        self.stop.or(space).await?;
        self.write().await;
        Ok(())
    }

    /// Ends the streams and makes the rest durable, whether there is space or not: what a full spool must take then is
    /// bounded by what a pipe holds.
    pub async fn finish(mut self) {
        for gathered in &mut self.streams {
            if let Some(redactor) = gathered.redactor.take() {
                gathered.ready.append(redactor.finish());
            }
        }
        self.write().await;
    }

    /// The signal that the action sees.
    pub fn stop_signal(&self) -> StopSignal {
        self.stop.clone()
    }

    fn stream(&mut self, stream: Stream) -> &mut Gathered {
        let [stdout, stderr] = &mut self.streams;
        match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        }
    }

    fn waiting(&self) -> usize {
        self.streams.iter().map(|g| g.ready.text().len()).sum()
    }

    async fn write(&mut self) {
        let bodies: Vec<ReportBody> = self.streams.iter_mut().flat_map(Gathered::take).collect();
        if !bodies.is_empty() {
            append(&self.spool, self.action, self.order, bodies).await;
        }
        self.flushed = Instant::now();
    }
}

/// Makes reports durable, trying until it is done: a report is never dropped.
pub async fn append(spool: &Arc<Spool>, action: ActionId, order: Digest, bodies: Vec<ReportBody>) {
    let bodies = Arc::new(bodies);
    loop {
        match try_append(spool, action, order, &bodies).await {
            Ok(()) => return,
            Err(e) => tracing::error!(error = %e, "the spool can't be written; trying again"),
        }
        sleep(RETRY).await;
    }
}

/// Makes reports durable, trying once.
///
/// # Errors
/// When they could not be made durable.
pub async fn try_append(
    spool: &Arc<Spool>,
    action: ActionId,
    order: Digest,
    bodies: &Arc<Vec<ReportBody>>,
) -> io::Result<()> {
    let (spool, bodies) = (Arc::clone(spool), Arc::clone(bodies));
    tokio::task::spawn_blocking(move || spool.append(action, order, &bodies))
        .await
        .map_err(io::Error::other)?
}

impl Gathered {
    fn take(&mut self) -> Vec<ReportBody> {
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
        let inner = text.bytes().rev().skip(1).filter(|b| *b == b'\n').count();
        let lines = inner + usize::from(self.at_line_start);
        self.at_line_start = text.ends_with('\n');
        lines as u64
    }
}

/// Cuts a text into pieces that fit a report, never through a character or a placeholder.
fn cut(text: &str, findings: Vec<Finding>) -> Vec<(String, Vec<Finding>)> {
    let mut pieces = vec![];
    let mut start = 0;
    let mut findings = findings.into_iter().peekable();
    loop {
        let mut end = text.floor_char_boundary(start + REPORT_TEXT);
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
        let mut g = Gathered {
            stream: Stream::Stdout,
            redactor: None,
            ready: Redacted::default(),
            raw_bytes: 0,
            at_line_start: true,
        };
        let counts: Vec<u64> = ["a", "b\n", "\n", "c\nd\ne", "", "f\n"]
            .iter()
            .map(|t| g.count_lines(t))
            .collect();
        assert_eq!(counts, [1, 0, 1, 3, 0, 0]);
    }

    /// R11, R30: totals add up to the raw stream, and what is written is redacted, however the stream was cut.
    #[tokio::test]
    async fn totals_add_up_and_only_redacted_text_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let key = crate::spool::SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]));
        let spool = Arc::new(Spool::open(&dir.path().join("spool"), u64::MAX, key).unwrap());
        let action: ActionId = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        let (_stopper, stop) = crate::stop::Stopper::new();
        let mut output = Output::new(action, Digest::of(&[]), &Settings::default(), Arc::clone(&spool), stop);
        let raw = "paid with 4242424242424242 today\nand é again";
        for byte in raw.as_bytes() {
            output
                .push(Stream::Stdout, Raw::new(std::slice::from_ref(byte)), 1)
                .await
                .unwrap();
            output.flush().await.unwrap();
        }
        output.push(Stream::Stderr, Raw::new(b"oops\n"), 5).await.unwrap();
        output.finish().await;
        let tally = spool.standing(action).unwrap().tally;
        assert_eq!(
            (tally.stdout_bytes, tally.stderr_bytes, tally.lines),
            (raw.len() as u64, 5, 3)
        );
        assert_eq!(tally.findings[&FindingKind::Card], 1);
        let mut place = crate::spool::Place::default();
        let mut text = String::new();
        loop {
            let reports = spool.read(action, &mut place, 1 << 20).unwrap();
            if reports.is_empty() {
                break;
            }
            for report in reports {
                if let ReportBody::Output {
                    text: t,
                    stream: Stream::Stdout,
                    ..
                } = report.body
                {
                    text.push_str(&t);
                }
            }
        }
        assert!(
            text.starts_with("paid with ") && text.ends_with(" today\nand é again"),
            "{text}"
        );
        assert!(!text.contains("424242424242"), "{text}");
    }
}
