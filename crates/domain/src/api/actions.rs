//! Actions: proposing, previewing, withdrawing, cancelling, and how one is shown.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::action::{ActionState, Command, Outcome, RefusalReason};
use crate::finding::{Finding, FindingCounts};
use crate::ids::{ActionId, RequestId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// An action to propose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// In which session.
    pub session: SessionId,
    /// What to do.
    pub command: Command,
}

/// What would happen if a command were proposed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandPreview {
    /// The narrowest scope that covers it.
    pub scope: String,
    /// `Runs at once: …`, `Needs the contact: …`, `Denied: …`.
    pub verdict: String,
    /// What it reaches, in plain words.
    pub reach: String,
    /// Whether it would run, wait or be refused, as the state it would have.
    pub state: ActionState,
    /// The verb that a script means exactly, to be offered in its place; what is proposed stays what was typed.
    pub instead: Option<Command>,
    /// What in it the record and the approver see placeholders of, while the exact text runs.
    pub hidden: FindingCounts,
}

/// Why an action was allowed, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisView {
    /// `one_time`, `grant` or `policy`.
    pub word: String,
    /// A sentence: who or which rule, when, what it covers.
    pub sentence: String,
    /// The leaf of the decision (of the authorisation itself when a policy rule decided).
    pub leaf: u64,
    /// The request, when a person decided.
    pub request: Option<RequestId>,
}

/// A piece of an action's output, as it is in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputPiece {
    /// Its leaf.
    pub leaf: u64,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// The text, redacted.
    pub text: String,
    /// Where the placeholders are, in bytes of `text`.
    pub findings: Vec<Finding>,
}

/// An action with everything the record says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionView {
    /// The action.
    pub id: ActionId,
    /// Its number in the session, from 1.
    pub number: u64,
    /// What it does.
    pub command: Command,
    /// Whether that is shown with placeholders, and another text runs.
    pub redacted: bool,
    /// Where it stands.
    pub state: ActionState,
    /// When it was proposed.
    pub proposed_at: Timestamp,
    /// Leaf of the proposal.
    pub proposed_leaf: u64,
    /// The request that it waits or waited for.
    pub request: Option<RequestId>,
    /// Until when somebody may decide; set while it waits.
    pub decide_until: Option<Timestamp>,
    /// Who was asked.
    pub asked: Vec<String>,
    /// Why it was allowed; `None` when it was not, or not yet.
    pub basis: Option<BasisView>,
    /// Leaf of the dispatch.
    pub dispatched_leaf: Option<u64>,
    /// When the agent started it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Leaf of its end (finish or refusal).
    pub ended_leaf: Option<u64>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Exit code, where there is one.
    pub exit: Option<i64>,
    /// How long it ran, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Raw bytes of stdout and stderr together.
    pub bytes: u64,
    /// Lines of stdout and stderr together.
    pub lines: u64,
    /// Findings by kind.
    pub findings: FindingCounts,
    /// Why it was refused.
    pub refusal: Option<RefusalReason>,
    /// What the refuser or the agent added: a reason, a note.
    pub detail: String,
    /// Whether cancelling was asked for.
    pub cancelling: bool,
    /// The output so far, in order.
    pub output: Vec<OutputPiece>,
}

/// Actions.
#[async_trait]
pub trait Actions: Send + Sync {
    /// Says what a command would mean, without proposing it. Only the session's technician.
    async fn preview(&self, caller: &Caller, proposal: Proposal) -> Result<CommandPreview, ApiError>;
    /// Proposes an action: it is authorised, waits for a person, or is refused, and all of it is in the record. Only the
    /// session's technician.
    async fn propose(&self, caller: &Caller, proposal: Proposal) -> Result<ActionId, ApiError>;
    /// Takes a waiting action back. Only the session's technician.
    async fn withdraw(&self, caller: &Caller, action: ActionId) -> Result<(), ApiError>;
    /// Asks for a running action to be cancelled. Only the session's technician.
    async fn cancel(&self, caller: &Caller, action: ActionId) -> Result<(), ApiError>;
}
