//! The agent's side.

use std::time::Duration;

use domain::digest::Digest;
use domain::ids::ActionId;

use super::{Pulse, Tick, Violation};
use crate::enrol::Enrolled;
use crate::handshake::{Challenge, Rejected, Welcome};
use crate::message::{AgentMessage, ServerMessage};
use crate::negotiate;
use crate::order::SignedOrder;
use crate::redaction::ActionRedaction;
use crate::release::SignedManifest;
use crate::rotation::KeyRotation;
use crate::update::{UpdatePart, UpdateStage};

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
    /// To be kept until the action's order comes.
    Redaction(Box<ActionRedaction>),
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
    /// End what runs, report it, then say `Retired`.
    Retire,
    /// To be verified against the pinned key, pinned durably, and acknowledged with `KeyPinned`.
    KeyRotation(KeyRotation),
    /// To be verified with the release key, and asked for piece by piece.
    UpdateOffer(SignedManifest),
    /// Of a release that was asked for.
    UpdatePart(UpdatePart),
    /// This state of this release is in the record.
    UpdateNoted {
        /// Which release.
        release: Digest,
        /// How far the agent had said that it was.
        stage: UpdateStage,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    AwaitChallenge,
    MustAnswer,
    Enrolling,
    Greeting,
    Ready,
    /// The agent said goodbye or that it is retired: it says nothing more, and hears acknowledgements and the end.
    Leaving,
}

/// The agent's side of one connection.
#[derive(Debug)]
pub struct AgentLinkState {
    phase: Phase,
    pulse: Pulse,
    protocol: u32,
    /// Whether the server said that it puts parts together.
    takes_parts: bool,
}

impl AgentLinkState {
    /// A connection that was just made.
    pub fn new(now: Duration) -> Self {
        Self {
            phase: Phase::AwaitChallenge,
            pulse: Pulse::new(now),
            protocol: 0,
            takes_parts: false,
        }
    }

