//! `run`: the agent itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use tokio::time::sleep;
use wire::GoodbyeReason;

use crate::actions::{self, Actions};
use crate::agent::Agent;
use crate::data::DataDir;
use crate::identity::Identity;
use crate::link;
use crate::service::Stopped;

/// Longer than `status` holds the lock.
const STATUS_LOOKS: Duration = Duration::from_millis(300);

/// What the agent runs on: it waits more than it works.
///
/// # Errors
/// As the system says.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Runs the agent until the system asks it to stop.
///
/// # Errors
/// When the endpoint is not enrolled, another agent runs on the same folder, or what is in it can't be used.
pub async fn run(data: &Path) -> anyhow::Result<()> {
    let stopped = Stopped::listen().context("signals can't be listened for")?;
    run_until(data, stopped).await
}

/// Runs the agent until `stopped` says so.
///
/// # Errors
/// As [`run`].
pub async fn run_until(data: &Path, mut stopped: Stopped) -> anyhow::Result<()> {
    let data = DataDir::open(data).with_context(|| format!("the data folder {} can't be used", data.display()))?;
    let _lock = match data.lock()? {
        Some(lock) => lock,
        None => {
            // `status` looks at the lock too, for a moment.
            sleep(STATUS_LOOKS).await;
            data.lock()?.context("another agent runs with this data folder")?
        }
    };
    let identity = Identity::load(&data)?;
    #[cfg(windows)]
    crate::run::remove_leftovers(data.root());
    let agent = Arc::new(Agent::open(data, identity)?);
    actions::recover(&agent).await;

    let actions = Actions::new(Arc::clone(&agent));
    let (stop, stopping) = watch::channel(None);
    let mut link = tokio::spawn(link::keep(Arc::clone(&agent), Arc::clone(&actions), stopping));
    tokio::select! {
        () = stopped.wait() => {}
        // It ends by itself only where the endpoint was removed: nothing is left to do.
        over = &mut link => return over.context("the connection's task failed"),
    }
    tracing::info!("stopping");
    // While actions end, the connection still takes their last words.
    actions.stop_all().await;
    stop.send_replace(Some(GoodbyeReason::Stopped));
    link.await.context("the connection's task failed")
}
