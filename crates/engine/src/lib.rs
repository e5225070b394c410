//! Use cases and persistence: everything that Countersign does, behind the ports of `domain::api`.
//!
//! Knows neither HTTP nor views. One folder per area, one use case per file; `store` keeps the rows and the record, and its
//! ledger is the only writer.

mod access;
mod accounts;
mod actions;
mod aead;
mod agents;
mod approvals;
mod deps;
mod dispatch;
mod endpoints;
mod engine;
mod error;
mod history;
mod incidents;
mod keys;
mod people;
mod record;
mod redaction;
mod releases;
mod retention;
mod sessions;
mod shares;
mod store;
mod text;

pub use agents::{AgentLink, Doubt, Proved, ReportError};
pub use deps::{Clock, Deps, Random};
pub use engine::{Config, Engine, OpenError};
pub use incidents::Letter;
pub use keys::{KEY_FILE, KeyError};
pub use record::VerifyError;
pub use releases::Releases;
pub use store::connect::{DATABASE_FILE, TEXT_KEYS_FILE, database_files, database_options};
pub use store::ledger::Wake;
