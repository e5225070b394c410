//! The record itself: its size, its checkpoint, one leaf, its tiles.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::roles::Caller;
use crate::timestamp::Timestamp;

/// How the org's log stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordStatus {
    /// Leaves.
    pub size: u64,
    /// Root hash, in hexadecimal.
    pub root: String,
    /// The latest signed checkpoint, as a C2SP signed note.
    pub checkpoint: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The log's public key in C2SP verifier-key form.
    pub key: String,
    /// SHA-256 of the raw public key, in hexadecimal.
    pub key_hash: String,
    /// Witnesses that cosigned checkpoints, each with its latest.
    pub witnesses: Vec<WitnessView>,
    /// The last self-check since the server started.
    pub check: Option<SelfCheck>,
    /// The latest leaves, newest first, at most 50.
    pub latest: Vec<LeafView>,
}

/// What computing the whole log anew has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// When.
    pub at: Timestamp,
    /// Up to which size.
    pub size: u64,
    /// What is wrong, if something is.
    pub alarm: Option<RecordAlarm>,
}

/// The record is not what it was, or can't be checked any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAlarm {
    /// The first wrong leaf, where one is named.
    pub leaf: Option<u64>,
    /// What is wrong, in a sentence.
    pub sentence: String,
    /// Whether it contradicts what was signed or committed; otherwise it can't be read or checked any more.
    pub altered: bool,
}

impl RecordAlarm {
    /// What tells it from another alarm: its words differ with the record's size.
    pub fn what(&self) -> (Option<u64>, bool) {
        (self.leaf, self.altered)
    }
}

/// A witness: somebody else who saw the log, and cosigned that it only grew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessView {
    /// Its name.
    pub name: String,
    /// The largest size that it cosigned.
    pub size: u64,
    /// When it did, by its own clock.
    pub at: Timestamp,
}

/// One leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafView {
    /// Its index.
    pub index: u64,
    /// The kind of event.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// On what.
    pub target: String,
    /// With what outcome.
    pub outcome: String,
    /// The leaf's hash, in hexadecimal.
    pub hash: String,
    /// The canonical leaf.
    pub leaf: String,
    /// The groups that it commits to: name and canonical JSON; none where it was erased.
    pub groups: Vec<(String, Option<String>)>,
    /// Sibling hashes from the leaf to the root at the current size, in hexadecimal; empty in lists.
    pub proof: Vec<String>,
}

/// The record.
#[async_trait]
pub trait Record: Send + Sync {
    /// How the log stands. Needs `audit` or `administer`.
    async fn record_status(&self, caller: &Caller) -> Result<RecordStatus, ApiError>;
    /// What the last self-check found wrong; for those who may see how the log stands, and nothing for others.
    async fn record_alarm(&self, caller: &Caller) -> Result<Option<RecordAlarm>, ApiError>;
    /// One leaf with its proof. Needs `audit`.
    async fn leaf(&self, caller: &Caller, index: u64) -> Result<LeafView, ApiError>;
    /// The latest checkpoint, with which reading the log as C2SP `tlog-tiles` begins; that it was fetched is recorded. Needs
    /// `audit` or `administer`.
    async fn log_checkpoint(&self, caller: &Caller) -> Result<String, ApiError>;
    /// The bytes of a tile, or of a bundle of entries, by its path in that layout, of what the latest checkpoint commits to.
    /// Needs `audit` or `administer`.
    async fn log_tile(&self, caller: &Caller, path: &str) -> Result<Vec<u8>, ApiError>;
}
