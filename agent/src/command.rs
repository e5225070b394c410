//! The commands of `countersign-agent`.

mod enrol;
mod run;
mod status;

pub use enrol::{Enrolment, enrol};
pub use run::run;
pub use status::status;
