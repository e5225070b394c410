//! Which reports go out next on this connection: each action's in order, the actions in turn.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use domain::ids::ActionId;
use wire::Report;

use crate::spool::{Place, Spool};

/// Reports are read from the spool in pieces of about this many bytes per action.
const PIECE: usize = 64 * 1024;

/// What this connection has sent.
#[derive(Debug)]
pub(super) struct Outbox {
    spool: Arc<Spool>,
    places: BTreeMap<ActionId, Place>,
    ready: VecDeque<Report>,
}

impl Outbox {
    /// A new connection sends everything that is not acknowledged.
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        Self {
            spool,
            places: BTreeMap::new(),
            ready: VecDeque::new(),
        }
    }

    /// The next report; none when all were sent.
    ///
    /// # Errors
    /// When the spool can't be read.
    pub(super) async fn next(&mut self) -> io::Result<Option<Report>> {
        if self.ready.is_empty() {
            self.refill().await?;
        }
        Ok(self.ready.pop_front())
    }

    async fn refill(&mut self) -> io::Result<()> {
        let spool = Arc::clone(&self.spool);
        let mut places = std::mem::take(&mut self.places);
        let read = move || {
            let actions = spool.actions();
            places.retain(|action, _| actions.contains(action));
            let mut pieces = vec![];
            for action in actions {
                pieces.push(VecDeque::from(spool.read(
                    action,
                    places.entry(action).or_default(),
                    PIECE,
                )?));
            }
            Ok::<_, io::Error>((places, pieces))
        };
        let (places, mut pieces) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
        self.places = places;
        // One of each in turn, so that no action waits for another's flood.
        while pieces.iter().any(|p| !p.is_empty()) {
            self.ready.extend(pieces.iter_mut().filter_map(VecDeque::pop_front));
        }
        Ok(())
    }
}
