//! The server's side.

use std::time::Duration;

use super::{Pulse, Tick, Violation};
use crate::enrol::Enrol;
use crate::handshake::{Challenge, Hello};
use crate::message::{AgentMessage, GoodbyeReason, ServerMessage};
use crate::parts::Parts;
use crate::redaction::REDACTION;
use crate::report::Report;
use crate::update::{UpdateState, UpdateWant};

/// What the agent said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// Verify, then answer with `Enrolled` or `Rejected`.
    Enrol(Enrol),
    /// Verify, then answer with `Welcome` or `Rejected`.
    Hello(Hello),
    /// Commit, then answer with `Ack`.
    Report(Report),
    /// The beginning of a report, which is kept here until its rest comes.
    Part,
    /// Still there.
    Heartbeat,
    /// Nothing runs there any more and everything was reported: record the removal, then answer with `Rejected`.
    Retired,
    /// It is about to stop; it says nothing more.
    Goodbye(GoodbyeReason),
    /// It has pinned the order key of this generation.
    KeyPinned(u32),
    /// Answer with the piece.
    UpdateWant(UpdateWant),
    /// Record it, then answer with `UpdateNoted`.
    UpdateState(UpdateState),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    MustChallenge,
    AwaitAnswer,
    Enrolling,
    Greeting,
    Ready,
    /// The agent said goodbye or that it is retired: nothing more is taken from it.
    Leaving,
}

/// The server's side of one connection. Thousands of them wait for long: the challenge, which matters to the first answer alone,
/// is kept by whoever verifies that.
#[derive(Debug)]
pub struct ServerLinkState {
    phase: Phase,
    pulse: Pulse,
    protocol: u32,
    /// Whether the agent said that it can be told what to redact with.
    takes_redaction: bool,
    /// Whether the agent was told that it may cut reports.
    takes_parts: bool,
    parts: Parts,
}

impl ServerLinkState {
    /// A connection that was just accepted.
    pub fn new(now: Duration) -> Self {
        Self {
            phase: Phase::MustChallenge,
            pulse: Pulse::new(now),
            protocol: 0,
            takes_redaction: false,
            takes_parts: false,
            parts: Parts::default(),
        }
    }

    /// The protocol that the agent chose; 0 before it did.
    pub fn protocol(&self) -> u32 {
        self.protocol
    }

    /// The first frame: the challenge.
    ///
    /// # Errors
    /// When one was sent before.
    pub fn open(&mut self, challenge: &Challenge, now: Duration) -> Result<String, Violation> {
        self.send(&ServerMessage::Challenge(challenge.clone()), now)
    }

