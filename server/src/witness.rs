//! Witnesses, both ways: being one for other servers' logs (`countersign witness`), asking those that cosign
//! ours, giving copies of our checkpoints to others, and telling people of alarms and incidents.
//!
//! The rules are in `audit::witness`. Deliberately absent: who may ask a witness. Whoever has a checkpoint that is signed by
//! a log's key may, as C2SP `tlog-witness` says.

pub(crate) mod alarms;
pub(crate) mod ask;
pub(crate) mod copies;
mod follow;
pub(crate) mod incidents;
pub(crate) mod mail;
pub(crate) mod serve;
mod store;
