//! The way from the link's frames to the network, and how fast the network takes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::Socket;

/// A network that takes fewer bytes in a second is slow: there, a report of usual length is on its way for longer than a person
/// would call at once.
const SLOW: f64 = 2.0 * 1024.0 * 1024.0;

/// The time that a frame may take without its bytes: to be taken up, and to share a processor.
const AT_ONCE: Duration = Duration::from_millis(2);

/// A frame, and for one of a report its turn, which is over once the network has taken it.
pub(super) type Frame = (Message, Option<Turn>);

/// The right to send a frame of a report: there is one on its way, and the others wait where there still is a choice among them.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    pace: Arc<Pace>,
}

/// Frames in a row that must be fast before the network counts as fast again: a slow one takes several at once and then none
/// for long, as its window opens.
const RECOVERED: u8 = 32;

/// Whether the network is slow, as the last frames of reports showed: how many more must be fast.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicU8);

impl Pace {
    pub(super) fn is_slow(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    fn took(&self, bytes: usize, time: Duration) {
        let allowed = AT_ONCE.as_secs_f64() + bytes as f64 / SLOW;
        let left = if time.as_secs_f64() > allowed {
            RECOVERED
        } else {
            self.0.load(Ordering::Relaxed).saturating_sub(1)
        };
        self.0.store(left, Ordering::Relaxed);
    }
}

impl Turn {
    pub(super) fn new(permit: OwnedSemaphorePermit, pace: &Arc<Pace>) -> Self {
        Self {
            _permit: permit,
            pace: Arc::clone(pace),
        }
    }
}

/// Writes frames as they come, several at once where they wait; then closes.
pub(super) async fn write(mut to: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<Frame>) {
    while let Some((frame, mut turn)) = queue.recv().await {
        let (began, mut bytes) = (Instant::now(), frame.len());
        let mut fine = to.feed(frame).await.is_ok();
        while let (true, Ok((frame, next))) = (fine, queue.try_recv()) {
            turn = turn.or(next);
            bytes += frame.len();
            fine = to.feed(frame).await.is_ok();
        }
        if !fine || to.flush().await.is_err() {
            return;
        }
        if let Some(turn) = turn {
            turn.pace.took(bytes, began.elapsed());
        }
    }
    // The other side may be gone already.
    let _ = to.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_what_the_last_frames_showed() {
        let pace = Pace::default();
        assert!(!pace.is_slow());
        pace.took(40 * 1024, Duration::from_millis(160));
        assert!(pace.is_slow(), "256 KiB a second, a whole report");
        for _ in 0..2 * RECOVERED {
            pace.took(4096, Duration::ZERO);
            pace.took(4096, Duration::from_millis(32));
            assert!(pace.is_slow(), "the same in parts, of which every second waits for two");
        }
        for _ in 0..RECOVERED {
            assert!(pace.is_slow());
            pace.took(4096, Duration::from_millis(1));
        }
        assert!(!pace.is_slow());
        pace.took(40 * 1024, Duration::from_millis(15));
        assert!(!pace.is_slow());
    }
}
