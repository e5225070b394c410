//! Sessions: opening, reading, noting, closing, and what arrives while one watches.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ActionView, ApiError, ApprovalRow, Erasure, GrantView, HoldView, OutputPiece};
use crate::event::Named;
use crate::ids::{ActionId, EndpointId, NoteId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// A session to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// On which endpoint.
    pub endpoint: EndpointId,
    /// Why.
    pub reason: String,
    /// Ticket reference.
    pub ticket: String,
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// Its endpoint.
    pub endpoint: Named,
    /// The endpoint's client.
    pub client: Named,
    /// Who opened it.
    pub technician: Named,
    /// Why.
    pub reason: String,
    /// Ticket reference; may be empty.
    pub ticket: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed; `None` while it is open.
    pub closed_at: Option<Timestamp>,
    /// How many actions it has.
    pub actions: u64,
    /// How many of them wait for a person.
    pub waiting: u64,
}

/// A note on a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// The note.
    pub id: NoteId,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// The text, redacted.
    pub text: String,
    /// Its leaf.
    pub leaf: u64,
}

/// A session's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// As in lists.
    pub row: SessionRow,
    /// The endpoint's state, as a word.
    pub endpoint_state: super::EndpointState,
    /// What the endpoint's agent can do (`verb:file.read`, `shell:sh`); none while it has not said.
    pub capabilities: Option<Vec<String>>,
    /// Why it was closed; empty while it is open.
    pub close_reason: String,
    /// The actions, in order, with their output so far.
    pub actions: Vec<ActionView>,
    /// Requests for access (scope), newest first.
    pub requests: Vec<ApprovalRow>,
    /// Live and past grants, newest first.
    pub grants: Vec<GrantView>,
    /// Notes, oldest first.
    pub notes: Vec<NoteView>,
    /// Who approves for the client.
    pub contacts: Vec<String>,
    /// Index after the last leaf that this view reflects: the cursor for live updates.
    pub head: u64,
    /// Whether the caller may propose actions here.
    pub may_act: bool,
    /// Whether the caller may share it.
    pub may_share: bool,
    /// When and by whom its texts were erased.
    pub erased: Option<Erasure>,
    /// Legal holds that keep its texts.
    pub holds: Vec<HoldView>,
    /// Whether the caller may erase its texts and put them under a legal hold.
    pub may_retain: bool,
    /// The server's clock when this was made, for ages and countdowns.
    pub now: Timestamp,
}

/// One thing that arrives while a session is watched. Its position is its leaf's index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveItem {
    /// A piece of output.
    Output {
        /// Of which action.
        action: ActionId,
        /// The piece.
        piece: OutputPiece,
    },
    /// Something about the session changed: read it again.
    Changed,
}

/// Sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Opens a session. Needs `initiate`.
    async fn open_session(&self, caller: &Caller, new: NewSession) -> Result<SessionId, ApiError>;
    /// The caller's own sessions, or all with `audit`; newest first, at most 200.
    async fn sessions(&self, caller: &Caller) -> Result<Vec<SessionRow>, ApiError>;
    /// One session: its technician's, or any with `audit`, or its client's contacts.
    async fn session(&self, caller: &Caller, id: SessionId) -> Result<SessionView, ApiError>;
    /// What arrived from leaf `from` on, and the cursor to go on from; at most 500 items a call.
    async fn session_since(
        &self,
        caller: &Caller,
        id: SessionId,
        from: u64,
    ) -> Result<(Vec<(u64, LiveItem)>, u64), ApiError>;
    /// Adds a note. Only its technician.
    async fn add_note(&self, caller: &Caller, id: SessionId, text: String) -> Result<(), ApiError>;
    /// Closes it: what waits is refused, grants end. Only its technician.
    async fn close_session(&self, caller: &Caller, id: SessionId, reason: String) -> Result<(), ApiError>;
}
