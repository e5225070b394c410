//! How the agent lives on its host: private files, being asked to stop, and what the host says about itself. Everything
//! that depends on the operating system is in one module per system.
//!
//! Deliberately absent: installing itself as a service; the packages will do that.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::{Stopped, check_private, check_unforgeable, create_private_dir, create_private_file, sync_dir};

use sysinfo::System;

/// The host's name.
pub fn host_name() -> String {
    System::host_name().unwrap_or_else(|_| "unnamed".into())
}

/// The operating system's name and version, for people.
pub fn os_name() -> String {
    System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into())
}
