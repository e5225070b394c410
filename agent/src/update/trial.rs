//! Trying a release beside the program that it is to replace: it must read what is in the data folder and connect as this
//! endpoint. It works on a copy, takes no orders, and writes nothing that stays.

use std::io::{self, Read};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use wire::GoodbyeReason;

use super::TRIES;
use super::incoming::BUSY;
use crate::actions::Actions;
use crate::agent::Agent;
use crate::data::DataDir;
use crate::identity::Identity;
use crate::{link, service};

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Has the program at `staged` tried, at most [`TRIES`] times in all (`tried` says how often it was before; it counts on and
/// is to be made durable by `note`), until `deadline` from now.
///
/// # Errors
/// With a sentence, when the program did not connect.
pub async fn run(
    staged: &Path,
    data: &DataDir,
    deadline: Duration,
    mut tried: u32,
    mut note: impl FnMut(u32) -> io::Result<()>,
) -> Result<(), String> {
    let until = Instant::now() + deadline;
    let mut why = "the agent was ended each time that it tried it".to_owned();
    while tried < TRIES {
        tried += 1;
        note(tried).map_err(|e| format!("the plan can't be written: {e}"))?;
        match once(staged, data, until).await {
            Ok(None) => return Ok(()),
            Ok(Some(failed)) => why = failed,
            Err(e) => why = format!("it can't be run: {e}"),
        }
        if Instant::now() >= until {
            return Err(format!("it did not connect within {} s", deadline.as_secs()));
        }
        sleep(PAUSE).await;
    }
    Err(format!("{why}; it was tried {tried} times"))
}

/// One try; gives why it failed.
async fn once(staged: &Path, data: &DataDir, until: Instant) -> io::Result<Option<String>> {
    let mut child = start(staged, data).await?;
    // Waiting for a child closes its standard input, which tells it that this process is gone.
    let _held = child.stdin.take();
    match timeout_at(until, child.wait()).await {
        Ok(status) => {
            let status = status?;
            Ok((!status.success()).then(|| format!("it ended with {status}")))
        }
        Err(_) => {
            child.kill().await?;
            Ok(Some("it did not connect in time".into()))
        }
    }
}

async fn start(staged: &Path, data: &DataDir) -> io::Result<Child> {
    let mut tries = 0;
    loop {
        // Its standard input ends with this process: then there is nobody to try it for.
        let mut command = Command::new(staged);
        command.arg("update-trial").arg("--data").arg(data.root());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        match command.spawn() {
            Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy && tries < BUSY.0 => {
                tries += 1;
                sleep(BUSY.1).await;
            }
            other => return other,
        }
    }
}

/// `update-trial`, the new program's part: returns once it connected.
///
/// # Errors
/// When something in the data folder can't be read, or whoever tries it is gone.
pub async fn connect(data: &Path) -> anyhow::Result<()> {
    let data = DataDir::open(data)?;
    let identity = Identity::load(&data)?;
    let copy = copy(&data).context("the data folder can't be copied")?;
    let agent = Arc::new(Agent::open(copy.clone(), identity)?);
    let actions = Actions::new(Arc::clone(&agent));
    actions.close();
    let mut connected = agent.connected.subscribe();
    let (stop, stopping) = watch::channel(None);
    let link = tokio::spawn(link::keep(Arc::clone(&agent), actions, stopping));
    let (gone, mut is_gone) = watch::channel(false);
    // A thread of its own: reading standard input can't be given up, and the process does not wait for it at its end.
    std::thread::spawn(move || {
        let _ = io::stdin().read(&mut [0]);
        gone.send_replace(true);
    });
    let alone = tokio::select! {
        _ = connected.wait_for(|connected| *connected) => false,
        _ = is_gone.wait_for(|gone| *gone) => true,
    };
    stop.send_replace(Some(GoodbyeReason::Update));
    link.await.context("the connection's task failed")?;
    // Windows removes no file that is open.
    drop(agent);
    std::fs::remove_dir_all(copy.root())?;
    ensure!(!alone, "whoever tried this version is gone");
    Ok(())
}

/// A copy of everything that an agent opens.
fn copy(data: &DataDir) -> io::Result<DataDir> {
    let to = data.trial();
    if to.exists() {
        std::fs::remove_dir_all(&to)?;
    }
    let copy = DataDir::create(&to)?;
    for (from, to) in [
        (data.journal(), copy.journal()),
        (data.day_log(), copy.day_log()),
        (data.spool(), copy.spool()),
        // The new version must reach the server in the way that the endpoint's owner wants.
        (data.settings(), copy.settings()),
        (data.ca(), copy.ca()),
    ] {
        copy_all(&from, &to)?;
    }
    Ok(copy)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(from) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
        Ok(meta) if meta.is_dir() => {
            service::create_private_dir(to)?;
            for entry in std::fs::read_dir(from)? {
                let entry = entry?;
                copy_all(&entry.path(), &to.join(entry.file_name()))?;
            }
            Ok(())
        }
        Ok(_) => {
            let mut file = service::create_private_file(to)?;
            io::copy(&mut std::fs::File::open(from)?, &mut file).map(|_| ())
        }
    }
}
