//! How a connection begins: the server's challenge, the agent's proof of its key, and the server's answer.

use std::fmt;

use domain::canonical::CanonicalError;
use domain::ids::EndpointId;
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::signing;

const HELLO_PURPOSE: &str = "countersign hello v1\n";

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
    /// 128 hexadecimal digits over the whole challenge and the fields above.
    pub signature: String,
}

/// The server knows the agent; orders and reports may flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The server's clock; orders' times are judged by it.
    pub server_time: Timestamp,
    /// Each side says something at least this often, in seconds (1 to 3600).
    pub heartbeat_seconds: u32,
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
    /// The enrolment token is unknown, used or expired.
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
}

#[derive(Serialize)]
struct HelloToSign<'a> {
    challenge: &'a Challenge,
    protocol: u32,
    endpoint: EndpointId,
    agent_version: &'a str,
    agent_time: Timestamp,
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

impl Hello {
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
            signature: _,
        } = self;
        let body = HelloToSign {
            challenge,
            protocol: *protocol,
            endpoint: *endpoint,
            agent_version,
            agent_time: *agent_time,
        };
        signing::bytes_to_sign(HELLO_PURPOSE, &body)
    }
}

impl RejectReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::TokenSpent,
        Self::BadSignature,
        Self::UnknownEndpoint,
        Self::Removed,
        Self::ProtocolTooOld,
        Self::Malformed,
        Self::RecordUnavailable,
    ];

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
        }
    }

    /// What happened and what to do now, for the person at the endpoint.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TokenSpent => "The token was used before, has expired, or never existed. Ask an admin for a new one.",
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
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
