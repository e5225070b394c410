//! Clients, endpoints, enrolment and the overview.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ApiError, ApprovalRow, GrantView, SessionRow};
use crate::event::Named;
use crate::ids::{ClientId, EndpointId, PersonId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// Where an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Enrolled; has not proved its key on a connection yet.
    Pending,
    /// Connected now.
    Ready,
    /// Not connected.
    Offline,
    /// Removed; its key is refused.
    Removed,
}

impl EndpointState {
    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Offline => "offline",
            Self::Removed => "removed",
        }
    }
}

/// An endpoint in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRow {
    /// The endpoint.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
    /// Its client.
    pub client: Named,
    /// The client's tags.
    pub tags: Vec<String>,
    /// Where it stands.
    pub state: EndpointState,
    /// Its operating system, as it said.
    pub os: String,
    /// When it was last connected.
    pub last_seen: Option<Timestamp>,
    /// How many sessions on it are open.
    pub open_sessions: u64,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// As in lists.
    pub row: EndpointRow,
    /// The agent's version.
    pub agent_version: String,
    /// SHA-256 of its public key, in hexadecimal.
    pub key: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// Who approves for it.
    pub contacts: Vec<String>,
    /// The client's registered hosts (`host:port`), which may be probed without asking.
    pub registered_hosts: Vec<String>,
    /// What the policy says here, a sentence a rule.
    pub policy: Vec<String>,
    /// Live grants on it.
    pub grants: Vec<GrantView>,
    /// Its sessions, newest first, at most 20.
    pub sessions: Vec<SessionRow>,
}

/// A client in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRow {
    /// The client.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Hosts that may be probed without asking, as `host:port`.
    pub registered_hosts: Vec<String>,
    /// Who approves for it: id and name.
    pub contacts: Vec<Named>,
    /// How many endpoints it has (removed ones not counted).
    pub endpoints: u64,
}

/// A client to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewClient {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Hosts that may be probed without asking, as `host:port`.
    pub registered_hosts: Vec<String>,
}

/// An enrolment token, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// The token.
    pub token: String,
    /// When it expires.
    pub expires: Timestamp,
}

/// One day of the overview's week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekDay {
    /// `2026-03-01`, UTC.
    pub day: String,
    /// Sessions opened.
    pub sessions: u64,
    /// Requests approved or narrowed.
    pub approved: u64,
    /// Requests denied or expired.
    pub refused: u64,
    /// Median seconds from request to decision; `None` on a day without a decision.
    pub median_decision_s: Option<u64>,
    /// Median seconds from a session's opening to its close; `None` on a day without a closed session.
    pub median_session_s: Option<u64>,
}

/// Seven days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// The days, oldest first.
    pub days: Vec<WeekDay>,
}

/// The first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Requests that wait for the caller's decision, or that they are waiting for.
    pub waiting: Vec<ApprovalRow>,
    /// Open sessions that the caller may see.
    pub open_sessions: Vec<SessionRow>,
    /// Endpoints, by client.
    pub endpoints: Vec<EndpointRow>,
    /// The last seven days.
    pub week: Week,
    /// Actions refused in the last seven days.
    pub refused: u64,
    /// Findings in the last seven days.
    pub findings: u64,
}

/// Clients and endpoints.
#[async_trait]
pub trait Endpoints: Send + Sync {
    /// The first page. Any signed-in person; approvers see only their clients.
    async fn overview(&self, caller: &Caller) -> Result<Overview, ApiError>;
    /// The endpoints. Needs `initiate`, `audit` or `administer`.
    async fn endpoints(&self, caller: &Caller) -> Result<Vec<EndpointRow>, ApiError>;
    /// One endpoint. Needs `initiate`, `audit` or `administer`.
    async fn endpoint(&self, caller: &Caller, id: EndpointId) -> Result<EndpointView, ApiError>;
    /// The clients. Needs `initiate`, `audit` or `administer`.
    async fn clients(&self, caller: &Caller) -> Result<Vec<ClientRow>, ApiError>;
    /// Adds a client. Needs `administer`.
    async fn create_client(&self, caller: &Caller, new: NewClient) -> Result<ClientId, ApiError>;
    /// Names who approves for a client; each must hold the role approver. Needs `administer`.
    async fn set_contacts(&self, caller: &Caller, client: ClientId, contacts: Vec<PersonId>) -> Result<(), ApiError>;
    /// Makes a one-time enrolment token for a client, good for an hour. Needs `administer`.
    async fn create_token(&self, caller: &Caller, client: ClientId) -> Result<NewToken, ApiError>;
    /// Removes an endpoint: its key is refused from now on. Needs `administer`.
    async fn remove_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<(), ApiError>;
}
