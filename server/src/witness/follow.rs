//! Telling somebody of our logs' checkpoints as they grow: a witness, or who keeps copies.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::ids::OrgId;
use engine::Engine;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::wiring::Stop;

/// Also without news they are told in this rhythm, should an attempt have failed or an answer have been lost.
const ANYWAY: Duration = Duration::from_secs(60);

/// An answer may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody who is told.
pub(super) trait Follower: Send + 'static {
    /// What the server's log says when it begins to fail.
    const FAILING: &'static str;
    /// What it says when that is over.
    const WELL_AGAIN: &'static str;

    /// What the server's log calls them.
    fn name(&self) -> String;

    /// At most this often.
    fn pace(&self) -> Duration;

    /// Tells them of one log, as it is now.
    fn tell(
        &mut self,
        engine: &Engine,
        client: &reqwest::Client,
        org: OrgId,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Sends a request that has to succeed. Its address is in no error: there may be a secret in its path.
pub(super) async fn deliver(request: reqwest::RequestBuilder) -> Result<()> {
    let answer = request.send().await.map_err(reqwest::Error::without_url);
    let status = answer.context("it can't be reached")?.status();
    ensure!(status.is_success(), "it answered with status {status}");
    Ok(())
}

/// Tells each of `followers` until the server stops. What goes wrong is said once for each, and once when it is over.
pub(super) fn follow<F: Follower>(engine: &Engine, followers: impl IntoIterator<Item = F>, stop: &Stop) -> Result<()> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("the client for witnesses and copies can't be made")?;
    for follower in followers {
        let (engine, client, stop) = (engine.clone(), client.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.wait() => {}
                () = one(&engine, &client, follower) => {}
            }
        });
    }
    Ok(())
}

async fn one<F: Follower>(engine: &Engine, client: &reqwest::Client, mut follower: F) {
    let mut news = engine.subscribe();
    let mut every = interval(follower.pace());
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        every.tick().await;
        let failed = all(engine, client, &mut follower).await.err();
        match (failing, &failed) {
            (false, Some(error)) => {
                tracing::warn!(whom = follower.name(), error = %format!("{error:#}"), "{}", F::FAILING)
            }
            (true, None) => tracing::info!(whom = follower.name(), "{}", F::WELL_AGAIN),
            (true, Some(_)) | (false, None) => {}
        }
        failing = failed.is_some();
        // The record grows with every piece of work; what is said meanwhile is read once.
        match timeout(ANYWAY, news.recv()).await {
            Ok(Err(RecvError::Closed)) => return,
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
        }
        news = news.resubscribe();
    }
}

async fn all(engine: &Engine, client: &reqwest::Client, follower: &mut impl Follower) -> Result<()> {
    let mut failed = None;
    for org in engine.records().await? {
        // What goes wrong with one keeps nobody of the others from theirs.
        let error = follower.tell(engine, client, org).await.err();
        failed = failed.or(error);
    }
    failed.map_or(Ok(()), Err)
}
