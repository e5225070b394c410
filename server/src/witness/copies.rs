//! Copies of our logs' checkpoints, for others to keep: appended to a file, sent to an address. Whoever has them can tell later
//! that the record was rewritten, with `countersign verify --database … --checkpoints FILE`, without having been a witness.
//!
//! Deliberately absent: what becomes of them there. A file on the server's own disk proves something only once it has been taken
//! elsewhere.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::ids::OrgId;
use engine::Engine;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::wiring::Stop;

/// Checkpoints are copied at most this often; those in between are in the next one's history.
const PACE: Duration = Duration::from_secs(10);
/// Also without news it is looked in this rhythm, should something have failed.
const ANYWAY: Duration = Duration::from_secs(60);
/// An answer may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a copy goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copies {
    /// Appended to this file.
    File(PathBuf),
    /// Sent there by POST, as text.
    Address(String),
}

impl Copies {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            // An address may have a secret in its path.
            Self::Address(_) => "the address for checkpoints".into(),
        }
    }
}

/// Copies checkpoints to each place until the server stops. What goes wrong is said once for each place, and once when it is
/// over; a copy that failed is made up for by the next.
pub(crate) fn keep_copying(engine: &Engine, places: Vec<Copies>, stop: &Stop) -> Result<()> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("the client for copies of checkpoints can't be made")?;
    for place in places {
        let (engine, client, stop) = (engine.clone(), client.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.wait() => {}
                () = one(&engine, &client, &place) => {}
            }
        });
    }
    Ok(())
}

async fn one(engine: &Engine, client: &reqwest::Client, place: &Copies) {
    let mut news = engine.subscribe();
    let mut every = interval(PACE);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut copied, mut failing) = (HashMap::new(), false);
    loop {
        every.tick().await;
        let failed = all(engine, client, place, &mut copied).await.err();
        match (failing, &failed) {
            (false, Some(error)) => {
                tracing::warn!(place = place.name(), error = %format!("{error:#}"), "a checkpoint was not copied")
            }
            (true, None) => tracing::info!(place = place.name(), "checkpoints are copied again"),
            (true, Some(_)) | (false, None) => {}
        }
        failing = failed.is_some();
        match timeout(ANYWAY, news.recv()).await {
            Ok(Err(RecvError::Closed)) => return,
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
        }
        news = news.resubscribe();
    }
}

async fn all(
    engine: &Engine,
    client: &reqwest::Client,
    place: &Copies,
    copied: &mut HashMap<OrgId, u64>,
) -> Result<()> {
    for org in engine.records().await? {
        let Some((size, note)) = engine.checkpoint(org).await? else {
            continue;
        };
        if copied.get(&org) == Some(&size) {
            continue;
        }
        match place {
            Copies::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || append(&path, &note)).await??;
            }
            Copies::Address(url) => {
                let answer = client
                    .post(url)
                    .body(note)
                    .send()
                    .await
                    .map_err(reqwest::Error::without_url);
                let status = answer.context("it can't be reached")?.status();
                ensure!(status.is_success(), "it answered with status {status}");
            }
        }
        copied.insert(org, size);
    }
    Ok(())
}

/// Appends a note and an empty line, and waits until they are on the disk.
fn append(path: &Path, note: &str) -> Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let mut file = file.with_context(|| format!("opening {}", path.display()))?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()?;
    Ok(())
}
