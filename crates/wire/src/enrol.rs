//! Enrolment: a one-time token is traded for an identity, over the same link that the agent uses later.

use domain::canonical::CanonicalError;
use domain::ids::{EndpointId, OrgId};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::capabilities::Capabilities;
use crate::handshake::{Challenge, RejectReason};
use crate::signing;

const ENROL_PURPOSE: [&str; 2] = ["countersign enrol v1\n", "countersign enrol v2\n"];

/// The most bytes of each text an agent says about itself.
const MAX_TEXT: usize = 1024;

/// A new agent's answer to the challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// The protocol the agent chose from the challenge's range.
    pub protocol: u32,
    /// The one-time token.
    pub token: String,
    /// The device key's public half: 64 lower-case hexadecimal digits (Ed25519). The other half never leaves the endpoint.
    pub public_key: String,
    /// The name to enrol as: the host's own, or the one its owner chose.
    pub hostname: String,
    /// The operating system, for people: `Debian GNU/Linux 12`.
    pub os: String,
    /// The agent's version.
    pub agent_version: String,
    /// What the agent can do: there from protocol 2 on, and never before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// 128 hexadecimal digits over the whole challenge and the fields above.
    pub signature: String,
}

/// The endpoint exists now. The agent pins both keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// Its id.
    pub endpoint: EndpointId,
    /// Its org.
    pub org: OrgId,
    /// The name it has on the server.
    pub name: String,
    /// The key that signs orders: 64 lower-case hexadecimal digits (Ed25519).
    pub order_key: String,
    /// The key that signs the record's checkpoints, as a C2SP signed-note verifier key.
    pub log_key: String,
    /// What protocol 2 adds, and never before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<EnrolledMore>,
}

/// What protocol 2 says to a new endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolledMore {
    /// Which order key it is; the one from the beginning is 1.
    pub order_generation: u32,
    /// Whether a person has to confirm the machine before anything runs on it.
    pub confirmation: bool,
}

#[derive(Serialize)]
struct EnrolToSign<'a> {
    challenge: &'a Challenge,
    protocol: u32,
    token: &'a str,
    public_key: &'a str,
    hostname: &'a str,
    os: &'a str,
    agent_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<&'a Capabilities>,
}

impl Enrol {
    /// Fills in the public key and the signature for `challenge`.
    ///
    /// # Errors
    /// Never for fields that fit JSON; see [`CanonicalError`].
    pub fn sign(mut self, challenge: &Challenge, key: &SigningKey) -> Result<Self, CanonicalError> {
        self.public_key = signing::public_key_text(&key.verifying_key());
        self.signature = signing::sign(key, &self.bytes_to_sign(challenge)?);
        Ok(self)
    }

    /// Checks that it answers `challenge` and is signed by the key it names; gives that key.
    ///
    /// # Errors
    /// [`RejectReason::ProtocolTooOld`], [`RejectReason::Malformed`] or [`RejectReason::BadSignature`].
    pub fn verify(&self, challenge: &Challenge) -> Result<VerifyingKey, RejectReason> {
        if !challenge.allows(self.protocol) {
            return Err(RejectReason::ProtocolTooOld);
        }
        let key = signing::parse_public_key(&self.public_key).ok_or(RejectReason::Malformed)?;
        let bytes = self.bytes_to_sign(challenge).map_err(|_| RejectReason::Malformed)?;
        if signing::verifies(&key, &bytes, &self.signature) {
            Ok(key)
        } else {
            Err(RejectReason::BadSignature)
        }
    }

    /// Whether every text is within its limit, and every field one that its protocol has.
    pub(crate) fn is_well_formed(&self) -> bool {
        (self.protocol >= 2) == self.capabilities.is_some()
            && [&self.token, &self.hostname, &self.os, &self.agent_version]
                .iter()
                .all(|t| t.len() <= MAX_TEXT)
    }

    fn bytes_to_sign(&self, challenge: &Challenge) -> Result<Vec<u8>, CanonicalError> {
        let Self {
            protocol,
            token,
            public_key,
            hostname,
            os,
            agent_version,
            capabilities,
            signature: _,
        } = self;
        let purpose = ENROL_PURPOSE[usize::from(capabilities.is_some())];
        let body = EnrolToSign {
            challenge,
            protocol: *protocol,
            token,
            public_key,
            hostname,
            os,
            agent_version,
            capabilities: capabilities.as_ref(),
        };
        signing::bytes_to_sign(purpose, &body)
    }
}
