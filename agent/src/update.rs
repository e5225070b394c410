//! Updating the agent itself: a release that the server hands on is taken only when it is signed with the release key that
//! was put on this endpoint beforehand, is tried before it takes the place of the program that runs, and goes again when it
//! does not come up (R10, R16, R75).
//!
//! The way of a release: it is [checked](check) and received piece by piece into a private file ([`Updates`]); once no action
//! runs, the agent leaves the server and has the new program [tried](trial), which must connect as this endpoint; then the
//! program is [swapped](swap) and started. On its first start it is on [probation](settle): unless it connects in time, or
//! when it was started [`TRIES`] times without, the version before it comes back by itself. Where all of this stands is in a
//! [plan] on the disk, written before each step, so that the agent can be killed at any moment and still starts.
//!
//! *Nothing of the former run is lost, and nothing is written that it could not read*: the trial works on a copy of journal
//! and spool and takes no orders; a version on probation writes what the version before it reads. Whoever changes the format
//! of journal, spool or identity must go on writing the older one while [`Updates::on_probation`] says so.
//!
//! Deliberately absent: going back to an older version on request, and fetching from anywhere else than the agent's own
//! connection.

pub mod check;
mod incoming;
pub mod plan;
pub mod settle;
pub mod swap;
mod system;
pub mod trial;
mod updates;

use std::time::Duration;

pub use check::ReleaseKey;
pub use incoming::Next;
pub use settle::{Settled, settle};
pub use system::restart;
pub use updates::Updates;

/// A release is tried this often before it is given up, and started this often before the version before it comes back.
pub const TRIES: u32 = 3;

/// A new version must be connected after this time, unless told otherwise.
pub const DEADLINE: Duration = Duration::from_secs(300);
