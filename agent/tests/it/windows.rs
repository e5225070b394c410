//! What only Windows has: its shells, its service manager, its registry.

mod crash;
mod package;
mod powershell;
mod scripts;
mod service;
mod verbs;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::harness::{Agent, eventually};

/// There is one service of the agent on a computer: held by the test that has it.
pub(crate) static SERVICE: Mutex<()> = Mutex::const_new(());

/// What a program said.
pub(crate) fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr)
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// How many scripts' files the agent still keeps. They are to be removed.
fn files_of_scripts(agent: &Agent) -> usize {
    std::fs::read_dir(agent.data().join("run")).map_or(0, Iterator::count)
}

/// A script of its own that writes to a file again and again, until it is told to stop: whether it runs shows in the file,
/// and a process's number is not needed.
struct Beat {
    script: PathBuf,
    file: PathBuf,
    stop: PathBuf,
}

impl Beat {
    fn new(folder: &Path, name: &str) -> Self {
        let path = |end: &str| folder.join(format!("{name}.{end}"));
        let beat = Self {
            script: path("cmd"),
            file: path("beat"),
            stop: path("stop"),
        };
        let text = format!(
            ":again\r\necho .>>\"{}\"\r\nif exist \"{}\" exit\r\ngoto again\r\n",
            beat.file.display(),
            beat.stop.display()
        );
        std::fs::write(&beat.script, text).unwrap();
        beat
    }

    /// A line of a script that starts it and goes on.
    fn start(&self) -> String {
        format!("start \"\" /b cmd /d /q /c \"{}\"\r\n", self.script.display())
    }

    fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.len())
    }

    /// Waits until it runs.
    async fn runs(&self) {
        let before = self.len();
        eventually("the program beats", || self.len() > before + 9).await;
    }

    /// Waits until it does not run any more.
    async fn is_gone(&self) {
        for _ in 0..200 {
            let before = self.len();
            tokio::time::sleep(Duration::from_millis(300)).await;
            if self.len() == before {
                return;
            }
        }
        panic!("it still runs");
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        let _ = std::fs::write(&self.stop, "");
    }
}
