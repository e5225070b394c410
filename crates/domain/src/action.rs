//! What can be done on an endpoint, and the life of one such thing.

mod command;
mod life;
mod registry;
mod verb;

pub use command::{Command, LIMITS, Limits, Script, Shell};
pub use life::{
    Action, ActionState, Authorised, Basis, Dispatched, Finished, Outcome, Proposed, RefusalReason, Refused, Running,
    Waiting,
};
pub use registry::RegistryData;
pub use verb::Verb;
