//! The agent's executable.

use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Output as Ran, Stdio};

use super::eventually;

/// An enrolled agent's folder, and the agent while it runs.
pub(crate) struct Agent {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) process: Option<Child>,
}

/// Runs the agent's executable to its end.
pub(crate) fn cli(args: &[&str], data: &Path) -> Ran {
    Process::new(env!("CARGO_BIN_EXE_countersign-agent"))
        .args(args)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

impl Agent {
    /// An agent that is not enrolled.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            process: None,
        }
    }

    /// What `status` says.
    pub(crate) fn status(&self) -> String {
        String::from_utf8_lossy(&cli(&["status"], &self.data()).stdout).into_owned()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("agent.log")
    }

    pub(crate) fn run(&mut self) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let mut process = Process::new(env!("CARGO_BIN_EXE_countersign-agent"));
        let process = process
            .args(["run", "--data"])
            .arg(self.data())
            .env("COUNTERSIGN_LOG", "debug");
        self.process = Some(
            process
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .unwrap(),
        );
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// SIGTERM; gives whether it ended well. On Windows the service manager asks an agent to stop.
    #[cfg(unix)]
    pub(crate) async fn terminate(&mut self) -> bool {
        let mut process = self.process.take().unwrap();
        let pid = rustix::process::Pid::from_child(&process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut status = None;
        eventually("the agent ends", || {
            status = process.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap().success()
    }

    /// Every byte below the data folder, and of the log.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        fn gather(path: &Path, into: &mut Vec<u8>) {
            if path.is_dir() {
                std::fs::read_dir(path)
                    .unwrap()
                    .for_each(|e| gather(&e.unwrap().path(), into));
            } else {
                into.extend(std::fs::read(path).unwrap());
            }
        }
        let mut bytes = vec![];
        gather(self.folder.path(), &mut bytes);
        bytes
    }

    pub(crate) fn holds(&self, text: &str) -> bool {
        self.bytes().windows(text.len()).any(|w| w == text.as_bytes())
    }

    pub(crate) async fn spool_empties(&self) {
        let spool = self.data().join("spool");
        eventually("the spool empties", || std::fs::read_dir(&spool).unwrap().count() == 0).await;
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
    }
}
