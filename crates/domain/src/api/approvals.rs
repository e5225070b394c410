//! Approval requests, decisions and grants.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ActionView, ApiError};
use crate::action::Command;
use crate::digest::Digest;
use crate::event::Named;
use crate::ids::{GrantId, RequestId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for a decision.
    Pending,
    /// Approved, whole.
    Approved,
    /// Approved, narrowed.
    Narrowed,
    /// Denied.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// Taken back, or its session was closed.
    Withdrawn,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Approved,
        Self::Narrowed,
        Self::Denied,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Narrowed => "narrowed",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A request for access: a scope for this session, not one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskAccess {
    /// In which session.
    pub session: SessionId,
    /// The scope, such as `file.read("/etc/pos/**")`.
    pub scope: String,
    /// The workflow that it is for, such as `file-inspection@1`.
    pub workflow: Option<String>,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    /// The request.
    pub id: RequestId,
    /// The session it belongs to.
    pub session: SessionId,
    /// Who asks.
    pub requester: Named,
    /// On which endpoint.
    pub endpoint: Named,
    /// Of which client.
    pub client: Named,
    /// What is asked, in one line.
    pub what: String,
    /// Where it stands.
    pub state: RequestState,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Until when it can be decided.
    pub expires: Timestamp,
    /// Who was asked.
    pub asked: Vec<String>,
    /// Who decided; empty before.
    pub decided_by: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// What was allowed: the scope, narrowed or whole; empty otherwise.
    pub allowed: String,
    /// Whether the caller may decide it now.
    pub may_decide: bool,
}

/// What was done under an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The actions, with their output.
    pub actions: Vec<ActionView>,
}

/// What the approver is shown. `statement` is the canonical text that the decision binds to; everything else on the page is
/// rendered from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalView {
    /// As in lists.
    pub row: ApprovalRow,
    /// Canonical JSON of the statement.
    pub statement: String,
    /// Its digest, to be sent back with the decision.
    pub digest: Digest,
    /// Why the technician is on the machine, from the statement.
    pub reason: String,
    /// Ticket reference, from the statement.
    pub ticket: String,
    /// Roles of the requester, from the statement.
    pub requester_role: String,
    /// The exact command, for a request about one action.
    pub command: Option<Command>,
    /// The scope asked for.
    pub scope: String,
    /// Whether it can be narrowed (it covers more than one thing).
    pub can_narrow: bool,
    /// The exact text split for display, control and look-alike characters already escaped: text, and whether it is an escape.
    pub shown: Vec<(String, bool)>,
    /// The exact script's digest, where what is sensitive in it is shown by placeholders.
    pub hidden: Option<Digest>,
    /// What it could reach, in plain words.
    pub reach: String,
    /// What was noticed about it.
    pub risks: Vec<String>,
    /// How often it may be used.
    pub uses: u32,
    /// How many minutes a grant would live; 0 for one action.
    pub minutes: u32,
    /// What was done under it since.
    pub done: Done,
    /// The grant, if one came of it.
    pub grant: Option<GrantView>,
    /// The server's clock.
    pub now: Timestamp,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantView {
    /// The grant.
    pub id: GrantId,
    /// The request that it came from.
    pub request: RequestId,
    /// What it covers.
    pub scope: String,
    /// Who gave it.
    pub given_by: String,
    /// When.
    pub given_at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// `active`, `exhausted`, `expired`, `revoked` or `ended`.
    pub state: String,
    /// How often it was used.
    pub used: u32,
    /// How often it may be used.
    pub uses: u32,
}

/// What the approver says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ruling", rename_all = "snake_case")]
pub enum Ruling {
    /// Yes, whole.
    Approve,
    /// Yes, but only this.
    Narrow {
        /// The narrower scope.
        scope: String,
    },
    /// No.
    Deny {
        /// Why; may be empty.
        reason: String,
    },
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// On which request.
    pub request: RequestId,
    /// Digest of the statement that the approver was shown.
    pub shown: Digest,
    /// What they say.
    pub ruling: Ruling,
}

/// Approvals.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// Asks for access in a session. Only its technician.
    async fn ask_access(&self, caller: &Caller, ask: AskAccess) -> Result<RequestId, ApiError>;
    /// Requests that the caller may decide or that they made, all of them with `audit`; pending first, then newest; at most
    /// 200.
    async fn approvals(&self, caller: &Caller) -> Result<Vec<ApprovalRow>, ApiError>;
    /// One request. That a contact saw it is in the record.
    async fn approval(&self, caller: &Caller, id: RequestId) -> Result<ApprovalView, ApiError>;
    /// Decides. Needs `approve`, and to be a contact of the client, and not to be the requester; otherwise it is refused and the
    /// refusal recorded.
    async fn decide(&self, caller: &Caller, decision: Decision) -> Result<(), ApiError>;
    /// Takes a request back. Only its requester.
    async fn withdraw_request(&self, caller: &Caller, id: RequestId) -> Result<(), ApiError>;
    /// Ends a live grant. Its giver or any contact of the client.
    async fn revoke_grant(&self, caller: &Caller, id: GrantId) -> Result<(), ApiError>;
}
