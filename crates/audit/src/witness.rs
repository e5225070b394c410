//! What a witness is asked and when it may say yes, as C2SP `tlog-witness`.
//!
//! Pure: the caller keeps what was seen of each log, durably and atomically with the judgement, and signs
//! ([`crate::cosignature::cosign`]). Deliberately absent: HTTP, storage, and which logs a witness knows.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointError, Vkey, plain_decimal};
use crate::proof::verify_consistency;

/// The most hashes that a consistency proof may have.
const MOST_HASHES: usize = 63;

/// A request to cosign: the body of `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness cosigned last, as far as the asker knows; 0 for never.
    pub old: u64,
    /// That the tree of that size is where the new one begins.
    pub proof: Vec<Digest>,
    /// The new checkpoint's signed note.
    pub note: String,
}

/// The text is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is not `old N`, proof lines, an empty line and a checkpoint")]
pub struct NotARequest;

/// A log's state that a witness cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// Why a checkpoint is not cosigned, with the HTTP status that `tlog-witness` gives it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No signature by the log's key, a wrong one, or another log's.
    #[error("the checkpoint is not signed by the log's key")]
    NotSigned,
    /// The size that the asker starts from is larger than the new one.
    #[error("the old size is larger than the checkpoint's")]
    OldBeyondNew,
    /// The asker starts from another size than the one that was cosigned last.
    #[error("the size that was cosigned last is {0}")]
    OtherOldSize(u64),
    /// The same size with another root: the log signed two histories.
    #[error("at size {0} another root was cosigned before: the log has signed two histories")]
    OtherRoot(u64),
    /// The proof doesn't show that the log only grew.
    #[error("the proof does not lead from what was cosigned to this checkpoint")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotSigned => 403,
            Self::OldBeyondNew => 400,
            Self::OtherOldSize(_) | Self::OtherRoot(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for AddCheckpoint {
    type Err = NotARequest;

    fn from_str(s: &str) -> Result<Self, NotARequest> {
        let parsed = || {
            let (head, note) = s.split_once("\n\n")?;
            let mut lines = head.split('\n');
            let old = plain_decimal(lines.next()?.strip_prefix("old ")?)?;
            let hash = |line: &str| Some(Digest(STANDARD.decode(line).ok()?.try_into().ok()?));
            let proof = lines.map(hash).collect::<Option<Vec<_>>>()?;
            (proof.len() <= MOST_HASHES).then(|| Self {
                old,
                proof,
                note: note.to_owned(),
            })
        };
        parsed().ok_or(NotARequest)
    }
}

impl AddCheckpoint {
    /// The log that the checkpoint says it is of; nothing is checked.
    ///
    /// # Errors
    /// When there is no checkpoint in it.
    pub fn origin(&self) -> Result<String, CheckpointError> {
        Checkpoint::read_unverified(&self.note).map(|c| c.origin)
    }
}

/// Whether a witness that cosigned `seen` of the log `log` last (`None`: nothing yet) may cosign what is asked; what it has
/// seen then. To be made durable before the cosignature is given out, with nothing else judged in between.
///
/// # Errors
/// Why not.
pub fn judge(asked: &AddCheckpoint, log: &Vkey, seen: Option<Seen>) -> Result<Seen, Refusal> {
    let new = Checkpoint::verify(&asked.note, log).map_err(|_| Refusal::NotSigned)?;
    if new.origin != log.name() {
        return Err(Refusal::NotSigned);
    }
    if asked.old > new.size {
        return Err(Refusal::OldBeyondNew);
    }
    let last = seen.map_or(0, |s| s.size);
    if asked.old != last {
        return Err(Refusal::OtherOldSize(last));
    }
    if let Some(seen) = seen.filter(|s| s.size == new.size && s.root != new.root) {
        return Err(Refusal::OtherRoot(seen.size));
    }
    let from = seen.map_or_else(crate::tree::empty_root, |s| s.root);
    verify_consistency(last, new.size, &from, &new.root, &asked.proof).map_err(|_| Refusal::Inconsistent)?;
    Ok(Seen {
        size: new.size,
        root: new.root,
    })
}
