//! Messages and their frames: encoding, and decoding that never panics and says what was wrong.

use domain::digest::Digest;
use domain::ids::ActionId;
use serde::{Deserialize, Serialize};

use crate::MAX_FRAME;
use crate::enrol::{Enrol, Enrolled};
use crate::handshake::{Challenge, Hello, Rejected, Welcome};
use crate::order::SignedOrder;
use crate::parts::ReportPart;
use crate::redaction::ActionRedaction;
use crate::release::SignedManifest;
use crate::report::Report;
use crate::rotation::KeyRotation;
use crate::update::{UpdatePart, UpdateStage, UpdateState, UpdateWant};

/// A message from the server to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ServerMessage {
    /// The first on every connection.
    Challenge(Challenge),
    /// Answers a hello.
    Welcome(Welcome),
    /// Answers an enrolment; the connection ends with it.
    Enrolled(Enrolled),
    /// Answers a hello or an enrolment, or ends the link later; the connection ends with it.
    Rejected(Rejected),
    /// What the next order's output is redacted with. From protocol 2 on, to agents with the capability
    /// [`REDACTION`](crate::REDACTION).
    Redaction(ActionRedaction),
    /// Run this.
    Order(SignedOrder),
    /// End this, if it runs.
    Cancel {
        /// The action.
        action: ActionId,
    },
    /// The report is in the record; the agent may forget it and all before it.
    Ack {
        /// The action.
        action: ActionId,
        /// The report's number.
        n: u64,
    },
    /// Still here.
    Heartbeat,
    /// The endpoint is being removed: end what runs, report it, and say [`AgentMessage::Retired`]. From protocol 2 on.
    Retire,
    /// There is a new order key. From protocol 2 on.
    KeyRotation(KeyRotation),
    /// A release that an admin wants on this endpoint. From protocol 2 on.
    UpdateOffer(SignedManifest),
    /// Answers a want. From protocol 2 on.
    UpdatePart(UpdatePart),
    /// The state of an update is in the record; the agent need not say it again. From protocol 2 on.
    UpdateNoted {
        /// Which release.
        release: Digest,
        /// How far the agent had said that it was.
        stage: UpdateStage,
    },
}

/// A message from an agent to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentMessage {
    /// Answers the challenge with a token.
    Enrol(Enrol),
    /// Answers the challenge with an identity.
    Hello(Hello),
    /// About an action.
    Report(Report),
    /// The beginning of a report. From protocol 2 on, to servers with the capability [`PARTS`](crate::PARTS).
    ReportPart(ReportPart),
    /// The report whose parts were said, with what is left of its text.
    ReportRest(Report),
    /// Still here.
    Heartbeat,
    /// Everything was reported and acknowledged, and nothing runs any more; what the endpoint is will be forgotten once the
    /// server says that it was removed. From protocol 2 on.
    Retired,
    /// The agent is about to stop. From protocol 2 on.
    Goodbye {
        /// Why.
        reason: GoodbyeReason,
    },
    /// The order key of this generation is pinned, durably. From protocol 2 on.
    KeyPinned {
        /// Which.
        generation: u32,
    },
    /// The next piece of a release that was offered. From protocol 2 on.
    UpdateWant(UpdateWant),
    /// How far the agent is with a release; said again on each connection until the server noted it. From protocol 2 on.
    UpdateState(UpdateState),
}

/// Why an agent stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeReason {
    /// Its service was stopped on the endpoint.
    Stopped,
    /// It is replaced by another version of itself.
    Update,
    /// The system shuts down or restarts.
    Shutdown,
}

impl GoodbyeReason {
    /// What happened, for the record.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Stopped => "the agent was stopped on the endpoint",
            Self::Update => "the agent is being updated",
            Self::Shutdown => "the endpoint's system shuts down",
        }
    }
}

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// Larger than [`MAX_FRAME`].
    #[error("the frame has {0} bytes, more than {MAX_FRAME}")]
    TooLarge(usize),
    /// Not JSON, or not a message of this protocol. Says where, never what stood there.
    #[error("not a message of this protocol, at column {column}")]
    NotAMessage {
        /// Where reading stopped, in bytes.
        column: usize,
    },
    /// A field has not the shape or size that the protocol gives it.
    #[error("a field of the message {0} is not within its limits")]
    Limits(&'static str),
}

/// Why a message could not be written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EncodeError {
    /// Larger than [`MAX_FRAME`].
    #[error("the frame would have {0} bytes, more than {MAX_FRAME}")]
    TooLarge(usize),
    /// A field can't be expressed as JSON.
    #[error("the message is not JSON")]
    NotJson,
}

/// The heartbeat, the same from both sides.
pub(crate) const HEARTBEAT: &str = r#"{"type":"heartbeat"}"#;
const RETIRE: &str = r#"{"type":"retire"}"#;
const RETIRED: &str = r#"{"type":"retired"}"#;

