//! From raw bytes to durable, redacted reports. Raw output exists only in here and in the pipes; what goes on to the spool
//! comes out of `redact` (R30). Pieces are gathered for a moment, so that one sync to disk serves many; while one piece is
//! being written, the next is gathered.

mod gathered;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::digest::Digest;
use domain::ids::ActionId;
use domain::sensitive::Raw;
use redact::Settings;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use wire::{ReportBody, Stream};

use crate::decode::Decoding;
use crate::spool::Spool;
use crate::stop::{StopReason, StopSignal};
use gathered::Gathered;

/// Output is made durable at most this often, unless much of it comes.
const GATHER: Duration = Duration::from_millis(50);

/// Output is made durable at the latest when this many bytes wait.
const GATHER_BYTES: usize = 1024 * 1024;

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
    /// What is being made durable; one at a time, so that the order holds.
    writing: Option<JoinHandle<()>>,
}

impl Output {
    /// Of an action that just started.
    pub fn new(action: ActionId, order: Digest, settings: &Settings, spool: Arc<Spool>, stop: StopSignal) -> Self {
        let gathered = |stream| Gathered::new(stream, settings);
        // The first piece shall not wait for company.
        let flushed = Instant::now().checked_sub(GATHER).unwrap_or_else(Instant::now);
        Self {
            action,
            order,
            spool,
            stop,
            streams: [gathered(Stream::Stdout), gathered(Stream::Stderr)],
            flushed,
            writing: None,
        }
    }

    /// Says what the bytes of a stream are, before the first of them; UTF-8 if nothing is said.
    pub fn decode(&mut self, stream: Stream, decoding: Decoding) {
        self.stream(stream).decode(decoding);
    }

    /// Takes raw bytes. Waits while the spool is full.
    ///
    /// # Errors
    /// When the action has to end; the bytes are kept all the same.
    pub async fn push(&mut self, stream: Stream, bytes: Raw<&[u8]>, len: usize) -> Result<(), StopReason> {
        self.stream(stream).push(bytes, len);
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

    /// Has what waits made durable, once the spool has space; it is so at the latest when [`Output::finish`] returns.
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
        self.streams.iter_mut().for_each(Gathered::finish);
        self.write().await;
        self.written().await;
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
        self.streams.iter().map(Gathered::waiting).sum()
    }

    async fn write(&mut self) {
        self.written().await;
        let bodies: Vec<ReportBody> = self.streams.iter_mut().flat_map(Gathered::take).collect();
        if !bodies.is_empty() {
            let (spool, action, order) = (Arc::clone(&self.spool), self.action, self.order);
            self.writing = Some(tokio::spawn(async move {
                append(&spool, action, order, bodies).await;
            }));
        }
        self.flushed = Instant::now();
    }

    /// Returns once nothing is being written. Whoever gives up waiting can wait again: the task is let go when it is over.
    async fn written(&mut self) {
        if let Some(writing) = &mut self.writing {
            if let Err(e) = writing.await {
                tracing::error!(error = %e, "output was not written");
            }
            self.writing = None;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::finding::FindingKind;

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

    /// R11, R30: what a console program writes is decoded before it is looked at, and its bytes are counted as they came.
    #[tokio::test]
    async fn a_console_programs_output_is_decoded_before_it_is_redacted() {
        let dir = tempfile::tempdir().unwrap();
        let key = crate::spool::SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]));
        let spool = Arc::new(Spool::open(&dir.path().join("spool"), u64::MAX, key).unwrap());
        let action: ActionId = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        let (_stopper, stop) = crate::stop::Stopper::new();
        let mut output = Output::new(action, Digest::of(&[]), &Settings::default(), Arc::clone(&spool), stop);
        for stream in [Stream::Stdout, Stream::Stderr] {
            output.decode(stream, Decoding::Console { oem: 850 });
        }
        let wide: Vec<u8> = "paid with 4242424242424242\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let error = b"#< CLIXML\r\n<Objs><S S=\"Error\">card 4242_x0034_24242424242_x000A_</S></Objs>";
        output.push(Stream::Stdout, Raw::new(&wide), wide.len()).await.unwrap();
        output.push(Stream::Stderr, Raw::new(error), error.len()).await.unwrap();
        output.finish().await;
        let tally = spool.standing(action).unwrap().tally;
        assert_eq!(
            (tally.stdout_bytes, tally.stderr_bytes, tally.lines),
            (wide.len() as u64, error.len() as u64, 2)
        );
        assert_eq!(tally.findings[&FindingKind::Card], 2);
    }
}
