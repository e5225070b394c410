//! The agent's side.

use std::time::Duration;

use domain::ids::ActionId;

use super::{Pulse, Tick, Violation};
use crate::enrol::Enrolled;
use crate::handshake::{Challenge, Rejected, Welcome};
use crate::message::{AgentMessage, ServerMessage};
use crate::negotiate;
use crate::order::SignedOrder;

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// Answer with an enrolment or a hello, in this protocol.
    Challenged {
        /// To be signed.
        challenge: Challenge,
        /// The highest common protocol.
        protocol: u32,
    },
    /// The enrolment is done; the link is closed.
    Enrolled(Enrolled),
    /// The link is up.
    Ready(Welcome),
    /// The server refuses; the link is closed.
    Rejected(Rejected),
    /// To be verified and run. It names an action, if only by its own word.
    Order(SignedOrder),
    /// To be ended.
    Cancel(ActionId),
    /// The reports of this action up to and with `n` are in the record.
    Ack {
        /// The action.
        action: ActionId,
        /// The report's number.
        n: u64,
    },
    /// Still there.
    Heartbeat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    AwaitChallenge,
    MustAnswer,
    Enrolling,
    Greeting,
    Ready,
    Closed,
}

/// The agent's side of one connection.
#[derive(Debug)]
pub struct AgentLinkState {
    phase: Phase,
    pulse: Pulse,
}

impl AgentLinkState {
    /// A connection that was just made.
    pub fn new(now: Duration) -> Self {
        Self {
            phase: Phase::AwaitChallenge,
            pulse: Pulse::new(now),
        }
    }

    /// Takes a frame from the server.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn receive(&mut self, frame: &str, now: Duration) -> Result<AgentEvent, Violation> {
        self.take(frame, now).inspect_err(|_| self.phase = Phase::Closed)
    }

    /// The frame for a message, if it may be said now.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn send(&mut self, message: &AgentMessage, now: Duration) -> Result<String, Violation> {
        self.phase = match (self.phase, message) {
            (Phase::MustAnswer, AgentMessage::Enrol(_)) => Phase::Enrolling,
            (Phase::MustAnswer, AgentMessage::Hello(_)) => Phase::Greeting,
            (Phase::Ready, AgentMessage::Report(_) | AgentMessage::Heartbeat) => Phase::Ready,
            (Phase::Closed, _) => return Err(Violation::Closed),
            (Phase::AwaitChallenge | Phase::MustAnswer | Phase::Enrolling | Phase::Greeting | Phase::Ready, _) => {
                return Err(Violation::OutOfTurn(message.name()));
            }
        };
        let frame = message.encode()?;
        self.pulse.said = now;
        Ok(frame)
    }

    /// What time alone makes due.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn tick(&mut self, now: Duration) -> Result<Tick, Violation> {
        if self.phase == Phase::Closed {
            return Err(Violation::Closed);
        }
        let due = self.pulse.due(now).inspect_err(|_| self.phase = Phase::Closed)?;
        if due {
            self.send(&AgentMessage::Heartbeat, now).map(Tick::Send)
        } else {
            Ok(Tick::Idle)
        }
    }

    /// When to call [`AgentLinkState::tick`] next at the latest.
    pub fn next_tick(&self) -> Duration {
        self.pulse.next()
    }

    /// Whether orders and reports may flow.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    fn take(&mut self, frame: &str, now: Duration) -> Result<AgentEvent, Violation> {
        if self.phase == Phase::Closed {
            return Err(Violation::Closed);
        }
        let message = ServerMessage::decode(frame)?;
        self.pulse.heard = now;
        match (self.phase, message) {
            (Phase::AwaitChallenge, ServerMessage::Challenge(challenge)) => {
                let (min, max) = (challenge.protocol_min, challenge.protocol_max);
                let protocol = negotiate(min, max).ok_or(Violation::Protocol { min, max })?;
                self.phase = Phase::MustAnswer;
                Ok(AgentEvent::Challenged { challenge, protocol })
            }
            (Phase::Enrolling, ServerMessage::Enrolled(enrolled)) => {
                self.phase = Phase::Closed;
                Ok(AgentEvent::Enrolled(enrolled))
            }
            (Phase::Greeting, ServerMessage::Welcome(welcome)) => {
                self.phase = Phase::Ready;
                self.pulse.start(welcome.heartbeat_seconds);
                Ok(AgentEvent::Ready(welcome))
            }
            // A server may refuse at any point: an unwritable record, an endpoint removed.
            (_, ServerMessage::Rejected(rejected)) => {
                self.phase = Phase::Closed;
                Ok(AgentEvent::Rejected(rejected))
            }
            (Phase::Ready, ServerMessage::Order(order)) if order.claimed_action().is_none() => {
                Err(Violation::NamelessOrder)
            }
            (Phase::Ready, ServerMessage::Order(order)) => Ok(AgentEvent::Order(order)),
            (Phase::Ready, ServerMessage::Cancel { action }) => Ok(AgentEvent::Cancel(action)),
            (Phase::Ready, ServerMessage::Ack { action, n }) => Ok(AgentEvent::Ack { action, n }),
            (Phase::Ready, ServerMessage::Heartbeat) => Ok(AgentEvent::Heartbeat),
            (_, message) => Err(Violation::OutOfTurn(message.name())),
        }
    }
}
