//! What is taken out of output beyond what always is: reading it, setting it, trying it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::digest::Digest;
use crate::event::Named;
use crate::finding::FindingKind;
use crate::ids::ClientId;
use crate::redaction::RedactionSettings;
use crate::roles::Caller;

/// The settings of the organisation and of its clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedactionView {
    /// For all clients.
    pub all: RedactionSettings,
    /// What names the settings for all clients as they are, to be sent back with a change.
    pub digest: Digest,
    /// For one each, by name.
    pub clients: Vec<ClientRedaction>,
    /// The version of the engine that applies them.
    pub engine: u32,
    /// How many rules it has.
    pub rules: u64,
}

/// A client's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRedaction {
    /// Whose.
    pub client: Named,
    /// What is taken out besides.
    pub settings: RedactionSettings,
    /// Whether card numbers are expected on its machines, so that finding one opens no incident. Authentication data (CVV,
    /// PIN, track) is expected nowhere.
    pub cards_expected: bool,
    /// What names these settings as they are, to be sent back with a change.
    pub digest: Digest,
}

/// A change of settings: they are replaced whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetRedaction {
    /// Whose; `None` for all clients.
    pub client: Option<ClientId>,
    /// From now on.
    pub settings: RedactionSettings,
    /// What named the settings that the change was made from: of two who change them at the same time, one is told.
    pub shown: Digest,
    /// Of a client only, see [`ClientRedaction::cards_expected`].
    pub cards_expected: bool,
}

/// A text as it would be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// With placeholders.
    pub text: String,
    /// What was found, in order.
    pub findings: Vec<TriedFinding>,
}

/// One finding of a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedFinding {
    /// What.
    pub kind: FindingKind,
    /// By which rule.
    pub rule: String,
    /// How sure the rule is: `likely`, `probable` or `certain`.
    pub confidence: String,
}

/// Settings of redaction.
#[async_trait]
pub trait Redaction: Send + Sync {
    /// The settings. Needs `administer` or `audit`.
    async fn redaction(&self, caller: &Caller) -> Result<RedactionView, ApiError>;
    /// Changes them: for orders that are signed and texts that are stored from now on. Needs `administer` or `audit`.
    async fn set_redaction(&self, caller: &Caller, change: SetRedaction) -> Result<(), ApiError>;
    /// Redacts a text as it would be for a client, or for any. Nothing of it is kept. Needs `administer` or `audit`.
    async fn try_redaction(&self, caller: &Caller, client: Option<ClientId>, text: String) -> Result<Tried, ApiError>;
}
