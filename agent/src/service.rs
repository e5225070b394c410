//! How the agent lives on its host: private files, being asked to stop, and what the host says about itself. Everything
//! that depends on the operating system is in one module per system.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;
#[cfg(windows)]
pub use windows::event_log;

pub use system::{
    SEALED_BY, Stopped, canonical, check_private, check_unforgeable, create_private_dir, create_private_file, replace,
    seal, sync_dir, unseal,
};

use sysinfo::System;

/// The host's name.
pub fn host_name() -> String {
    System::host_name().unwrap_or_else(|_| "unnamed".into())
}

/// The operating system's name and version, for people.
pub fn os_name() -> String {
    System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into())
}
