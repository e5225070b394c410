//! Signing in, and the people of an org.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::ids::PersonId;
use crate::roles::{Caller, Roles};
use crate::sensitive::Raw;
use crate::timestamp::Timestamp;

/// What somebody signs in with.
#[derive(Debug)]
pub struct SignIn {
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: Raw<String>,
    /// The network address they come from.
    pub from: String,
}

/// What somebody redeems a one-time link with.
#[derive(Debug)]
pub struct SetPassword {
    /// The link's secret part.
    pub link: Raw<String>,
    /// The password they chose; at least 12 characters.
    pub password: Raw<String>,
    /// The network address they come from.
    pub from: String,
}

/// A web session, just made.
#[derive(Debug)]
pub struct NewWebSession {
    /// The cookie's value: 256 random bits. Stored hashed only.
    pub token: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// Somebody to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Their name.
    pub name: String,
    /// Their e-mail address: the subject of their local account.
    pub email: String,
    /// What they may do.
    pub roles: Roles,
}

/// A one-time link, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    /// The path and secret, such as `/welcome/…`.
    pub path: String,
    /// When it expires.
    pub expires: Timestamp,
}

/// A person of the org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub roles: Roles,
    /// Whether they set a password yet.
    pub active: bool,
    /// The clients whose contact they are.
    pub contact_for: Vec<String>,
    /// When they last signed in.
    pub last_sign_in: Option<Timestamp>,
}

/// Accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Checks a password and makes a web session. Success and failure are in the record.
    async fn sign_in(&self, with: SignIn) -> Result<NewWebSession, ApiError>;
    /// Whose one-time link this is: the name to greet, while the link can be used.
    async fn link_owner(&self, link: &str) -> Result<String, ApiError>;
    /// Redeems a one-time link: sets the password and makes a web session.
    async fn redeem_link(&self, with: SetPassword) -> Result<NewWebSession, ApiError>;
    /// The caller behind a cookie's value, or `None` when the web session has ended.
    async fn resume(&self, token: &str, from: &str) -> Result<Option<Caller>, ApiError>;
    /// Ends the web session.
    async fn sign_out(&self, caller: &Caller, token: &str) -> Result<(), ApiError>;
    /// The people of the org. Needs `administer`.
    async fn people(&self, caller: &Caller) -> Result<Vec<PersonRow>, ApiError>;
    /// Adds a person and makes their one-time link. Needs `administer`.
    async fn invite(&self, caller: &Caller, who: Invitation) -> Result<NewLink, ApiError>;
    /// Sets a person's roles; their web sessions follow at once. Needs `administer`.
    async fn set_roles(&self, caller: &Caller, person: PersonId, roles: Roles) -> Result<(), ApiError>;
}
