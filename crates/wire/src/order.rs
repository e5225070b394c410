//! Orders: the server's signed word that one action may run once, on one endpoint, until a time.

use domain::action::{Basis, Command, RefusalReason};
use domain::canonical::{self, CanonicalError};
use domain::digest::Digest;
use domain::ids::{ActionId, EndpointId, OrgId, SessionId};
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{MAX_FRAME, ORDER_VERSION, signing};

/// The most bytes of an order's evidence.
pub const MAX_EVIDENCE: usize = 16 * 1024;

const ORDER_PURPOSE: &str = "countersign order v1\n";

/// What is to be done, and by whose leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// 1, or 2 (only for agents that speak protocol 2).
    pub v: u32,
    /// The org whose record holds the decision.
    pub org: OrgId,
    /// The only endpoint that may run it.
    pub endpoint: EndpointId,
    /// The session it belongs to.
    pub session: SessionId,
    /// The action.
    pub action: ActionId,
    /// What to run, exactly.
    pub command: Command,
    /// The command's digest, as it was authorised.
    pub command_digest: Digest,
    /// The scope that was approved; the agent checks that it covers the command, and the live resource.
    pub scope: String,
    /// Why it is allowed.
    pub basis: Basis,
    /// Index of the leaf that allowed it.
    pub decision_leaf: u64,
    /// Digest of the statement that a person approved; none where a rule allowed it.
    pub statement: Option<Digest>,
    /// What the agent takes out of the output, beyond what it always does.
    pub redaction: OrderRedaction,
    /// The action is ended after this many seconds.
    pub time_limit_seconds: u32,
    /// Not to be started before this, by the server's clock.
    pub not_before: Timestamp,
    /// Not to be started after this, by the server's clock.
    pub expires: Timestamp,
    /// 16 random bytes, used once: 32 lower-case hexadecimal digits.
    pub nonce: String,
    /// Evidence of the decision, such as a passkey's assertion over the statement; at most [`MAX_EVIDENCE`] bytes of text.
    /// There from version 2 on, where there is some. Covered by the signature; what it says is not looked at here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// Redaction by setting, as far as orders have it from their first version on; cards, secrets and the like are always taken
/// out. The rest of the settings is in [`ActionRedaction`](crate::ActionRedaction).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderRedaction {
    /// Whether IP addresses are taken out.
    pub ip_addresses: bool,
    /// The client's registered merchant and terminal ids.
    pub merchant_ids: Vec<String>,
}

/// An order as it travels: the exact text that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedOrder {
    /// The canonical JSON of an [`Order`].
    pub order: String,
    /// 128 hexadecimal digits over a purpose line and that text.
    pub signature: String,
}

/// Why an order can't be signed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignError {
    /// It has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// It would not fit a frame; a script made mostly of characters that JSON escapes can do that.
    #[error("the order takes {0} bytes, more than a frame holds")]
    TooLarge(usize),
    /// It holds what its version has not, or more evidence than one may.
    #[error("the order holds what its version does not have")]
    Version,
}

#[derive(Deserialize)]
struct Claimed {
    action: ActionId,
    #[serde(default)]
    v: u32,
}

impl Order {
    fn fits_its_version(&self) -> bool {
        match &self.evidence {
            Some(evidence) => self.v >= 2 && evidence.len() <= MAX_EVIDENCE,
            None => true,
        }
    }
}

impl SignedOrder {
    /// Signs `order` with the server's order key.
    ///
    /// # Errors
    /// When it has no canonical form, or would not fit a frame.
    pub fn sign(order: &Order, key: &SigningKey) -> Result<Self, SignError> {
        if !order.fits_its_version() {
            return Err(SignError::Version);
        }
        let order = canonical::to_string(order)?;
        let signature = signing::sign(key, &Self::signed_bytes(&order));
        let signed = Self { order, signature };
        // Escaped once more inside the frame; 64 bytes are the frame's own words.
        let size = serde_json::to_string(&signed)
            .map_or(usize::MAX, |s| s.len())
            .saturating_add(64);
        if size > MAX_FRAME {
            Err(SignError::TooLarge(size))
        } else {
            Ok(signed)
        }
    }

    /// The order, if it is genuine: signed by `key`, in canonical form, of a version known here, and with the command
    /// that its digest names.
    ///
    /// # Errors
    /// [`RefusalReason::BadSignature`], [`RefusalReason::Malformed`], [`RefusalReason::Unsupported`] (another version)
    /// or [`RefusalReason::ChangedBytes`].
    pub fn open(&self, key: &VerifyingKey) -> Result<Order, RefusalReason> {
        if !signing::verifies(key, &Self::signed_bytes(&self.order), &self.signature) {
            return Err(RefusalReason::BadSignature);
        }
        let order: Order = serde_json::from_str(&self.order).map_err(|_| RefusalReason::Malformed)?;
        if !(1..=ORDER_VERSION).contains(&order.v) {
            return Err(RefusalReason::Unsupported);
        }
        if !order.fits_its_version() {
            return Err(RefusalReason::Malformed);
        }
        if canonical::to_string(&order).as_ref() != Ok(&self.order) || !signing::is_hex::<16>(&order.nonce) {
            return Err(RefusalReason::Malformed);
        }
        if order.command.digest() != order.command_digest {
            return Err(RefusalReason::ChangedBytes);
        }
        Ok(order)
    }

    /// SHA-256 of the signed text: what the receipt binds to.
    pub fn digest(&self) -> Digest {
        Digest::of(&[ORDER_PURPOSE.as_bytes(), self.order.as_bytes()])
    }

    /// The action that the text names, signed or not: only good for saying whose order was refused.
    pub fn claimed_action(&self) -> Option<ActionId> {
        serde_json::from_str::<Claimed>(&self.order).ok().map(|c| c.action)
    }

    /// The version that the text names, signed or not; 0 where it names none.
    pub fn claimed_version(&self) -> u32 {
        serde_json::from_str::<Claimed>(&self.order).map_or(0, |c| c.v)
    }

    /// The same text, signed with `new`, if `old` signed it: for an endpoint that has pinned a newer key since. Gives `None`
    /// where `old` did not.
    pub fn sign_anew(&self, old: &VerifyingKey, new: &SigningKey) -> Option<Self> {
        let bytes = Self::signed_bytes(&self.order);
        signing::verifies(old, &bytes, &self.signature).then(|| Self {
            order: self.order.clone(),
            signature: signing::sign(new, &bytes),
        })
    }

    fn signed_bytes(order: &str) -> Vec<u8> {
        [ORDER_PURPOSE.as_bytes(), order.as_bytes()].concat()
    }
}
