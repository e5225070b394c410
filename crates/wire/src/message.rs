//! Messages and their frames: encoding, and decoding that never panics and says what was wrong.

use domain::ids::ActionId;
use serde::{Deserialize, Serialize};

use crate::MAX_FRAME;
use crate::enrol::{Enrol, Enrolled};
use crate::handshake::{Challenge, Hello, Rejected, Welcome};
use crate::order::SignedOrder;
use crate::report::Report;

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
    /// Still here.
    Heartbeat,
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

const HEARTBEAT: &str = r#"{"type":"heartbeat"}"#;

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
            Self::Enrolled(_) | Self::Rejected(_) | Self::Order(_) | Self::Cancel { .. } | Self::Ack { .. } => true,
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
            Self::Order(_) => "order",
            Self::Cancel { .. } => "cancel",
            Self::Ack { .. } => "ack",
            Self::Heartbeat => "heartbeat",
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
            Self::Hello(h) => h.agent_version.len() <= 1024,
            Self::Report(r) => r.is_well_formed(),
            Self::Heartbeat => frame == HEARTBEAT,
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
            Self::Heartbeat => "heartbeat",
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
