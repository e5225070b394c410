//! Agents: enrolling, connecting, what is sent to them and what they report.

mod connect;
mod enrol;
mod outbox;
mod report;

use domain::ids::{EndpointId, OrgId};

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
}

impl AgentLink {
    pub(crate) fn who(&self) -> domain::event::Who {
        domain::event::Who::Agent {
            id: self.endpoint,
            name: self.name.clone(),
            key: self.key.clone(),
            from: self.from.clone(),
        }
    }
}
