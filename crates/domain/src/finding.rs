//! Findings: what redaction took out, where and by which rule; never the value.

use std::borrow::Cow;
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
    /// Sensitive authentication data of a card: CVV, PIN or PIN block. Nothing of it may be kept.
    CardAuth,
    /// An international bank account number.
    Iban,
    /// A national or tax id of a person or company, other than a US social security number.
    NationalId,
    /// A health id: MBI, NPI, DEA, medical record number.
    HealthId,
    /// A passport or driving licence number.
    DocumentId,
    /// A password or passphrase.
    Password,
    /// A hardware address (only where the setting asks for it).
    MacAddress,
    /// A name or other term of a client's word list.
    Term,
    /// What an organisation's own pattern found.
    Own,
}

impl FindingKind {
    /// Every kind, in order.
    pub const ALL: [Self; 18] = [
        Self::Card,
        Self::Email,
        Self::Phone,
        Self::Ssn,
        Self::IpAddress,
        Self::Secret,
        Self::PrivateKey,
        Self::Jwt,
        Self::MerchantId,
        Self::CardAuth,
        Self::Iban,
        Self::NationalId,
        Self::HealthId,
        Self::DocumentId,
        Self::Password,
        Self::MacAddress,
        Self::Term,
        Self::Own,
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
            Self::CardAuth => "card auth",
            Self::Iban => "iban",
            Self::NationalId => "national id",
            Self::HealthId => "health id",
            Self::DocumentId => "document id",
            Self::Password => "password",
            Self::MacAddress => "mac",
            Self::Term => "term",
            Self::Own => "own",
        }
    }

    /// Whether an organisation may turn the kind off: not card data, and no credentials.
    pub fn can_be_off(self) -> bool {
        match self {
            Self::Card | Self::CardAuth | Self::Password | Self::Secret | Self::PrivateKey | Self::Jwt => false,
            Self::Email
            | Self::Phone
            | Self::Ssn
            | Self::IpAddress
            | Self::MerchantId
            | Self::Iban
            | Self::NationalId
            | Self::HealthId
            | Self::DocumentId
            | Self::MacAddress
            | Self::Term
            | Self::Own => true,
        }
    }

    /// Whether it is a card number or authentication data, which opens an incident where none is expected (PCI DSS v4.0.1,
    /// 12.10.7).
    pub fn is_card_data(self) -> bool {
        match self {
            Self::Card | Self::CardAuth => true,
            Self::Email
            | Self::Phone
            | Self::Ssn
            | Self::IpAddress
            | Self::Secret
            | Self::PrivateKey
            | Self::Jwt
            | Self::MerchantId
            | Self::Iban
            | Self::NationalId
            | Self::HealthId
            | Self::DocumentId
            | Self::Password
            | Self::MacAddress
            | Self::Term
            | Self::Own => false,
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
    pub rule: Cow<'static, str>,
    /// Byte offset of the placeholder in the piece of redacted text that the finding comes with.
    pub start: u64,
    /// Byte length of the placeholder.
    pub len: u32,
    /// Version of the redaction engine, such as `1`.
    pub engine: u32,
}

/// What one engine found in a text, by kind. "0 findings, engine 2" is a statement too, and is stored like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Version of the redaction engine that looked.
    pub engine: u32,
    /// Findings by kind; empty means that it found none.
    pub counts: FindingCounts,
}

impl Looked {
    /// How many findings there are of all kinds.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
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