impl ServerMessage {
    /// The frame.
    ///
    /// # Errors
    /// When it would be larger than [`MAX_FRAME`].
    pub fn encode(&self) -> Result<String, EncodeError> {
        encode(self)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn decode(frame: &str) -> Result<Self, DecodeError> {
        let message: Self = decode(frame)?;
        let fine = match &message {
            Self::Challenge(c) => c.is_well_formed(),
            Self::Welcome(w) => (1..=3600).contains(&w.heartbeat_seconds),
            // serde lets a unit variant have any further fields.
            Self::Heartbeat => frame == HEARTBEAT,
            Self::Retire => frame == RETIRE,
            Self::KeyRotation(r) => r.is_well_formed(),
            Self::Redaction(r) => r.is_well_formed(),
            Self::UpdateOffer(o) => o.claimed().is_ok(),
            Self::UpdatePart(p) => p.is_well_formed(),
            Self::Enrolled(_)
            | Self::Rejected(_)
            | Self::Order(_)
            | Self::Cancel { .. }
            | Self::Ack { .. }
            | Self::UpdateNoted { .. } => true,
        };
        if fine {
            Ok(message)
        } else {
            Err(DecodeError::Limits(message.name()))
        }
    }

    /// The message's word on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "challenge",
            Self::Welcome(_) => "welcome",
            Self::Enrolled(_) => "enrolled",
            Self::Rejected(_) => "rejected",
            Self::Redaction(_) => "redaction",
            Self::Order(_) => "order",
            Self::Cancel { .. } => "cancel",
            Self::Ack { .. } => "ack",
            Self::Heartbeat => "heartbeat",
            Self::Retire => "retire",
            Self::KeyRotation(_) => "key_rotation",
            Self::UpdateOffer(_) => "update_offer",
            Self::UpdatePart(_) => "update_part",
            Self::UpdateNoted { .. } => "update_noted",
        }
    }

    /// Whether `protocol` has the message as it is.
    pub(crate) fn fits(&self, protocol: u32) -> bool {
        match self {
            Self::Challenge(_) | Self::Cancel { .. } | Self::Ack { .. } | Self::Heartbeat => true,
            Self::Welcome(w) => w.capabilities.is_some() == (protocol >= 2),
            Self::Enrolled(e) => e.more.is_some() == (protocol >= 2),
            Self::Rejected(r) => protocol >= r.reason.since(),
            Self::Order(o) => o.claimed_version() <= crate::order_version(protocol),
            Self::Retire
            | Self::Redaction(_)
            | Self::KeyRotation(_)
            | Self::UpdateOffer(_)
            | Self::UpdatePart(_)
            | Self::UpdateNoted { .. } => protocol >= 2,
        }
    }
}

impl AgentMessage {
    /// The frame.
    ///
    /// # Errors
    /// When it would be larger than [`MAX_FRAME`].
    pub fn encode(&self) -> Result<String, EncodeError> {
        encode(self)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn decode(frame: &str) -> Result<Self, DecodeError> {
        let message: Self = decode(frame)?;
        let fine = match &message {
            Self::Enrol(e) => e.is_well_formed(),
            Self::Hello(h) => h.is_well_formed(),
            Self::Report(r) => r.is_well_formed(),
            Self::ReportPart(p) => p.is_well_formed(),
            Self::Heartbeat => frame == HEARTBEAT,
            Self::Retired => frame == RETIRED,
            Self::UpdateWant(w) => w.is_well_formed(),
            Self::UpdateState(s) => s.is_well_formed(),
            // What it says of its text can be judged with the parts only.
            Self::ReportRest(_) | Self::Goodbye { .. } | Self::KeyPinned { .. } => true,
        };
        if fine {
            Ok(message)
        } else {
            Err(DecodeError::Limits(message.name()))
        }
    }

    /// The message's word on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enrol(_) => "enrol",
            Self::Hello(_) => "hello",
            Self::Report(_) => "report",
            Self::ReportPart(_) => "report_part",
            Self::ReportRest(_) => "report_rest",
            Self::Heartbeat => "heartbeat",
            Self::Retired => "retired",
            Self::Goodbye { .. } => "goodbye",
            Self::KeyPinned { .. } => "key_pinned",
            Self::UpdateWant(_) => "update_want",
            Self::UpdateState(_) => "update_state",
        }
    }

    /// Whether `protocol` has the message as it is.
    pub(crate) fn fits(&self, protocol: u32) -> bool {
        match self {
            Self::Enrol(e) => e.protocol <= protocol && e.is_well_formed(),
            Self::Hello(h) => h.protocol <= protocol && h.is_well_formed(),
            Self::Report(r) => r.fits(protocol),
            Self::Heartbeat => true,
            Self::ReportPart(_)
            | Self::ReportRest(_)
            | Self::Retired
            | Self::Goodbye { .. }
            | Self::KeyPinned { .. }
            | Self::UpdateWant(_)
            | Self::UpdateState(_) => protocol >= 2,
        }
    }
}

fn encode<T: Serialize>(message: &T) -> Result<String, EncodeError> {
    let frame = serde_json::to_string(message).map_err(|_| EncodeError::NotJson)?;
    if frame.len() > MAX_FRAME {
        Err(EncodeError::TooLarge(frame.len()))
    } else {
        Ok(frame)
    }
}

fn decode<T: for<'de> Deserialize<'de>>(frame: &str) -> Result<T, DecodeError> {
    if frame.len() > MAX_FRAME {
        return Err(DecodeError::TooLarge(frame.len()));
    }
    serde_json::from_str(frame).map_err(|e| DecodeError::NotAMessage { column: e.column() })
}
