//! Which agents are connected to this server, so that a second one with the same key can be told from a restart: whoever was
//! first is asked for a sign of life, and both are stopped where it gives one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::EndpointId;
use engine::AgentLink;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long an agent may take to answer a WebSocket ping before it is taken for gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a connection is asked by another one's.
#[derive(Debug)]
pub(super) enum Call {
    /// Ping the agent, and say when it answered.
    Probe(oneshot::Sender<()>),
    /// Another machine has the same key: end.
    CloneDetected,
}

/// The connections of this server, one an endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live(Arc<Mutex<HashMap<EndpointId, Peer>>>);

/// A connection, as others reach it.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) link: AgentLink,
    calls: mpsc::Sender<Call>,
}

/// Keeps a connection in the list as long as it is held.
#[derive(Debug)]
pub(super) struct Entry {
    live: Live,
    link: AgentLink,
    pub(super) calls: mpsc::Receiver<Call>,
}

impl Live {
    /// Takes a connection into the list, in the place of an earlier one of the same endpoint.
    pub(super) fn enter(&self, link: &AgentLink) -> Entry {
        let (calls, receiver) = mpsc::channel(4);
        let link = link.clone();
        self.lock().insert(
            link.endpoint,
            Peer {
                link: link.clone(),
                calls,
            },
        );
        Entry {
            live: self.clone(),
            link,
            calls: receiver,
        }
    }

    /// The connection of the same endpoint that another process holds; `None` where there is none, or that can't be told.
    pub(super) fn other(&self, link: &AgentLink) -> Option<Peer> {
        self.lock()
            .get(&link.endpoint)
            .filter(|p| p.link.is_copy_of(link))
            .cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EndpointId, Peer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    /// Whether its agent answers a ping in time.
    pub(super) async fn answers(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        let asked = async { self.calls.send(Call::Probe(answer)).await.is_ok() && answered.await.is_ok() };
        timeout(PATIENCE, asked).await.unwrap_or(false)
    }

    /// Has it end. One that has ended already need not be told.
    pub(super) async fn stop(&self) {
        let _ = self.calls.send(Call::CloneDetected).await;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut all = self.live.lock();
        if all.get(&self.link.endpoint).is_some_and(|p| p.link.is(&self.link)) {
            all.remove(&self.link.endpoint);
        }
    }
}
