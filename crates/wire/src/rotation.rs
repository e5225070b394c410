//! New order keys: a chain of statements, each signed with the key before it, so that whoever pinned one key can follow.

use domain::canonical::CanonicalError;
use domain::ids::OrgId;
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::signing;

const ROTATION_PURPOSE: &str = "countersign key rotation v1\n";

/// From now on, or from `not_before`, orders are signed with this key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// Whose orders.
    pub org: OrgId,
    /// Counts the order keys; the one from the beginning is 1.
    pub generation: u32,
    /// The new key: 64 lower-case hexadecimal digits (Ed25519).
    pub order_key: String,
    /// The key that signs the record's checkpoints, as a C2SP signed-note verifier key. It does not rotate yet.
    pub log_key: String,
    /// Not to be used before this, by the server's clock.
    pub not_before: Timestamp,
    /// 128 hexadecimal digits by the key of the generation before, over all of the above.
    pub signature: String,
}

/// Why a rotation is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// It is for another org.
    #[error("the new order key is another organisation's")]
    OtherOrg,
    /// Its key can't be read.
    #[error("the new order key can't be read")]
    Malformed,
    /// It is not signed with the pinned key.
    #[error("the new order key is not signed with the one before it")]
    BadSignature,
    /// It is not to be used yet.
    #[error("the new order key is not to be used yet")]
    TooEarly,
}

#[derive(Serialize)]
struct ToSign<'a> {
    org: OrgId,
    generation: u32,
    order_key: &'a str,
    log_key: &'a str,
    not_before: Timestamp,
}

impl KeyRotation {
    /// Fills in the signature with `before`, the order key of the generation before.
    ///
    /// # Errors
    /// Never for fields that fit JSON; see [`CanonicalError`].
    pub fn sign(mut self, before: &SigningKey) -> Result<Self, CanonicalError> {
        self.signature = signing::sign(before, &self.bytes_to_sign()?);
        Ok(self)
    }

    /// The new key, if the statement is for `org`, signed with `pinned`, and in force at `now` (the server's clock).
    ///
    /// # Errors
    /// See [`BrokenChain`].
    pub fn follow(&self, org: OrgId, pinned: &VerifyingKey, now: Timestamp) -> Result<VerifyingKey, BrokenChain> {
        let bytes = self.bytes_to_sign().map_err(|_| BrokenChain::Malformed)?;
        if !signing::verifies(pinned, &bytes, &self.signature) {
            return Err(BrokenChain::BadSignature);
        }
        if self.org != org {
            return Err(BrokenChain::OtherOrg);
        }
        if now < self.not_before {
            return Err(BrokenChain::TooEarly);
        }
        signing::parse_public_key(&self.order_key).ok_or(BrokenChain::Malformed)
    }

    /// Whether every field has its shape.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.generation >= 2 && self.log_key.len() <= 1024 && signing::is_hex::<32>(&self.order_key)
    }

    fn bytes_to_sign(&self) -> Result<Vec<u8>, CanonicalError> {
        let Self {
            org,
            generation,
            order_key,
            log_key,
            not_before,
            signature: _,
        } = self;
        let body = ToSign {
            org: *org,
            generation: *generation,
            order_key,
            log_key,
            not_before: *not_before,
        };
        signing::bytes_to_sign(ROTATION_PURPOSE, &body)
    }
}
