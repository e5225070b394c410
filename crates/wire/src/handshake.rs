//! How a connection begins: the server's challenge, the agent's proof of its key, and the server's answer.

use std::fmt;

use domain::canonical::CanonicalError;
use domain::ids::EndpointId;
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::capabilities::Capabilities;
use crate::parts::PARTS;
use crate::signing;

const HELLO_PURPOSE: [&str; 2] = ["countersign hello v1\n", "countersign hello v2\n"];

/// The server's first message on every connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// The oldest protocol the server speaks.
    pub protocol_min: u32,
    /// The newest protocol the server speaks.
    pub protocol_max: u32,
    /// 32 random bytes, made for this connection only: 64 lower-case hexadecimal digits.
    pub nonce: String,
    /// The server's clock.
    pub server_time: Timestamp,
}

/// An enrolled agent's answer to the challenge: proof that it holds its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The protocol the agent chose from the challenge's range.
    pub protocol: u32,
    /// Who the agent says it is.
    pub endpoint: EndpointId,
    /// The agent's version.
    pub agent_version: String,
    /// The agent's clock; the server records how far it is off.
    pub agent_time: Timestamp,
    /// More about the agent: there from protocol 2 on, and never before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// 128 hexadecimal digits over the whole challenge and the fields above.
    pub signature: String,
}

/// What an agent says of itself on each connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The operating system, for people: `Debian GNU/Linux 12`. At most 1024 bytes.
    pub os: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// 16 random bytes made at each start of the agent's process, as 32 lower-case hexadecimal digits. Two that live at the
    /// same time with one key are a machine and its copy.
    pub instance: String,
}

/// The server knows the agent; orders and reports may flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The server's clock; orders' times are judged by it.
    pub server_time: Timestamp,
    /// Each side says something at least this often, in seconds (1 to 3600).
    pub heartbeat_seconds: u32,
    /// What the server can do: there from protocol 2 on, and never before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
}

/// The server will not go on with this connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// Why.
    pub reason: RejectReason,
    /// When to try again, in seconds; none where the agent decides by itself.
    pub retry_after_seconds: Option<u32>,
}

/// Why the server rejects a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// The enrolment token is unknown, used up, revoked, expired or for another machine.
    TokenSpent,
    /// The signature is not by the key.
    BadSignature,
    /// No such endpoint.
    UnknownEndpoint,
    /// The endpoint was removed.
    Removed,
    /// No protocol in common.
    ProtocolTooOld,
    /// The message can't be read, or came out of turn.
    Malformed,
    /// The server can't write its record now, so it takes nobody.
    RecordUnavailable,
    /// Two machines with this key were connected at the same time. From protocol 2 on.
    CloneDetected,
}

#[derive(Serialize)]
struct HelloToSign<'a> {
    challenge: &'a Challenge,
    protocol: u32,
    endpoint: EndpointId,
    agent_version: &'a str,
    agent_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a About>,
}

impl Welcome {
    /// Whether the server puts reports together.
    pub(crate) fn takes_parts(&self) -> bool {
        self.capabilities.as_ref().is_some_and(|c| c.has(PARTS))
    }
}

impl Challenge {
    /// Whether every field has its shape.
    pub(crate) fn is_well_formed(&self) -> bool {
        signing::is_hex::<32>(&self.nonce) && self.protocol_min <= self.protocol_max
    }

    /// Whether `protocol` is within the range and spoken here.
    pub(crate) fn allows(&self, protocol: u32) -> bool {
        (self.protocol_min..=self.protocol_max).contains(&protocol)
    }
}

impl About {
    /// Whether every field has its shape.
    fn is_well_formed(&self) -> bool {
        self.os.len() <= 1024 && signing::is_hex::<16>(&self.instance)
    }
}

impl Hello {
    /// Whether every field has its shape, and is one that its protocol has.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.agent_version.len() <= 1024
            && match &self.about {
                Some(about) => self.protocol >= 2 && about.is_well_formed(),
                None => self.protocol < 2,
            }
    }

    /// Fills in the signature for `challenge` with the device key.
    ///
    /// # Errors
    /// Never for fields that fit JSON; see [`CanonicalError`].
    pub fn sign(mut self, challenge: &Challenge, key: &SigningKey) -> Result<Self, CanonicalError> {
        self.signature = signing::sign(key, &self.bytes_to_sign(challenge)?);
        Ok(self)
    }

    /// Checks that it answers `challenge` and is signed by `key`, the endpoint's key from its enrolment.
    ///
    /// # Errors
    /// [`RejectReason::ProtocolTooOld`] or [`RejectReason::BadSignature`].
    pub fn verify(&self, challenge: &Challenge, key: &VerifyingKey) -> Result<(), RejectReason> {
        if !challenge.allows(self.protocol) {
            return Err(RejectReason::ProtocolTooOld);
        }
        let bytes = self.bytes_to_sign(challenge).map_err(|_| RejectReason::Malformed)?;
        if signing::verifies(key, &bytes, &self.signature) {
            Ok(())
        } else {
            Err(RejectReason::BadSignature)
        }
    }

    fn bytes_to_sign(&self, challenge: &Challenge) -> Result<Vec<u8>, CanonicalError> {
        let Self {
            protocol,
            endpoint,
            agent_version,
            agent_time,
            about,
            signature: _,
        } = self;
        let purpose = HELLO_PURPOSE[usize::from(about.is_some())];
        let body = HelloToSign {
            challenge,
            protocol: *protocol,
            endpoint: *endpoint,
            agent_version,
            agent_time: *agent_time,
            about: about.as_ref(),
        };
        signing::bytes_to_sign(purpose, &body)
    }
}

impl RejectReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::TokenSpent,
        Self::BadSignature,
        Self::UnknownEndpoint,
        Self::Removed,
        Self::ProtocolTooOld,
        Self::Malformed,
        Self::RecordUnavailable,
        Self::CloneDetected,
    ];

    /// The protocol that has it first.
    pub(crate) fn since(self) -> u32 {
        match self {
            Self::TokenSpent
            | Self::BadSignature
            | Self::UnknownEndpoint
            | Self::Removed
            | Self::ProtocolTooOld
            | Self::Malformed
            | Self::RecordUnavailable => 1,
            Self::CloneDetected => 2,
        }
    }

    /// The word, as sent and stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::TokenSpent => "token_spent",
            Self::BadSignature => "bad_signature",
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::Removed => "removed",
            Self::ProtocolTooOld => "protocol_too_old",
            Self::Malformed => "malformed",
            Self::RecordUnavailable => "record_unavailable",
            Self::CloneDetected => "clone_detected",
        }
    }

    /// What happened and what to do now, for the person at the endpoint.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TokenSpent => {
                "The token is used up, revoked or expired, is for another machine, or never existed. Ask an admin for a new one."
            }
            Self::BadSignature => {
                "The server could not verify this agent's key. If the data folder was copied or restored, enrol again."
            }
            Self::UnknownEndpoint => "The server does not know this endpoint. Check the address, or enrol again.",
            Self::Removed => "This endpoint was removed. To bring it back, enrol it with a new token.",
            Self::ProtocolTooOld => "Agent and server have no protocol in common. Update the older one.",
            Self::Malformed => {
                "The server could not read what the agent sent. Check that the address is the agents' one, and the versions."
            }
            Self::RecordUnavailable => {
                "The server can't write its record at the moment and takes nobody. The agent tries again by itself."
            }
            Self::CloneDetected => {
                "Two machines with this endpoint's key were connected at once, so both were stopped. Find the copy and enrol it anew; then an admin confirms this one."
            }
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
