//! The commands of `countersign-agent`.

mod doctor;
mod enrol;
mod run;
mod status;

pub use doctor::doctor;
pub use enrol::{Enrolment, enrol};
pub use run::{Ended, run, run_until, runtime};
pub use status::status;
