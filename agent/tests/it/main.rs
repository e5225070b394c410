//! The real agent, as a process, against a server that speaks the real protocol with real keys.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod crash;
mod enrol;
mod harness;
mod life;
mod link;
mod refuse;
mod scripts;
mod update;
mod verbs;
