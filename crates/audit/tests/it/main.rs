//! The record, from outside: published vectors, independent implementations, tampering of every kind, and pinned bytes.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod bundle_tampering;
mod bundles;
mod checkpoints;
mod decoding;
mod fuzz;
mod golden;
mod logs;
mod proofs;
mod receipts;
#[path = "../../../../fuzz/replay.rs"]
mod replay;
mod sample;
mod tiles;
mod tree;
mod witnesses;
