//! The server's side.

use std::time::Duration;

use super::{Pulse, Tick, Violation};
use crate::enrol::Enrol;
use crate::handshake::{Challenge, Hello};
use crate::message::{AgentMessage, ServerMessage};
use crate::report::Report;

/// What the agent said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// Verify, then answer with `Enrolled` or `Rejected`.
    Enrol(Enrol),
    /// Verify, then answer with `Welcome` or `Rejected`.
    Hello(Hello),
    /// Commit, then answer with `Ack`.
    Report(Report),
    /// Still there.
    Heartbeat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    MustChallenge,
    AwaitAnswer,
    Enrolling,
    Greeting,
    Ready,
    Closed,
}

/// The server's side of one connection.
#[derive(Debug)]
pub struct ServerLinkState {
    phase: Phase,
    pulse: Pulse,
    challenge: Challenge,
}

impl ServerLinkState {
    /// A connection that was just accepted, to be challenged with `challenge`.
    pub fn new(challenge: Challenge, now: Duration) -> Self {
        Self {
            phase: Phase::MustChallenge,
            pulse: Pulse::new(now),
            challenge,
        }
    }

    /// The challenge of this connection.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The first frame: the challenge.
    ///
    /// # Errors
    /// When it was sent before.
    pub fn open(&mut self, now: Duration) -> Result<String, Violation> {
        self.send(&ServerMessage::Challenge(self.challenge.clone()), now)
    }

    /// Takes a frame from the agent.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn receive(&mut self, frame: &str, now: Duration) -> Result<ServerEvent, Violation> {
        self.take(frame, now).inspect_err(|_| self.phase = Phase::Closed)
    }

    /// The frame for a message, if it may be said now. After `Enrolled` or `Rejected` the link is closed.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn send(&mut self, message: &ServerMessage, now: Duration) -> Result<String, Violation> {
        let next = match (self.phase, message) {
            (Phase::Closed, _) => return Err(Violation::Closed),
            (_, ServerMessage::Rejected(_)) | (Phase::Enrolling, ServerMessage::Enrolled(_)) => Phase::Closed,
            (Phase::MustChallenge, ServerMessage::Challenge(_)) => Phase::AwaitAnswer,
            (Phase::Greeting, ServerMessage::Welcome(welcome)) => {
                self.pulse.start(welcome.heartbeat_seconds);
                Phase::Ready
            }
            (
                Phase::Ready,
                ServerMessage::Order(_)
                | ServerMessage::Cancel { .. }
                | ServerMessage::Ack { .. }
                | ServerMessage::Heartbeat,
            ) => Phase::Ready,
            (Phase::MustChallenge | Phase::AwaitAnswer | Phase::Enrolling | Phase::Greeting | Phase::Ready, _) => {
                return Err(Violation::OutOfTurn(message.name()));
            }
        };
        let frame = message.encode()?;
        self.phase = next;
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
            self.send(&ServerMessage::Heartbeat, now).map(Tick::Send)
        } else {
            Ok(Tick::Idle)
        }
    }

    /// When to call [`ServerLinkState::tick`] next at the latest.
    pub fn next_tick(&self) -> Duration {
        self.pulse.next()
    }

    /// Whether orders and reports may flow.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    fn take(&mut self, frame: &str, now: Duration) -> Result<ServerEvent, Violation> {
        if self.phase == Phase::Closed {
            return Err(Violation::Closed);
        }
        let message = AgentMessage::decode(frame)?;
        self.pulse.heard = now;
        match (self.phase, message) {
            (Phase::AwaitAnswer, AgentMessage::Enrol(enrol)) => {
                self.phase = Phase::Enrolling;
                Ok(ServerEvent::Enrol(enrol))
            }
            (Phase::AwaitAnswer, AgentMessage::Hello(hello)) => {
                self.phase = Phase::Greeting;
                Ok(ServerEvent::Hello(hello))
            }
            (Phase::Ready, AgentMessage::Report(report)) => Ok(ServerEvent::Report(report)),
            (Phase::Ready, AgentMessage::Heartbeat) => Ok(ServerEvent::Heartbeat),
            (_, message) => Err(Violation::OutOfTurn(message.name())),
        }
    }
}
