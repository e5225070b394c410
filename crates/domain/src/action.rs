//! What can be done on an endpoint, and the life of one such thing.

mod command;
mod life;

pub use command::{Command, LIMITS, Limits, Script, Shell, Verb};
pub use life::{
    Action, ActionState, Authorised, Basis, Dispatched, Finished, Outcome, Proposed, RefusalReason, Refused, Running,
    Waiting,
};
