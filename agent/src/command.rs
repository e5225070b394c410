//! The commands of `countersign-agent`.

mod enrol;
mod run;
mod status;

pub use enrol::enrol;
pub use run::{Ended, run};
pub use status::status;
