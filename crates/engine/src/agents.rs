//! Agents: enrolling, connecting, what is sent to them and what they report.

pub(crate) mod clone;
mod connect;
mod doubt;
mod enrol;
mod finish;
mod leave;
pub(crate) mod order_keys;
mod outbox;
mod report;
mod updates;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::event::{Named, Target, Who};
use domain::ids::{ActionId, EndpointId, OrgId};
use sea_orm::ConnectionTrait;

pub use connect::Proved;
pub use doubt::Doubt;
pub use report::ReportError;

use crate::error::Failure;
use crate::redaction::ReadyRedaction;
use crate::store::entity::{self, endpoint};
use crate::store::scope::OrgScope;

/// A connected agent, as long as its connection is the endpoint's latest.
#[derive(Clone, Debug)]
pub struct AgentLink {
    /// The org.
    pub org: OrgId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The endpoint's name.
    pub name: String,
    /// The protocol that was agreed on.
    pub protocol: u32,
    /// Which start of the agent it is; none where it speaks protocol 1.
    pub instance: Option<String>,
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
    /// Clients' redaction, the same for all connections.
    pub(crate) redaction: Arc<ReadyRedaction>,
}

impl AgentLink {
    /// Notes that a report on `action` was not taken; whether it is the first, and on how many actions there were such.
    pub(crate) fn doubt(&self, action: ActionId) -> (bool, usize) {
        let mut doubted = self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        let first = doubted.insert(action);
        (first, doubted.len())
    }

    /// Whether `other` is another process with the same key. Only agents that say which start they are can tell.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint
            && matches!((&self.instance, &other.instance), (Some(mine), Some(theirs)) if mine != theirs)
    }

    /// Whether both are the same connection.
    pub fn is(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint && self.generation == other.generation
    }

    pub(crate) fn who(&self) -> Who {
        Who::Agent {
            id: self.endpoint,
            name: self.name.clone(),
            key: self.key.clone(),
            from: self.from.clone(),
        }
    }
}

/// An endpoint as the target of an event, on its client where it has one.
pub(crate) async fn target<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    e: &endpoint::Model,
) -> Result<Target, Failure> {
    let named = Named::new(e.id, &*e.name);
    let target = Target::new("endpoint", named.clone());
    Ok(match e.client_id {
        Some(id) => {
            let client: entity::client::Model = crate::endpoints::client(scope, id).await?;
            target.on(named, Named::new(client.id, client.name))
        }
        None => target,
    })
}
