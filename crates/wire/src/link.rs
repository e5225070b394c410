//! The two sides of a link as state machines without I/O: what may be said when, heartbeats, and when to give up.
//!
//! A frame goes in, an event comes out; a message goes in, a frame comes out. After any [`Violation`] the caller closes the
//! socket; the machine takes and gives nothing more. Time is a [`Duration`] since any fixed moment, from a clock that
//! nobody sets.

mod agent;
mod server;

use std::time::Duration;

use crate::message::{DecodeError, EncodeError, HEARTBEAT};

pub use agent::{AgentEvent, AgentLinkState};
pub use server::{ServerEvent, ServerLinkState};

/// The handshake must be over after this.
pub const HANDSHAKE_LIMIT: Duration = Duration::from_secs(20);

/// A side that said nothing for this many heartbeats is taken for dead.
pub const MISSED_HEARTBEATS: u32 = 3;

/// Why a link must be closed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Violation {
    /// The other side sent something that is no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A message of ours does not fit a frame.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A message that has no place at this point.
    #[error("the message {0} is out of turn")]
    OutOfTurn(&'static str),
    /// No protocol in common.
    #[error("no protocol in common: the other side speaks {min} to {max}")]
    Protocol {
        /// The other side's oldest.
        min: u32,
        /// The other side's newest.
        max: u32,
    },
    /// A message, or a field of one, that the protocol agreed on does not have.
    #[error("the message {0} is not of the protocol that was agreed on")]
    NotInProtocol(&'static str),
    /// An order that names no action, so that not even its refusal could be reported.
    #[error("an order names no action")]
    NamelessOrder,
    /// The handshake took too long.
    #[error("the handshake took longer than {} s", HANDSHAKE_LIMIT.as_secs())]
    HandshakeTimeout,
    /// Nothing was heard for too long.
    #[error("nothing was heard from the other side")]
    Silent,
    /// The link is closed already.
    #[error("the link is closed")]
    Closed,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing.
    Idle,
    /// Send this heartbeat.
    Send(String),
}

/// When what was said last, and the rhythm; the same for both sides. It also knows whether the link is closed, which it is
/// from a violation or a last message on.
#[derive(Debug)]
struct Pulse {
    began: Duration,
    heard: Duration,
    said: Duration,
    every: Option<Duration>,
    closed: bool,
}

impl Pulse {
    fn new(now: Duration) -> Self {
        Self {
            began: now,
            heard: now,
            said: now,
            every: None,
            closed: false,
        }
    }

    fn start(&mut self, heartbeat_seconds: u32) {
        self.every = Some(Duration::from_secs(u64::from(heartbeat_seconds.max(1))));
    }

    /// What `step` gives, on a link that is open; after an error it is closed.
    fn open<T>(&mut self, step: Result<T, Violation>) -> Result<T, Violation> {
        if self.closed {
            return Err(Violation::Closed);
        }
        step.inspect_err(|_| self.closed = true)
    }

    /// What time alone makes due: before the handshake is over its limit, then the heartbeat.
    fn tick(&mut self, now: Duration) -> Result<Tick, Violation> {
        let due = self.due(now);
        if self.open(due)? {
            self.said = now;
            Ok(Tick::Send(HEARTBEAT.to_owned()))
        } else {
            Ok(Tick::Idle)
        }
    }

    /// Whether a heartbeat is due.
    fn due(&self, now: Duration) -> Result<bool, Violation> {
        match self.every {
            None if now.saturating_sub(self.began) > HANDSHAKE_LIMIT => Err(Violation::HandshakeTimeout),
            None => Ok(false),
            Some(every) if now.saturating_sub(self.heard) > every * MISSED_HEARTBEATS => Err(Violation::Silent),
            Some(every) => Ok(now.saturating_sub(self.said) >= every),
        }
    }

    /// The moment at which [`Pulse::due`] next says something new.
    fn next(&self) -> Duration {
        match self.every {
            None => self.began + HANDSHAKE_LIMIT + Duration::from_millis(1),
            Some(every) => (self.said + every).min(self.heard + every * MISSED_HEARTBEATS + Duration::from_millis(1)),
        }
    }
}