    /// Takes a frame from the agent.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn receive(&mut self, frame: &str, now: Duration) -> Result<ServerEvent, Violation> {
        self.pulse.open(Ok(()))?;
        let taken = self.take(frame, now);
        self.pulse.open(taken)
    }

    /// The frame for a message, if it may be said now. After `Enrolled` or `Rejected` the link is closed.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn send(&mut self, message: &ServerMessage, now: Duration) -> Result<String, Violation> {
        self.pulse.open(Ok(()))?;
        let (next, last) = match (self.phase, message) {
            (phase, ServerMessage::Rejected(_)) | (phase @ Phase::Enrolling, ServerMessage::Enrolled(_)) => {
                (phase, true)
            }
            (Phase::MustChallenge, ServerMessage::Challenge(_)) => (Phase::AwaitAnswer, false),
            (Phase::Greeting, ServerMessage::Welcome(_)) => (Phase::Ready, false),
            (
                phase @ (Phase::Ready | Phase::Leaving),
                ServerMessage::Redaction(_)
                | ServerMessage::Order(_)
                | ServerMessage::Cancel { .. }
                | ServerMessage::Ack { .. }
                | ServerMessage::Heartbeat
                | ServerMessage::Retire
                | ServerMessage::KeyRotation(_)
                | ServerMessage::UpdateOffer(_)
                | ServerMessage::UpdatePart(_)
                | ServerMessage::UpdateNoted { .. },
            ) => (phase, false),
            (
                Phase::MustChallenge
                | Phase::AwaitAnswer
                | Phase::Enrolling
                | Phase::Greeting
                | Phase::Ready
                | Phase::Leaving,
                _,
            ) => {
                return Err(Violation::OutOfTurn(message.name()));
            }
        };
        let untold = matches!(message, ServerMessage::Redaction(_)) && !self.takes_redaction;
        if untold || !message.fits(self.protocol.max(1)) {
            return Err(Violation::NotInProtocol(message.name()));
        }
        let frame = message.encode()?;
        if let ServerMessage::Welcome(welcome) = message {
            self.pulse.start(welcome.heartbeat_seconds);
            self.takes_parts = welcome.takes_parts();
        }
        self.phase = next;
        self.pulse.closed = last;
        self.pulse.said = now;
        Ok(frame)
    }

    /// What time alone makes due.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn tick(&mut self, now: Duration) -> Result<Tick, Violation> {
        self.pulse.tick(now)
    }

    /// When to call [`ServerLinkState::tick`] next at the latest.
    pub fn next_tick(&self) -> Duration {
        self.pulse.next()
    }

    /// Whether orders and reports may flow.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready && !self.pulse.closed
    }

    fn take(&mut self, frame: &str, now: Duration) -> Result<ServerEvent, Violation> {
        let message = AgentMessage::decode(frame)?;
        self.pulse.heard = now;
        match (self.phase, message) {
            (Phase::Ready, message) if !message.fits(self.protocol) => Err(Violation::NotInProtocol(message.name())),
            (Phase::AwaitAnswer, AgentMessage::Enrol(enrol)) => {
                (self.phase, self.protocol) = (Phase::Enrolling, enrol.protocol);
                Ok(ServerEvent::Enrol(enrol))
            }
            (Phase::AwaitAnswer, AgentMessage::Hello(hello)) => {
                (self.phase, self.protocol) = (Phase::Greeting, hello.protocol);
                self.takes_redaction = hello.about.as_ref().is_some_and(|a| a.capabilities.has(REDACTION));
                Ok(ServerEvent::Hello(hello))
            }
            (Phase::Ready, AgentMessage::Report(report)) if self.parts.let_pass(report.action) => {
                Ok(ServerEvent::Report(report))
            }
            (Phase::Ready, message @ (AgentMessage::ReportPart(_) | AgentMessage::ReportRest(_)))
                if !self.takes_parts =>
            {
                Err(Violation::NotInProtocol(message.name()))
            }
            (Phase::Ready, AgentMessage::ReportPart(part)) => {
                self.parts.add(part)?;
                Ok(ServerEvent::Part)
            }
            (Phase::Ready, AgentMessage::ReportRest(rest)) => Ok(ServerEvent::Report(self.parts.join(rest)?)),
            (Phase::Ready | Phase::Leaving, AgentMessage::Heartbeat) => Ok(ServerEvent::Heartbeat),
            (Phase::Ready, AgentMessage::KeyPinned { generation }) => Ok(ServerEvent::KeyPinned(generation)),
            (Phase::Ready, AgentMessage::UpdateWant(want)) => Ok(ServerEvent::UpdateWant(want)),
            (Phase::Ready, AgentMessage::UpdateState(state)) => Ok(ServerEvent::UpdateState(state)),
            (Phase::Ready, AgentMessage::Retired) => {
                self.phase = Phase::Leaving;
                Ok(ServerEvent::Retired)
            }
            (Phase::Ready, AgentMessage::Goodbye { reason }) => {
                self.phase = Phase::Leaving;
                Ok(ServerEvent::Goodbye(reason))
            }
            (_, message) => Err(Violation::OutOfTurn(message.name())),
        }
    }
}
