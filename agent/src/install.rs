//! Making the agent a service of its system, and undoing that.
//!
//! Deliberately absent: enrolment. A service without an identity waits for one.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::{how_to_stop, install, uninstall};

/// The service's name.
pub const NAME: &str = "countersign-agent";

/// How to stop the agent, for its owner.
#[cfg(not(target_os = "linux"))]
pub fn how_to_stop() -> String {
    format!("stop the service {NAME}")
}
