//! The registry of audit events: every kind that the record can hold, with its version, what it is
//! evidence of, its fields, and the group that each field belongs to and what it may hold. A kind's name is never used again for something else.
//!
//! An [`Entry`] is everything that a leaf says: who, what, on what, when, with which outcome and on which basis. It has one
//! constructor that takes them all, so an entry with one of them missing can't be made (R1).

mod controls;
mod kinds;
mod parts;

pub use controls::{Evidence, Standard, numbers};
pub use kinds::{Event, EventSpec, FieldSpec, NotAnEvent, REGISTRY, Sensitivity};
pub use parts::{Authority, By, EventOutcome, Named, Refs, Target, Who};

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ids::EventId;
use crate::timestamp::Timestamp;

/// One event, complete, before it has a place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Unique id of the event.
    pub id: EventId,
    /// When it happened, by the server's clock. Order is the index's business, not the clock's.
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// On what.
    pub target: Target,
    /// With what outcome.
    pub outcome: EventOutcome,
    /// On what authority.
    pub by: By,
    /// What it belongs to.
    pub refs: Refs,
    /// What happened.
    pub event: Event,
}

impl Entry {
    /// The entry's groups: `who`, `target`, `authorisation` and those that the event's own fields are in.
    pub fn groups(&self) -> BTreeMap<String, Value> {
        let mut groups = self.event.groups();
        let own = [
            ("who", serde_json::to_value(&self.who)),
            ("target", serde_json::to_value(&self.target)),
            ("authorisation", serde_json::to_value(&self.by)),
        ];
        for (name, value) in own {
            // Plain structs of strings: serialising them can't fail.
            groups.insert(name.to_owned(), value.unwrap_or_default());
        }
        groups
    }
}
