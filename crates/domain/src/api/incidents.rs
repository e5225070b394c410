//! Incidents: card data that was found where none is expected (R35, PCI DSS v4.0.1 12.10.7).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::event::Named;
use crate::finding::FindingKind;
use crate::ids::{ActionId, DataIncidentId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// Where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentPlace {
    /// In an action's output: it is on the machine.
    Output,
    /// In a command that was proposed, and refused for it.
    Command,
    /// In a note on a session.
    Note,
    /// In the reason of a session or a decision.
    Reason,
}

impl IncidentPlace {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Output, Self::Command, Self::Note, Self::Reason];

    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Command => "command",
            Self::Note => "note",
            Self::Reason => "reason",
        }
    }
}

/// What became of the data. PCI DSS asks for retrieval, secure deletion or migration, and how it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Securely deleted.
    Deleted,
    /// Moved to where card data is expected.
    Moved,
    /// Numbers for testing, of no account.
    TestData,
    /// No card data: the rule was wrong.
    NoCardData,
    /// Anything else; the note says what.
    Other,
}

impl Disposition {
    /// Every disposition.
    pub const ALL: [Self; 5] = [
        Self::Deleted,
        Self::Moved,
        Self::TestData,
        Self::NoCardData,
        Self::Other,
    ];

    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Moved => "moved",
            Self::TestData => "test_data",
            Self::NoCardData => "no_card_data",
            Self::Other => "other",
        }
    }

    /// The words, as shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::Deleted => "Securely deleted",
            Self::Moved => "Moved to where card data belongs",
            Self::TestData => "Test numbers, of no account",
            Self::NoCardData => "No card data: the rule was wrong",
            Self::Other => "Something else, as the note says",
        }
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// The incident.
    pub id: DataIncidentId,
    /// The session in which it was found.
    pub session: SessionId,
    /// The action whose output holds it.
    pub action: Option<ActionId>,
    /// The action's command, as the record shows it; empty without an action.
    pub command: String,
    /// The machine.
    pub endpoint: Named,
    /// The client.
    pub client: Named,
    /// Whose session it is.
    pub technician: String,
    /// Where it was found.
    pub place: IncidentPlace,
    /// What: card numbers, authentication data, or both, when the incident opened.
    pub kinds: Vec<FindingKind>,
    /// Who was told: those who see it among what needs a person now.
    pub told: Vec<String>,
    /// To which of them a letter went that a mail server took.
    pub mailed: Vec<String>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// Its leaf.
    pub opened_leaf: u64,
    /// How it was closed, once it is.
    pub closed: Option<IncidentClosed>,
    /// Whether the caller may close it.
    pub may_close: bool,
}

/// How an incident was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentClosed {
    /// What became of the data.
    pub disposition: Disposition,
    /// How it came there, and what was done.
    pub note: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The leaf.
    pub leaf: u64,
}

/// Incidents. With `audit` all of them; a contact sees those of their clients, a technician those of their sessions.
#[async_trait]
pub trait Incidents: Send + Sync {
    /// The incidents, open ones first, then newest first; at most 500.
    async fn incidents(&self, caller: &Caller) -> Result<Vec<IncidentRow>, ApiError>;
    /// One of them.
    async fn incident(&self, caller: &Caller, id: DataIncidentId) -> Result<IncidentRow, ApiError>;
    /// Closes one, with what became of the data and how it came there. Needs `audit`.
    async fn close_incident(
        &self,
        caller: &Caller,
        id: DataIncidentId,
        disposition: Disposition,
        note: String,
    ) -> Result<(), ApiError>;
}
