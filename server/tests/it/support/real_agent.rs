//! The agent's real program: `COUNTERSIGN_AGENT_BIN`, or the one that was built beside the server's.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::api::{EndpointState, Endpoints as _};
use domain::ids::EndpointId;

use super::app::TestApp;

/// How long the agent may take to connect.
const PATIENCE: Duration = Duration::from_secs(30);

/// An agent that runs.
pub(crate) struct RealAgent {
    folder: tempfile::TempDir,
    process: Child,
    pub(crate) endpoint: EndpointId,
}

fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("COUNTERSIGN_AGENT_BIN") {
        return named.into();
    }
    let agent = Path::new(super::program()).with_file_name("countersign-agent");
    assert!(
        agent.exists(),
        "{} is not there. `cargo test --workspace` builds it, and so does `cargo build --package countersign-agent`.",
        agent.display()
    );
    agent
}

impl RealAgent {
    /// Enrols with the server at `url`, runs, and is connected.
    pub(crate) async fn start(app: &TestApp, url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let enrol = tokio::process::Command::new(program())
            .args(["enrol", "--url", url, "--token", &app.token().await, "--data"])
            .arg(&data)
            .output()
            .await
            .unwrap();
        assert!(enrol.status.success(), "{enrol:?}");
        let log = std::fs::File::create(folder.path().join("agent.log")).unwrap();
        let process = Command::new(program())
            .args(["run", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let admin = app.admin().await;
        let ready = async {
            loop {
                let all = app.engine().endpoints(&admin.caller).await.unwrap();
                if let Some(ready) = all.into_iter().find(|e| e.state == EndpointState::Ready) {
                    return ready.id;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let endpoint = tokio::time::timeout(PATIENCE, ready).await.expect("the agent connects");
        Self {
            folder,
            process,
            endpoint,
        }
    }

    /// Every file that it keeps, and its log: name and content.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
                }
            }
        }
        files
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("agent.log")).unwrap()
    }

    /// The most memory that it ever had, in KiB: `VmHWM` of proc_pid_status(5).
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// Waits until the server has everything.
    pub(crate) async fn spool_empties(&self) {
        let spool = self.folder.path().join("data/spool");
        let empty = async {
            while std::fs::read_dir(&spool).unwrap().count() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, empty).await.expect("the spool empties");
    }
}

impl Drop for RealAgent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
