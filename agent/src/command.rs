//! The commands of `countersign-agent`.

mod enrol;
mod run;
mod status;
#[cfg(windows)]
mod windows;

pub use enrol::enrol;
pub use run::{run, runtime};
pub use status::status;
#[cfg(windows)]
pub use windows::{SERVICE, install, service_run, uninstall};
