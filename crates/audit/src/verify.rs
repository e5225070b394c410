//! The verifier: the one that runs in the server, on the command line and in the browser.
//!
//! Three verdicts, kept apart with care:
//!
//! - **Altered**: two things that are here contradict each other. A leaf's bytes and its hash, a group and its
//!   commitment, the leaves and the signed or pinned root, a signature and its text, a count in the record and what is
//!   there, an order that the product never makes. Leaves that don't fit their proof count too: one of them was changed.
//! - **Cannot verify**: something needed is not here or can't be read. No pin, no signature by the key, a file that is no
//!   bundle, a version that this verifier doesn't know, a leaf that says nothing about one of its groups.
//! - **Verified**: everything was there and nothing contradicted anything.
//!
//! A contradiction outweighs a lack: a bundle without a pin whose group differs from its commitment is altered.
//!
//! Deliberately absent: whether an endpoint told the truth before it signed, what happened outside the
//! product, and the wall clock. No hashing of leaves decides those.

mod bundle;
mod erasures;
mod leaf_check;
mod log;
mod precedence;
mod receipts;
mod report;
mod scope;
mod witnessed;

pub use bundle::{Trusted, verify_bundle, verify_bytes};
pub use log::LogVerifier;
pub use report::{Cosigner, Problem, Report, Verdict, Wrong};