    /// Takes a frame from the server.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn receive(&mut self, frame: &str, now: Duration) -> Result<AgentEvent, Violation> {
        self.pulse.open(Ok(()))?;
        let taken = self.take(frame, now);
        let event = self.pulse.open(taken)?;
        self.pulse.closed = matches!(event, AgentEvent::Enrolled(_) | AgentEvent::Rejected(_));
        Ok(event)
    }

    /// The frame for a message, if it may be said now.
    ///
    /// # Errors
    /// Close the socket on any.
    pub fn send(&mut self, message: &AgentMessage, now: Duration) -> Result<String, Violation> {
        self.pulse.open(Ok(()))?;
        let next = match (self.phase, message) {
            (Phase::MustAnswer, AgentMessage::Enrol(_)) => Phase::Enrolling,
            (Phase::MustAnswer, AgentMessage::Hello(_)) => Phase::Greeting,
            (
                Phase::Ready,
                AgentMessage::Report(_)
                | AgentMessage::ReportPart(_)
                | AgentMessage::ReportRest(_)
                | AgentMessage::Heartbeat
                | AgentMessage::KeyPinned { .. }
                | AgentMessage::UpdateWant(_)
                | AgentMessage::UpdateState(_),
            ) => Phase::Ready,
            (Phase::Ready, AgentMessage::Retired | AgentMessage::Goodbye { .. }) => Phase::Leaving,
            (
                Phase::AwaitChallenge
                | Phase::MustAnswer
                | Phase::Enrolling
                | Phase::Greeting
                | Phase::Ready
                | Phase::Leaving,
                _,
            ) => {
                return Err(Violation::OutOfTurn(message.name()));
            }
        };
        let in_parts = matches!(message, AgentMessage::ReportPart(_) | AgentMessage::ReportRest(_));
        if !message.fits(self.protocol) || (in_parts && !self.takes_parts) {
            return Err(Violation::NotInProtocol(message.name()));
        }
        let frame = message.encode()?;
        match message {
            AgentMessage::Enrol(enrol) => self.protocol = enrol.protocol,
            AgentMessage::Hello(hello) => self.protocol = hello.protocol,
            AgentMessage::Report(_)
            | AgentMessage::ReportPart(_)
            | AgentMessage::ReportRest(_)
            | AgentMessage::Heartbeat
            | AgentMessage::Retired
            | AgentMessage::Goodbye { .. }
            | AgentMessage::KeyPinned { .. }
            | AgentMessage::UpdateWant(_)
            | AgentMessage::UpdateState(_) => {}
        }
        self.phase = next;
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

    /// When to call [`AgentLinkState::tick`] next at the latest.
    pub fn next_tick(&self) -> Duration {
        self.pulse.next()
    }

    /// Whether orders and reports may flow.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready && !self.pulse.closed
    }

    /// Whether reports may be said in parts.
    pub fn takes_parts(&self) -> bool {
        self.takes_parts
    }

    /// The protocol agreed on; 0 before the challenge.
    pub fn protocol(&self) -> u32 {
        self.protocol
    }

    fn take(&mut self, frame: &str, now: Duration) -> Result<AgentEvent, Violation> {
        let message = ServerMessage::decode(frame)?;
        self.pulse.heard = now;
        // A server may refuse before anything is agreed on; it does so with what every protocol has. An order of a version that
        // is not read here is refused as an order is, so that it is in the record.
        if !matches!(message, ServerMessage::Order(_)) && !message.fits(self.protocol.max(1)) {
            return Err(Violation::NotInProtocol(message.name()));
        }
        match (self.phase, message) {
            (Phase::AwaitChallenge, ServerMessage::Challenge(challenge)) => {
                let (min, max) = (challenge.protocol_min, challenge.protocol_max);
                let protocol = negotiate(min, max).ok_or(Violation::Protocol { min, max })?;
                self.phase = Phase::MustAnswer;
                self.protocol = protocol;
                Ok(AgentEvent::Challenged { challenge, protocol })
            }
            (Phase::Enrolling, ServerMessage::Enrolled(enrolled)) => Ok(AgentEvent::Enrolled(enrolled)),
            (Phase::Greeting, ServerMessage::Welcome(welcome)) => {
                self.phase = Phase::Ready;
                self.pulse.start(welcome.heartbeat_seconds);
                self.takes_parts = welcome.takes_parts();
                Ok(AgentEvent::Ready(welcome))
            }
            // A server may refuse at any point: an unwritable record, an endpoint removed.
            (_, ServerMessage::Rejected(rejected)) => Ok(AgentEvent::Rejected(rejected)),
            (Phase::Ready | Phase::Leaving, ServerMessage::Order(order)) if order.claimed_action().is_none() => {
                Err(Violation::NamelessOrder)
            }
            (Phase::Ready | Phase::Leaving, ServerMessage::Redaction(redaction)) => {
                Ok(AgentEvent::Redaction(Box::new(redaction)))
            }
            (Phase::Ready | Phase::Leaving, ServerMessage::Order(order)) => Ok(AgentEvent::Order(order)),
            (Phase::Ready | Phase::Leaving, ServerMessage::Cancel { action }) => Ok(AgentEvent::Cancel(action)),
            (Phase::Ready | Phase::Leaving, ServerMessage::Ack { action, n }) => Ok(AgentEvent::Ack { action, n }),
            (Phase::Ready | Phase::Leaving, ServerMessage::Heartbeat) => Ok(AgentEvent::Heartbeat),
            (Phase::Ready | Phase::Leaving, ServerMessage::Retire) => Ok(AgentEvent::Retire),
            (Phase::Ready | Phase::Leaving, ServerMessage::KeyRotation(rotation)) => {
                Ok(AgentEvent::KeyRotation(rotation))
            }
            (Phase::Ready | Phase::Leaving, ServerMessage::UpdateOffer(offer)) => Ok(AgentEvent::UpdateOffer(offer)),
            (Phase::Ready | Phase::Leaving, ServerMessage::UpdatePart(part)) => Ok(AgentEvent::UpdatePart(part)),
            (Phase::Ready | Phase::Leaving, ServerMessage::UpdateNoted { release, stage }) => {
                Ok(AgentEvent::UpdateNoted { release, stage })
            }
            (_, message) => Err(Violation::OutOfTurn(message.name())),
        }
    }
}
