//! Witnesses, both ways: being one for other servers' logs (`countersign witness`), asking those that cosign
//! ours, and giving copies of our checkpoints to others.
//!
//! The rules are in `audit::witness`. Deliberately absent: who may ask a witness. Whoever has a checkpoint that is signed by
//! a log's key may, as C2SP `tlog-witness` says.

pub(crate) mod ask;
pub(crate) mod copies;
mod follow;
pub(crate) mod mail;
pub(crate) mod serve;
mod store;
