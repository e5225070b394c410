//! Making the agent a service of its system, and undoing that.
//!
//! Deliberately absent: enrolment. A service without an identity waits for one.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub use linux::{how_to_start, how_to_stop, install, uninstall};
#[cfg(windows)]
pub use windows::{how_to_start, how_to_stop, install, service_run, uninstall};

/// The service's name.
#[cfg(not(windows))]
pub const NAME: &str = "countersign-agent";
/// The service's name.
#[cfg(windows)]
pub const NAME: &str = "CountersignAgent";
