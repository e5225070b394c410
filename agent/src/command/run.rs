//! `run`: the agent itself.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use wire::GoodbyeReason;

use crate::actions::{self, Actions};
use crate::agent::Agent;
use crate::data::DataDir;
use crate::identity::Identity;
use crate::service::Stopped;
use crate::update::swap::Place;
use crate::update::{self, Settled};
use crate::{link, version};

/// Longer than `status` holds the lock.
const STATUS_LOOKS: Duration = Duration::from_millis(300);

/// How a run of the agent ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// Another version has this program's place: start that now.
    Replaced(PathBuf),
}

/// How a run of the agent between two updates ended.
enum Served {
    Stopped,
    /// A release waits, nothing runs, and nothing is taken any more.
    Try,
    /// This version did not connect in time.
    GiveBack,
}

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

/// Runs the agent until the system asks it to stop, or another version takes its place. A new version must be connected
/// `deadline` after its start.
///
/// # Errors
/// When the endpoint is not enrolled, another agent runs on the same folder, or what is in it can't be used.
pub async fn run(data: &Path, deadline: Duration) -> anyhow::Result<Ended> {
    let stopped = Stopped::listen().context("signals can't be listened for")?;
    run_until(data, stopped, deadline).await
}

/// Runs the agent until `stopped` says so, or another version takes its place.
///
/// # Errors
/// As [`run`].
pub async fn run_until(data: &Path, mut stopped: Stopped, deadline: Duration) -> anyhow::Result<Ended> {
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
    if let Settled::Restart(program) = update::settle(&data, &Place::own()?, version::running())? {
        return Ok(Ended::Replaced(program));
    }
    #[cfg(windows)]
    crate::run::remove_leftovers(data.root());
    loop {
        let agent = Arc::new(Agent::open(data.clone(), identity.clone())?);
        let settled = match serve(&agent, &mut stopped, deadline).await? {
            Served::Stopped => return Ok(Ended::Stopped),
            Served::GiveBack => {
                let why = format!("it did not connect within {} s of its start", deadline.as_secs());
                agent.updates.give_back(&why)?
            }
            Served::Try => tokio::select! {
                () = stopped.wait() => return Ok(Ended::Stopped),
                settled = agent.updates.attempt(deadline) => settled?,
            },
        };
        if let Settled::Restart(program) = settled {
            return Ok(Ended::Replaced(program));
        }
    }
}

async fn serve(agent: &Arc<Agent>, stopped: &mut Stopped, deadline: Duration) -> anyhow::Result<Served> {
    actions::recover(agent).await;
    let actions = Actions::new(Arc::clone(agent));
    let (stop, stopping) = watch::channel(None);
    let mut link = tokio::spawn(link::keep(Arc::clone(agent), Arc::clone(&actions), stopping));
    let try_update = async {
        agent.updates.is_staged().await;
        actions.close_when_idle().await;
    };
    let served = tokio::select! {
        () = stopped.wait() => Served::Stopped,
        () = try_update => Served::Try,
        () = probation(agent, deadline) => Served::GiveBack,
        // It ends by itself only where the endpoint was removed: nothing is left to do.
        over = &mut link => {
            over.context("the connection's task failed")?;
            return Ok(Served::Stopped);
        }
    };
    let reason = match served {
        Served::Stopped => GoodbyeReason::Stopped,
        Served::Try | Served::GiveBack => GoodbyeReason::Update,
    };
    tracing::info!("stopping");
    // While actions end, the connection still takes their last words.
    actions.stop_all().await;
    stop.send_replace(Some(reason));
    link.await.context("the connection's task failed")?;
    Ok(served)
}

/// Commits an update once its version is connected; returns when it was not in time.
async fn probation(agent: &Arc<Agent>, deadline: Duration) {
    if agent.updates.on_probation() {
        let mut connected = agent.connected.subscribe();
        let in_time = timeout(deadline, connected.wait_for(|connected| *connected)).await;
        if in_time.is_err() {
            return;
        }
        let committing = Arc::clone(agent);
        match tokio::task::spawn_blocking(move || committing.updates.commit()).await {
            Ok(Ok(())) => {}
            // The next start, should there be one before it is written, counts as one more on probation.
            Ok(Err(e)) => tracing::error!(error = %e, "that an update is done can't be written down"),
            Err(e) => tracing::error!(error = %e, "that an update is done was not written down"),
        }
    }
    pending::<()>().await;
}
