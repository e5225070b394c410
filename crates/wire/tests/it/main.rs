//! The wire protocol, seen from outside: golden bytes, hostile input, signatures, and both sides of a link.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod golden;
mod hostile;
mod links;
mod samples;
mod signing;
