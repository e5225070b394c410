//! Agents: enrolling, connecting, what is sent to them and what they report.

mod connect;
mod doubt;
mod enrol;
mod outbox;
mod report;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{ActionId, EndpointId, OrgId};

pub use doubt::Doubt;
pub use report::ReportError;

/// A connected agent, as long as its connection is the endpoint's latest.
#[derive(Clone, Debug)]
pub struct AgentLink {
    /// The org.
    pub org: OrgId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The endpoint's name.
    pub name: String,
    /// SHA-256 of the device key, in hexadecimal.
    pub(crate) key: String,
    /// The public device key.
    pub(crate) public_key: String,
    /// From which address.
    pub(crate) from: String,
    /// Counts the endpoint's connections.
    pub(crate) generation: i64,
    /// Actions of which this connection sent reports that were not taken: one leaf for each is enough.
    pub(crate) doubted: Arc<Mutex<BTreeSet<ActionId>>>,
}

impl AgentLink {
    /// Notes that a report on `action` was not taken; whether it is the first, and on how many actions there were such.
    pub(crate) fn doubt(&self, action: ActionId) -> (bool, usize) {
        let mut doubted = self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        let first = doubted.insert(action);
        (first, doubted.len())
    }

    pub(crate) fn who(&self) -> domain::event::Who {
        domain::event::Who::Agent {
            id: self.endpoint,
            name: self.name.clone(),
            key: self.key.clone(),
            from: self.from.clone(),
        }
    }
}
