//! Shares: a reviewed, frozen, public transcript.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ApiError, OutputPiece, SessionView};
use crate::ids::{SessionId, ShareId};
use crate::roles::Caller;
use crate::sensitive::Raw;
use crate::timestamp::Timestamp;

/// What a reviewer confirms before a share is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareReview {
    /// The session as it would be shown.
    pub session: SessionView,
    /// How many leaves the share would hold.
    pub leaves: u64,
    /// Findings in it.
    pub findings: u64,
    /// Shares that exist already.
    pub shares: Vec<ShareRow>,
}

/// What a share leaves out of the leaves that it holds. Their commitments stay, and the page says at each place what is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// Nothing.
    #[default]
    Nothing,
    /// What machines printed.
    Output,
    /// What people typed and machines printed: reasons, notes, commands, output.
    Texts,
}

impl Withheld {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Output, Self::Texts];

    /// The word, as stored and sent.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Output => "output",
            Self::Texts => "texts",
        }
    }

    /// What is left out, as in "… is withheld"; nothing where all is there.
    pub fn what(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Output => Some("what was printed"),
            Self::Texts => Some("what was typed and printed"),
        }
    }

    /// Whether it is the text of such an event that is left out.
    pub fn covers(self, kind: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Output => kind == "output.chunk",
            Self::Texts => true,
        }
    }
}

/// A share to make.
#[derive(Debug)]
pub struct NewShare {
    /// Of which session.
    pub session: SessionId,
    /// Whether its transcript was read and may be shown; nothing is shared otherwise.
    pub reviewed: bool,
    /// After how many days the link stops working: 1 to 3660, or never.
    pub days: Option<u32>,
    /// What it leaves out.
    pub withheld: Withheld,
    /// What its readers have to know besides the link: 8 to 100 characters, or nothing.
    pub passcode: Option<Raw<String>>,
    /// Which share it is a new version of, if of any: its readers are told that there is a newer one.
    pub replaces: Option<ShareId>,
}

impl NewShare {
    /// Everything of a session whose transcript was read, for whoever has the link, until it is revoked.
    pub fn of(session: SessionId) -> Self {
        Self {
            session,
            reviewed: true,
            days: None,
            withheld: Withheld::Nothing,
            passcode: None,
            replaces: None,
        }
    }
}

/// A share in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRow {
    /// The share.
    pub id: ShareId,
    /// Of which session.
    pub session: SessionId,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Log size that it pins.
    pub size: u64,
    /// What it leaves out.
    pub withheld: Withheld,
    /// Whether its readers have to know a passcode.
    pub passcode: bool,
    /// Which version of a share it is, from 1 on.
    pub version: u32,
    /// Whether there is a newer version.
    pub replaced: bool,
    /// How often it was opened.
    pub views: u64,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When its link stops working by itself; `None`: never.
    pub expires: Option<Timestamp>,
    /// Whether it has.
    pub expired: bool,
    /// The path with its fragment, such as `/s/…#v1.…`: only right after it was made, since the token is stored hashed.
    pub link: Option<String>,
}

/// A share as its page shows it: read from the leaves alone, so that what is shown is what is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicShare {
    /// The org's name.
    pub org: String,
    /// The endpoint's name then.
    pub endpoint: String,
    /// The client's name then.
    pub client: String,
    /// The technician's name then.
    pub technician: String,
    /// When the session was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Log size that it pins.
    pub size: u64,
    /// Root that it pins, in hexadecimal.
    pub root: String,
    /// What it leaves out.
    pub withheld: Withheld,
    /// When the share was made.
    pub made_at: Timestamp,
    /// Who reviewed it.
    pub reviewed_by: String,
    /// Which version of a share it is, from 1 on.
    pub version: u32,
    /// When a newer version was made, which has a link of its own.
    pub newer: Option<Timestamp>,
    /// Everything in the transcript that is not an action's, in order of leaves.
    pub entries: Vec<SharedEntry>,
    /// The actions, in order.
    pub actions: Vec<SharedAction>,
}

/// One line of a shared transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedEntry {
    /// The leaf.
    pub leaf: u64,
    /// When.
    pub at: Timestamp,
    /// The kind of event, such as `approval.narrowed`.
    pub kind: String,
    /// A sentence.
    pub sentence: String,
    /// A field of the leaf that is shown beside it word for word: group, field, text.
    pub fields: Vec<(String, String, String)>,
}

/// One action of a shared transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedAction {
    /// Its number.
    pub number: u64,
    /// The verb or shell.
    pub verb: String,
    /// The exact text; empty where it is withheld or was erased.
    pub command: String,
    /// `succeeded`, `refused` …
    pub status: String,
    /// What happened to it, in order of leaves.
    pub entries: Vec<SharedEntry>,
    /// Its output.
    pub output: Vec<SharedOutput>,
}

/// A piece of output, with its leaf.
pub type SharedOutput = OutputPiece;

/// Shares.
#[async_trait]
pub trait Shares: Send + Sync {
    /// What a share of the session would hold. Needs `share`.
    async fn review_share(&self, caller: &Caller, session: SessionId) -> Result<ShareReview, ApiError>;
    /// Makes a share after review. Needs `share`.
    async fn create_share(&self, caller: &Caller, new: NewShare) -> Result<ShareRow, ApiError>;
    /// Revokes a share: its link answers 410 from now on, as one that has expired does. Needs `share`.
    async fn revoke_share(&self, caller: &Caller, share: ShareId) -> Result<(), ApiError>;
    /// Gives a ticket for a share with a passcode to who knows it; it opens page and bundle for a quarter of an hour. Wrong ones are
    /// recorded, and after ten of them nothing is tried for ten minutes. An empty ticket where the share has no passcode.
    async fn unlock_share(&self, token: &str, passcode: Raw<String>, from: &str) -> Result<String, ApiError>;
    /// The page behind a link. Needs nothing but the token, and where the share has a passcode a ticket; that it was opened is in the
    /// record.
    async fn public_share(&self, token: &str, ticket: Option<&str>, from: &str) -> Result<PublicShare, ApiError>;
    /// The bundle behind a link: JSON of `audit::Bundle`. Needs the same.
    async fn public_bundle(&self, token: &str, ticket: Option<&str>, from: &str) -> Result<Vec<u8>, ApiError>;
}
