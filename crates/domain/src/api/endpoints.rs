//! Clients, endpoints, enrolment and the overview.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ApiError, ApprovalRow, GrantView, IncidentRow, SessionRow};
use crate::event::Named;
use crate::ids::{ClientId, EndpointId, PersonId, TokenId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// Where an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Enrolled; has not proved its key on a connection yet, or waits for a person to confirm it.
    Pending,
    /// Connected now.
    Ready,
    /// Not connected.
    Offline,
    /// To be removed once its agent has ended what runs and reported it.
    Removing,
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
            Self::Removing => "removing",
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
    /// Its client; with an empty id where nobody has said which yet.
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
    /// Whether nothing is sent to it before a person has confirmed that it is the right machine.
    pub needs_confirmation: bool,
    /// Whether two machines with its key were connected at the same time, and nobody has looked at it since.
    pub cloned: bool,
}

/// Two machines with one key, connected at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloneFound {
    /// When.
    pub at: Timestamp,
    /// From which address the one that was connected came, and which start of the agent it was.
    pub first: (String, String),
    /// The same of the one that came to it.
    pub second: (String, String),
}

/// How far an update of an endpoint's agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateStage {
    /// Asked for; the agent has not said anything yet.
    Asked,
    /// The agent does not take it; nothing was changed.
    Refused,
    /// It is on the endpoint, and waits until nothing runs.
    Staged,
    /// It is being tried.
    Started,
    /// It runs and is connected.
    Committed,
    /// It did not come up; the version before it runs again.
    RolledBack,
}

impl UpdateStage {
    /// Every stage.
    pub const ALL: [Self; 6] = [
        Self::Asked,
        Self::Refused,
        Self::Staged,
        Self::Started,
        Self::Committed,
        Self::RolledBack,
    ];

    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Refused => "refused",
            Self::Staged => "staged",
            Self::Started => "started",
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
        }
    }
}

/// An update of an endpoint's agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateView {
    /// The version that was asked for.
    pub version: String,
    /// How far it is.
    pub stage: UpdateStage,
    /// What the agent said of it; may be empty.
    pub detail: String,
    /// Who asked for it.
    pub asked_by: String,
    /// Since when it is that far.
    pub changed_at: Timestamp,
}

/// Who confirmed a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Their name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// As in lists.
    pub row: EndpointRow,
    /// The agent's version.
    pub agent_version: String,
    /// The newest version that its agent could be updated to; none where there is none.
    pub available_version: Option<String>,
    /// The latest update that was asked for.
    pub update: Option<UpdateView>,
    /// SHA-256 of its public key, in hexadecimal.
    pub key: String,
    /// The same, short, as the agent shows it on the machine.
    pub fingerprint: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// Who confirmed it; none where nobody had to, or has yet.
    pub confirmed: Option<Confirmed>,
    /// What its agent can do (`verb:file.read`, `shell:sh`), sorted; none while it has not said.
    pub capabilities: Option<Vec<String>>,
    /// How far its clock was ahead of the server's when it last connected, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// Which of the server's order keys it has pinned; the one from the beginning is 1.
    pub order_generation: u32,
    /// Its key on two machines at once, until somebody confirms it again.
    pub clone: Option<CloneFound>,
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

/// What an enrolment token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSpec {
    /// For machines of this client; where `None`, who confirms a machine says whose it is.
    pub client: Option<ClientId>,
    /// For the machine with this host name only, letters alike in either case.
    pub hostname: Option<String>,
    /// How many machines may enrol with it, 1 to 10,000.
    pub uses: u32,
    /// How long it can be used, in minutes: 10 to 129,600 (90 days).
    pub minutes: u32,
    /// Whether a person confirms each machine before anything is sent to it. A token for any client always asks for it.
    pub confirmation: bool,
}

impl TokenSpec {
    /// One machine of `client`, within the hour, without confirmation.
    pub fn once(client: ClientId) -> Self {
        Self {
            client: Some(client),
            hostname: None,
            uses: 1,
            minutes: 60,
            confirmation: false,
        }
    }
}

/// An enrolment token, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// Its id, which is no secret.
    pub id: TokenId,
    /// The token.
    pub token: String,
    /// When it expires.
    pub expires: Timestamp,
}

/// An enrolment token in a list; its secret is known to nobody here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// The token.
    pub id: TokenId,
    /// Whose machines; none for any client's.
    pub client: Option<Named>,
    /// The one machine it is for.
    pub hostname: Option<String>,
    /// How many machines may enrol with it.
    pub uses: u32,
    /// How many of them have.
    pub used: u32,
    /// Whether a person confirms each machine.
    pub confirmation: bool,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
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
    /// Open incidents that the caller may see.
    pub incidents: Vec<IncidentRow>,
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
    /// Makes an enrolment token. Needs `administer`.
    async fn create_token(&self, caller: &Caller, spec: TokenSpec) -> Result<NewToken, ApiError>;
    /// The tokens that can still be used, newest first. Needs `administer`.
    async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenRow>, ApiError>;
    /// Stops a token at once. Needs `administer`.
    async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), ApiError>;
    /// Stops a token at once and makes one like it, for as many machines as were left. Needs `administer`.
    async fn rotate_token(&self, caller: &Caller, id: TokenId) -> Result<NewToken, ApiError>;
    /// Confirms that a machine with the fingerprint that was shown is the right one, and whose it is where nobody said so yet.
    /// Needs `administer`.
    async fn confirm_endpoint(
        &self,
        caller: &Caller,
        id: EndpointId,
        shown: String,
        client: Option<ClientId>,
    ) -> Result<(), ApiError>;
    /// Has an endpoint's agent updated to the newest release that it can take. Needs `administer`.
    async fn update_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<(), ApiError>;
    /// The same for every endpoint of a client; gives how many there are that can take one. Needs `administer`.
    async fn update_client(&self, caller: &Caller, client: ClientId) -> Result<u64, ApiError>;
    /// Removes an endpoint. Its agent ends what runs, reports it and forgets who it is; until then the endpoint is
    /// `removing`. At once with `now`, and where the agent can't do that. Needs `administer`.
    async fn remove_endpoint(&self, caller: &Caller, id: EndpointId, now: bool) -> Result<(), ApiError>;
}
