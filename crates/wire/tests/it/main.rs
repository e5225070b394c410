//! The wire protocol, seen from outside: golden bytes, hostile input, signatures, and both sides of a link.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod decoding;
mod fuzz;
mod golden;
mod hostile;
mod links;
mod parts;
mod protocols;
mod releases;
#[path = "../../../../fuzz/replay.rs"]
mod replay;
mod samples;
mod signing;
