//! Running programs: scripts exactly as approved, and the few system programs that verbs need.
//!
//! A program gets no input, a clean environment ([`environment`]) and the root of the system's file tree as working
//! directory. A script reaches its shell byte for byte: on Linux through an unnamed file in memory, on Windows as
//! `windows::shell` says for each shell.
//!
//! Whatever descends from a program, also what tried to detach itself, is ended when it is told to or when the agent is
//! gone, however that happened. On Linux a supervisor process sees to that, a second copy of this executable that adopts the
//! program's descendants; on Windows the system does, by a job object. What a program that ended by itself left running (a
//! daemon that it restarted, say) is left alone.
//!
//! [`process`](self) is the same on both; what differs is behind `Child`, which starts a program, gives its two streams,
//! tells how it ended, and ends it.

mod process;
mod spec;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod supervisor;
#[cfg(target_os = "linux")]
mod talk;
#[cfg(windows)]
mod windows;

pub use process::run;
pub use spec::{Program, Spec};

#[cfg(target_os = "linux")]
pub use linux::{PATH, environment, find_program, find_shell, own_executable};
#[cfg(target_os = "linux")]
pub use supervisor::supervise;
#[cfg(windows)]
pub use windows::{environment, find_shell, own_executable, remove_leftovers};

#[cfg(target_os = "linux")]
use linux::Child;
#[cfg(windows)]
use windows::Child;

use crate::decode::Decoding;

/// The variable that marks what belongs to an action.
pub const MARK: &str = "COUNTERSIGN_ACTION";

/// What programs write.
#[cfg(target_os = "linux")]
fn decoding() -> Decoding {
    Decoding::Utf8
}

/// What programs write.
#[cfg(windows)]
fn decoding() -> Decoding {
    // A code page has at most five digits, of which all are far below the limit.
    let oem = u16::try_from(win::console::oem_code_page()).unwrap_or_default();
    Decoding::Console { oem }
}

/// What becomes known of a program that was started.
#[derive(Debug)]
enum Heard {
    /// What watches over it could not start it, and why.
    #[cfg(target_os = "linux")]
    NotStarted(String),
    /// It ended; while it was being ended, everything that descends from it, too.
    Ended(Exit),
    /// Nothing more will be heard.
    Nothing,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exit {
    code: Option<i32>,
    /// The signal that ended it.
    signal: Option<i32>,
    /// False when it should have shown that it came to its end, and did not.
    shown: bool,
}
