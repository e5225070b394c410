//! The demo's agent: the real program, as a child of this one.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use domain::api::{EndpointState, Endpoints};
use domain::ids::EndpointId;
use domain::roles::Caller;
use engine::Engine;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// The name that this machine enrols by.
const ENDPOINT: &str = "POS-REGISTER-07";

/// How long the agent may take to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// Where the running agent's process id is written.
fn pid_file(data: &Path) -> PathBuf {
    data.with_file_name("agent.pid")
}

/// The running agent; killed when this is dropped.
pub(super) struct Agent {
    child: Child,
    pid_file: PathBuf,
}

impl Agent {
    /// Starts the agent that enrolled with its data in `data`. Its log is in `agent.log` beside that.
    pub(super) fn start(program: &Path, data: &Path) -> Result<Self> {
        let log = std::fs::File::create(data.with_file_name("agent.log")).context("making the agent's log")?;
        let child = Command::new(program)
            .arg("run")
            .arg("--data")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting the agent {}", program.display()))?;
        let pid_file = pid_file(data);
        if let Some(pid) = child.id() {
            std::fs::write(&pid_file, pid.to_string()).context("writing the agent's process id")?;
        }
        Ok(Self { child, pid_file })
    }

    /// Waits until it ends by itself.
    pub(super) async fn ended(&mut self) -> String {
        self.child
            .wait()
            .await
            .map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string())
    }

    /// Ends it. What it had not told the server yet is in its spool and told after the next start.
    pub(super) async fn stop(mut self) {
        let _ = self.child.kill().await;
        let _ = std::fs::remove_file(&self.pid_file);
    }
}

/// Enrols: makes the device key below `data` and trades the token for an identity.
pub(super) async fn enrol(program: &Path, data: &Path, url: &str, token: &str) -> Result<()> {
    let done = Command::new(program)
        .arg("enrol")
        .args(["--name", ENDPOINT, "--url", url, "--data"])
        .arg(data)
        // Not as an argument: every account on the machine can read those.
        .env("COUNTERSIGN_TOKEN", token)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let done = timeout(CONNECT_LIMIT, done)
        .await
        .context("enrolling took too long")?
        .with_context(|| format!("starting the agent {}", program.display()))?;
    ensure!(
        done.status.success(),
        "the agent could not enrol: {}",
        String::from_utf8_lossy(&done.stderr).trim()
    );
    Ok(())
}

/// Waits until an endpoint is connected.
pub(super) async fn wait_until_ready(engine: &Engine, admin: &Caller) -> Result<EndpointId> {
    let found = timeout(CONNECT_LIMIT, async {
        loop {
            let endpoints = engine.endpoints(admin).await?;
            if let Some(ready) = endpoints.iter().find(|e| e.state == EndpointState::Ready) {
                return Ok::<_, anyhow::Error>(ready.id);
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => bail!(
            "the agent did not connect within {} s; its log is in agent.log",
            CONNECT_LIMIT.as_secs()
        ),
    }
}

/// Ends the agent of a demo that was killed before it could end it: two with one identity would push each other out.
pub(super) fn end_leftover(folder: &Path, program: &Path) {
    let pid_file = pid_file(&folder.join("agent"));
    let Some(pid) = std::fs::read_to_string(&pid_file)
        .ok()
        .and_then(|text| text.trim().parse::<u32>().ok())
    else {
        return;
    };
    // The number may be another program's by now.
    let runs = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    if runs.is_some() && runs == program.canonicalize().ok() {
        let _ = std::process::Command::new("kill").arg(pid.to_string()).status();
    }
    let _ = std::fs::remove_file(&pid_file);
}
