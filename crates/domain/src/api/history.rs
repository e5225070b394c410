//! The history: filters, rows.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::event::Named;
use crate::ids::{ActionId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// Rows on one page.
pub const MAX_PAGE: u64 = 100;

/// What to look for. Empty strings filter nothing. It is also the history page's URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// From this minute on, UTC: `2026-03-01` or `2026-03-01T02:47`.
    pub from: String,
    /// Before this minute, UTC.
    pub until: String,
    /// Part of the endpoint's name.
    pub endpoint: String,
    /// Part of the client's name.
    pub client: String,
    /// Part of the technician's name.
    pub technician: String,
    /// An action's state or outcome, or a refusal's reason, as a word.
    pub status: String,
    /// `one_time`, `grant` or `policy`.
    pub basis: String,
    /// Literal text in commands, outputs, reasons, tickets and names; case-insensitive for ASCII.
    pub text: String,
    /// Page, from 0.
    pub page: u64,
}

/// One action, with what an auditor asks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The action.
    pub action: ActionId,
    /// Its session.
    pub session: SessionId,
    /// Its number in the session.
    pub number: u64,
    /// When it was proposed.
    pub at: Timestamp,
    /// The endpoint, as named then.
    pub endpoint: Named,
    /// The client, as named then.
    pub client: Named,
    /// The technician, as named then.
    pub technician: Named,
    /// Why the session was opened.
    pub reason: String,
    /// Ticket reference.
    pub ticket: String,
    /// The command in one line.
    pub command: String,
    /// `succeeded`, `failed`, `refused`, `waiting` …
    pub status: String,
    /// Why it was refused; empty otherwise.
    pub refusal: String,
    /// `one_time`, `grant`, `policy`, or empty.
    pub basis: String,
    /// Whether a person had to approve.
    pub approval_required: bool,
    /// The policy rule that decided.
    pub rule: String,
    /// Who approved; empty when nobody did.
    pub approver: String,
    /// Their roles then.
    pub approver_role: String,
    /// When they decided.
    pub decided_at: Option<Timestamp>,
    /// Whether the decision's leaf comes before the dispatch's; `None` when it was never dispatched.
    pub approval_precedes_action: Option<bool>,
    /// Exit code.
    pub exit: Option<i64>,
    /// Findings.
    pub findings: u64,
    /// Lines of output.
    pub lines: u64,
    /// Digest of the output; empty when there is none.
    pub output: String,
    /// Leaf of the proposal.
    pub leaf: u64,
}

/// A page of rows, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The rows, at most [`MAX_PAGE`].
    pub rows: Vec<HistoryRow>,
    /// How many rows match in all.
    pub total: u64,
    /// The page, from 0.
    pub page: u64,
}

/// The history.
#[async_trait]
pub trait History: Send + Sync {
    /// Actions that match: one's own for a technician, all with `audit`. That one searched is in the record.
    async fn history(&self, caller: &Caller, filter: Filter) -> Result<HistoryPage, ApiError>;
    /// Where an action is: its session.
    async fn find_action(&self, caller: &Caller, action: ActionId) -> Result<SessionId, ApiError>;
}
