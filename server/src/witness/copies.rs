//! Copies of our logs' checkpoints, for others to keep: appended to a file, sent to an address, mailed. Whoever has them can tell later
//! that the record was rewritten, with `countersign verify --database … --checkpoints FILE`, without having been a witness.
//!
//! Deliberately absent: what becomes of them there. A file on the server's own disk proves something only once it has been taken
//! elsewhere.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use domain::ids::OrgId;
use engine::Engine;

use super::follow::{Follower, deliver, follow};
use super::mail::Mail;
use crate::wiring::Stop;

/// Where a copy goes.
#[derive(Clone, Debug)]
pub enum Copies {
    /// Appended to this file.
    File(PathBuf),
    /// Sent there by POST, as text.
    Address(String),
    /// Mailed, once an hour at most.
    Mail(Box<Mail>),
}

/// A place, and up to where it has each log's checkpoints.
struct Copying {
    place: Copies,
    copied: HashMap<OrgId, u64>,
}

impl Follower for Copying {
    const FAILING: &'static str = "a checkpoint was not copied";
    const WELL_AGAIN: &'static str = "checkpoints are copied again";

    fn name(&self) -> String {
        match &self.place {
            Copies::File(path) => path.display().to_string(),
            // An address may have a secret in its path.
            Copies::Address(_) => "the address for checkpoints".into(),
            Copies::Mail(mail) => mail.to(),
        }
    }

    // Checkpoints in between are in the next one's history.
    fn pace(&self) -> Duration {
        match &self.place {
            Copies::File(_) | Copies::Address(_) => Duration::from_secs(10),
            // People read these, or keep them.
            Copies::Mail(_) => Duration::from_secs(3600),
        }
    }

    async fn tell(&mut self, engine: &Engine, client: &reqwest::Client, org: OrgId) -> Result<()> {
        let Some((size, note)) = engine.checkpoint(org).await? else {
            return Ok(());
        };
        if self.copied.get(&org) == Some(&size) {
            return Ok(());
        }
        match &self.place {
            Copies::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || append(&path, &note)).await??;
            }
            Copies::Address(url) => deliver(client.post(url).body(note)).await?,
            Copies::Mail(mail) => mail.send(&note).await?,
        }
        self.copied.insert(org, size);
        Ok(())
    }
}

/// Copies checkpoints to each place until the server stops; a copy that failed is made up for by the next.
pub(crate) fn keep_copying(engine: &Engine, places: Vec<Copies>, stop: &Stop) -> Result<()> {
    let copying = |place| Copying {
        place,
        copied: HashMap::new(),
    };
    follow(engine, places.into_iter().map(copying), stop)
}

/// Appends a note and an empty line, and waits until they are on the disk.
fn append(path: &Path, note: &str) -> Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let mut file = file.with_context(|| format!("opening {}", path.display()))?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()?;
    Ok(())
}
