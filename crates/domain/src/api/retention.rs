//! How long texts are kept: retention, legal holds, and erasing before the time (R5).
//!
//! What is erased is what people typed and machines printed. Who did what when, on whose authority and with which result stays.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::event::Named;
use crate::ids::{ClientId, HoldId, SessionId};
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// How long texts are kept where nothing else is set: seven years.
pub const STANDARD_DAYS: u32 = 2557;
/// The longest time that can be set: a hundred years.
pub const LONGEST_DAYS: u32 = 36_525;

/// Why texts were erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureCause {
    /// A person asked for it.
    Request,
    /// Their time was over.
    Retention,
}

/// That and when something was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When.
    pub at: Timestamp,
    /// By whom: a person's name, or `the server` at the end of the retention.
    pub by: String,
    /// The leaf that says so.
    pub leaf: u64,
}

/// What a legal hold is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldOn {
    /// Everything of the organisation.
    All,
    /// All sessions of a client.
    Client(ClientId),
    /// One session.
    Session(SessionId),
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// The hold.
    pub id: HoldId,
    /// What it is on.
    pub on: HoldOn,
    /// The name of that, for people.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: Timestamp,
    /// Who released it and when; `None` while it lasts.
    pub released: Option<(String, Timestamp)>,
}

/// A client's own retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRetention {
    /// Whose.
    pub client: Named,
    /// In days from the end of a session; `None`: as for all.
    pub days: Option<u32>,
}

/// How long texts are kept, and what is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionView {
    /// For all clients, in days from the end of a session.
    pub days: u32,
    /// For one each, by name.
    pub clients: Vec<ClientRetention>,
    /// Legal holds: those that last first, then the newest.
    pub holds: Vec<HoldView>,
}

/// Retention, legal holds, erasing.
#[async_trait]
pub trait Retention: Send + Sync {
    /// How long texts are kept, and what is held. Needs `retain`, `audit` or `administer`.
    async fn retention(&self, caller: &Caller) -> Result<RetentionView, ApiError>;
    /// Sets for how many days texts are kept, for a client or for all; `None` for a client: as for all. Needs `retain`.
    async fn set_retention(&self, caller: &Caller, client: Option<ClientId>, days: Option<u32>)
    -> Result<(), ApiError>;
    /// Puts texts under a legal hold. Needs `retain`.
    async fn place_hold(&self, caller: &Caller, on: HoldOn, reason: String) -> Result<HoldId, ApiError>;
    /// Ends a legal hold. Needs `retain`.
    async fn release_hold(&self, caller: &Caller, id: HoldId, reason: String) -> Result<(), ApiError>;
    /// Erases what was typed and printed in a closed session, for good. Needs `retain`.
    async fn erase_session(&self, caller: &Caller, id: SessionId, reason: String) -> Result<(), ApiError>;
}
