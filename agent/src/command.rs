//! The commands of `countersign-agent`.

mod doctor;
mod enrol;
mod run;
mod status;
#[cfg(windows)]
mod windows;

pub use doctor::doctor;
pub use enrol::{Enrolment, enrol};
pub use run::{run, runtime};
pub use status::status;
#[cfg(windows)]
pub use windows::{SERVICE, install, service_run, uninstall};
