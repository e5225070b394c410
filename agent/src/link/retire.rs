//! Retiring: the endpoint is being removed. What runs is ended, what is to be said is said and acknowledged, and then the server
//! is told.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::actions::Actions;
use crate::spool::Spool;

/// How far it is.
#[derive(Debug, Default)]
pub(super) enum Retiring {
    /// Nobody asked for it.
    #[default]
    No,
    /// What runs is being ended.
    Ending(JoinHandle<()>),
    /// Nothing runs; reports may still be on their way.
    Quiet,
    /// The server was told; it answers that the endpoint was removed.
    Said,
}

impl Retiring {
    /// Begins it; asking twice changes nothing.
    pub(super) fn begin(&mut self, actions: &Arc<Actions>) {
        if matches!(self, Self::No) {
            tracing::info!("the endpoint is being removed; ending what runs");
            let actions = Arc::clone(actions);
            *self = Self::Ending(tokio::spawn(async move { actions.stop_all().await }));
        }
    }

    /// Whether new orders are no longer taken.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self, Self::No)
    }

    /// Whether the server was told.
    pub(super) fn was_said(&self) -> bool {
        matches!(self, Self::Said)
    }

    /// Returns once nothing runs any more; never where that is not what is waited for. May be dropped and called again.
    pub(super) async fn quiet(&mut self) {
        match self {
            Self::Ending(ending) => {
                // A task that panicked runs nothing either.
                let _ = ending.await;
                *self = Self::Quiet;
            }
            Self::No | Self::Quiet | Self::Said => std::future::pending().await,
        }
    }

    /// Whether it is time to tell the server: everything is acknowledged. True once.
    pub(super) fn is_due(&mut self, spool: &Spool) -> bool {
        let due = matches!(self, Self::Quiet) && spool.actions().is_empty();
        if due {
            *self = Self::Said;
        }
        due
    }
}
