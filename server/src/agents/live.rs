//! Which agents are connected to this server, so that a second one with the same key can be told from a restart: whoever was
//! first is asked for a sign of life, and both are stopped where it gives one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::EndpointId;
use engine::AgentLink;
use tokio::sync::{Notify, oneshot};
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
    /// A later connection of the same endpoint took its place: end.
    Replaced,
}

/// What a connection is asked and has not heard yet; none once it has ended. A channel would take a kilobyte of each connection for
/// what hardly one of them is ever asked.
#[derive(Debug)]
struct Calls {
    waiting: Mutex<Option<VecDeque<Call>>>,
    came: Notify,
}

impl Calls {
    fn new() -> Self {
        Self {
            waiting: Mutex::new(Some(VecDeque::new())),
            came: Notify::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<VecDeque<Call>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks; where the connection has ended, what was asked is dropped.
    fn ask(&self, call: Call) {
        if let Some(waiting) = &mut *self.waiting() {
            waiting.push_back(call);
            self.came.notify_one();
        }
    }
}

/// The connections of this server, one an endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live(Arc<Mutex<HashMap<EndpointId, Peer>>>);

/// A connection, as others reach it.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) link: Arc<AgentLink>,
    calls: Arc<Calls>,
}

/// Keeps a connection in the list as long as it is held.
#[derive(Debug)]
pub(super) struct Entry {
    live: Live,
    peer: Peer,
}

impl Live {
    /// Takes a connection into the list, in the place of an earlier one of the same endpoint, which ends.
    pub(super) fn enter(&self, link: &Arc<AgentLink>) -> Entry {
        let peer = Peer {
            link: Arc::clone(link),
            calls: Arc::new(Calls::new()),
        };
        let earlier = self.lock().insert(link.endpoint, peer.clone());
        if let Some(earlier) = earlier {
            earlier.calls.ask(Call::Replaced);
        }
        Entry {
            live: self.clone(),
            peer,
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
        self.calls.ask(Call::Probe(answer));
        timeout(PATIENCE, answered).await.is_ok_and(|answered| answered.is_ok())
    }

    /// Has it end. One that has ended already need not be told.
    pub(super) fn stop(&self) {
        self.calls.ask(Call::CloneDetected);
    }
}

impl Entry {
    /// Waits for the next thing that the connection is asked. May be dropped and called again.
    pub(super) async fn asked(&self) -> Call {
        loop {
            let next = self.peer.calls.waiting().as_mut().and_then(VecDeque::pop_front);
            match next {
                Some(call) => return call,
                None => self.peer.calls.came.notified().await,
            }
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Whoever waits for an answer hears that none comes.
        self.peer.calls.waiting().take();
        let link = &self.peer.link;
        let mut all = self.live.lock();
        if all.get(&link.endpoint).is_some_and(|p| p.link.is(link)) {
            all.remove(&link.endpoint);
        }
    }
}
