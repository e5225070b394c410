//! The record: canonical leaves, the Merkle tree over them, signed checkpoints, proofs, bundles, and the one verifier.
//!
//! Everything a stranger needs to check an organisation's record without trusting whoever runs the server, and nothing
//! else: the same code runs in the server, in `countersign verify` and, compiled to WebAssembly, in a viewer's browser.
//!
//! Deliberately absent: I/O, clocks and randomness (salts and times come in as arguments), storage (`engine`), which
//! events exist (`domain::event`), and encryption of groups at rest.
//!
//! Formats: hashing as RFC 6962 / RFC 9162, canonical JSON as RFC 8785, checkpoints as C2SP `tlog-checkpoint` inside C2SP
//! `signed-note`, storage boundaries and paths as C2SP `tlog-tiles` (256 hashes to a tile), witnesses as C2SP `tlog-cosignature` (Ed25519)
//! and `tlog-witness`.

pub mod bundle;
pub mod checkpoint;
mod civil;
pub mod cosignature;
pub mod leaf;
pub mod proof;
mod reader;
pub mod tiles;
pub mod tree;
pub mod verify;
pub mod witness;

pub use reader::ReadError;
