//! Findings: what redaction took out, where and by which rule; never the value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What kind of value a finding stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A payment card number (PAN) that passes Luhn.
    Card,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A US social security number.
    Ssn,
    /// An IP address (only where the setting asks for it).
    IpAddress,
    /// A cloud or service credential: AWS, GitHub and the like.
    Secret,
    /// A PEM or OpenSSH private key.
    PrivateKey,
    /// A JSON Web Token.
    Jwt,
    /// A merchant or terminal id, in context.
    MerchantId,
}

impl FindingKind {
    /// Every kind, in order.
    pub const ALL: [Self; 9] = [
        Self::Card,
        Self::Email,
        Self::Phone,
        Self::Ssn,
        Self::IpAddress,
        Self::Secret,
        Self::PrivateKey,
        Self::Jwt,
        Self::MerchantId,
    ];

    /// The word in placeholders and chips: `card`, `e-mail`, `merchant id` …
    pub fn label(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Ssn => "ssn",
            Self::IpAddress => "ip",
            Self::Secret => "secret",
            Self::PrivateKey => "private key",
            Self::Jwt => "jwt",
            Self::MerchantId => "merchant id",
        }
    }
}

/// One redaction. `start` and `len` are bytes, in the piece of redacted text that the finding comes with, of the placeholder
/// that stands there now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// The rule that found it, such as `card.luhn`.
    pub rule: String,
    /// Byte offset of the placeholder in the piece of redacted text that the finding comes with.
    pub start: u64,
    /// Byte length of the placeholder.
    pub len: u32,
    /// Version of the redaction engine, such as `1`.
    pub engine: u32,
}

/// Findings per kind. Zero is evidence too, so an empty map means "looked, found none".
pub type FindingCounts = BTreeMap<FindingKind, u64>;

/// Counts `findings` by kind.
pub fn count(findings: &[Finding]) -> FindingCounts {
    findings.iter().fold(FindingCounts::new(), |mut m, f| {
        *m.entry(f.kind).or_default() += 1;
        m
    })
}
