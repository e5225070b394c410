//! The real agent, as a process, against a server that speaks the real protocol with real keys.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod connection;
mod crash;
mod decoding;
mod doctor;
mod enrol;
mod fuzz;
mod harness;
#[cfg(unix)]
mod hostile;
// It stops agents with signals, and its scripts are those of sh; `windows` has what the service manager asks for.
#[cfg(unix)]
mod life;
mod link;
mod local_policy;
#[cfg(target_os = "linux")]
mod moments;
#[cfg(unix)]
mod posix;
mod refuse;
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[cfg(target_os = "linux")]
mod status;
mod update;
mod verbs;
#[cfg(windows)]
mod windows;
