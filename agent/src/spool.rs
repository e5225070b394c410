//! The spool: every report is durable here before it is sent, and stays until the server acknowledged it (R3).
//!
//! One folder per action, holding segments of a few MiB. A segment starts with the action's [`Tally`] up to there, so that
//! acknowledged segments can go while the totals stay known; after a crash the last segment tells all that is needed to end
//! the action truthfully. Only redacted text comes in here: reports are made by `output` from what `redact` returned. All
//! of it is sealed with a key that comes from the device's (see `seal`).
//!
//! What a crash cut off, or what was changed on the disk, is never passed over in silence: see [`Lost`] and
//! [`Spool::unreadable`].
//!
//! Deliberately absent: dropping. When the spool is full, the action waits (see [`Spool::has_space`]).

mod entry;
mod seal;
mod segment;
mod tally;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::digest::Digest;
use domain::ids::ActionId;
use domain::timestamp::Timestamp;
use tokio::sync::Notify;
use wire::{Report, ReportBody};

use crate::service;
use entry::{Entry, Left};

pub use entry::Place;
pub use seal::SpoolKey;
pub use tally::Tally;

/// The most bytes the spool takes before actions wait for acknowledgements.
pub const LIMIT: u64 = 256 * 1024 * 1024;

/// The spool of one data folder.
#[derive(Debug)]
pub struct Spool {
    root: PathBuf,
    limit: u64,
    key: Arc<SpoolKey>,
    unreadable: Vec<ActionId>,
    entries: Mutex<BTreeMap<ActionId, Arc<Mutex<Entry>>>>,
    bytes: AtomicU64,
    grown: Notify,
    shrunk: Notify,
}

/// Where an action stands by its spool.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Totals up to the last durable report.
    pub tally: Tally,
    /// What of its reports could not be read back after the last start.
    pub lost: Option<Lost>,
    /// When the last report was written.
    pub written: Timestamp,
}

/// What could not be read back of an action's reports. Those before it are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// One that was being written when the agent ended.
    Torn,
    /// More than that: a power cut, a broken disk, or somebody's change.
    Damaged {
        /// Bytes in the spool.
        bytes: u64,
    },
}

impl Lost {
    /// This, and what stood behind it.
    fn and(self, more: u64) -> Self {
        match self {
            Self::Torn => Self::Damaged { bytes: more },
            Self::Damaged { bytes } => Self::Damaged { bytes: bytes + more },
        }
    }
}

/// What an unreadable action's folder ends with.
const UNREADABLE: &str = ".unreadable";

impl Spool {
    /// Opens the spool, with what a former run left in it; unfinished last reports are cut off. The folder of an action of
    /// which nothing can be read back gets another name and is left alone from then on.
    ///
    /// # Errors
    /// When the folder can't be made or read, or others can reach it.
    pub fn open(root: &Path, limit: u64, key: SpoolKey) -> io::Result<Self> {
        let key = Arc::new(key);
        if !root.exists() {
            service::create_private_dir(root)?;
        }
        service::check_private(root)?;
        let (mut entries, mut unreadable) = (BTreeMap::new(), vec![]);
        let mut bytes = 0;
        for found in std::fs::read_dir(root)? {
            let found = found?;
            let Some(action) = found.file_name().to_str().and_then(|n| n.parse::<ActionId>().ok()) else {
                continue;
            };
            match Entry::recover(action, &found.path(), &key)? {
                Left::Nothing => {}
                Left::Reports(entry) => {
                    bytes += entry.bytes();
                    entries.insert(action, Arc::new(Mutex::new(*entry)));
                }
                Left::Unreadable => {
                    std::fs::rename(found.path(), root.join(format!("{action}{UNREADABLE}")))?;
                    unreadable.push(action);
                }
            }
        }
        let (entries, bytes) = (Mutex::new(entries), AtomicU64::new(bytes));
        Ok(Self {
            root: root.to_owned(),
            limit,
            key,
            unreadable,
            entries,
            bytes,
            grown: Notify::new(),
            shrunk: Notify::new(),
        })
    }

    /// Adds reports to an action and makes them durable; all of them or none. `order` is the digest of the action's order.
    /// Blocks on the disk.
    ///
    /// # Errors
    /// When they could not be made durable.
    pub fn append(&self, action: ActionId, order: Digest, bodies: &[ReportBody]) -> io::Result<()> {
        let entry = {
            let mut entries = self.lock();
            let fresh = || {
                Arc::new(Mutex::new(Entry::new(
                    action,
                    order,
                    self.root.join(action.to_string()),
                    Arc::clone(&self.key),
                )))
            };
            Arc::clone(entries.entry(action).or_insert_with(fresh))
        };
        let mut entry = locked(&entry);
        let before = entry.bytes();
        let written = entry.append(bodies);
        self.bytes
            .fetch_add(entry.bytes().saturating_sub(before), Ordering::Relaxed);
        drop(entry);
        self.grown.notify_one();
        written
    }

    /// The server has the reports of `action` up to and with `n`. Deletes what is no longer needed.
    ///
    /// # Errors
    /// When deleting fails; the reports are then sent again after a restart, which is harmless.
    pub fn acknowledge(&self, action: ActionId, n: u64) -> io::Result<()> {
        let Some(entry) = self.lock().get(&action).map(Arc::clone) else {
            return Ok(());
        };
        let mut entry = locked(&entry);
        let before = entry.bytes();
        let result = entry.acknowledge(n);
        self.bytes
            .fetch_sub(before.saturating_sub(entry.bytes()), Ordering::Relaxed);
        if entry.is_over() {
            self.lock().remove(&action);
        }
        drop(entry);
        self.shrunk.notify_waiters();
        result
    }

    /// Up to about `most` bytes of reports that follow `place`, which moves behind them. Blocks on the disk.
    ///
    /// # Errors
    /// When a segment can't be read.
    pub fn read(&self, action: ActionId, place: &mut Place, most: usize) -> io::Result<Vec<Report>> {
        let Some(entry) = self.lock().get(&action).map(Arc::clone) else {
            return Ok(vec![]);
        };
        // Only what is durable is read, and never while it is being deleted.
        let entry = locked(&entry);
        entry.read(place, most)
    }

    /// The actions with reports that are not acknowledged.
    pub fn actions(&self) -> Vec<ActionId> {
        self.lock().keys().copied().collect()
    }

    /// Where an action stands; none when nothing of it is here.
    pub fn standing(&self, action: ActionId) -> Option<Standing> {
        let entry = self.lock().get(&action).map(Arc::clone)?;
        let entry = locked(&entry);
        entry.standing()
    }

    /// The actions of which nothing could be read back at this start.
    pub fn unreadable(&self) -> &[ActionId] {
        &self.unreadable
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Returns once there is space for more output.
    pub async fn has_space(&self) {
        loop {
            let shrunk = self.shrunk.notified();
            if self.bytes() < self.limit {
                return;
            }
            shrunk.await;
        }
    }

    /// Returns once something was added since the last call.
    pub async fn has_grown(&self) {
        self.grown.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ActionId, Arc<Mutex<Entry>>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a spool folder, for `status`, without opening it.
///
/// # Errors
/// When the folder can't be read.
pub fn size_on_disk(root: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for action in std::fs::read_dir(root)? {
        for segment in std::fs::read_dir(action?.path())? {
            bytes += segment?.metadata()?.len();
        }
    }
    Ok(bytes)
}

fn locked(entry: &Mutex<Entry>) -> MutexGuard<'_, Entry> {
    entry.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
