//! Windows: programs in a job object, with a thread for each of their streams and one that waits for their end.

mod folders;
mod powershell;
mod shell;
mod stream;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;
use win::error::WinError;
use win::process::{Job, Process};

use super::spec::Spec;
use super::{Exit, Heard};
use crate::verbs::Host;
use shell::Started;
use stream::Pieces;

pub use folders::environment;
pub use shell::{find_shell, remove_leftovers};

/// How often to look whether a tree that was ended is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// This executable. Nothing needs it here: the system itself ends what a job holds.
pub fn own_executable() -> &'static Path {
    static OWN: OnceLock<PathBuf> = OnceLock::new();
    OWN.get_or_init(|| std::env::current_exe().unwrap_or_default())
}

/// A program in its job.
#[derive(Debug)]
pub(super) struct Child {
    job: Job,
    streams: (Option<Pieces>, Option<Pieces>),
    ended: Option<oneshot::Receiver<Result<i32, WinError>>>,
    /// How it ended, once that is known.
    exit: Option<Exit>,
    ending: bool,
    started: Started,
}

impl Child {
    /// Starts the program.
    pub(super) async fn start(spec: &Spec, host: &Host) -> io::Result<Self> {
        let (spec, private) = (spec.clone(), host.private.clone());
        tokio::task::spawn_blocking(move || Self::start_blocking(&spec, &private))
            .await
            .map_err(io::Error::other)?
    }

    fn start_blocking(spec: &Spec, private: &Path) -> io::Result<Self> {
        let (child, started) = shell::start(spec, private)?;
        let (tell, ended) = oneshot::channel();
        let process: Process = child.process;
        std::thread::Builder::new()
            .name("wait".into())
            // Whoever wanted to know may be gone.
            .spawn(move || drop(tell.send(process.wait())))?;
        Ok(Self {
            streams: (Some(Pieces::of(child.stdout)?), Some(Pieces::of(child.stderr)?)),
            job: child.job,
            ended: Some(ended),
            exit: None,
            ending: false,
            started,
        })
    }

    /// The program's streams, once.
    pub(super) fn streams(&mut self) -> (Option<Pieces>, Option<Pieces>) {
        (self.streams.0.take(), self.streams.1.take())
    }

    /// How the program ended. Nothing is lost when the future is dropped.
    pub(super) async fn hear(&mut self) -> Heard {
        if let Some(ended) = &mut self.ended {
            let code = ended.await;
            self.ended = None;
            match code {
                Ok(Ok(code)) => {
                    self.exit = Some(Exit {
                        code: Some(code),
                        signal: None,
                        shown: self.started.has_shown_its_end(),
                    });
                }
                Ok(Err(e)) => tracing::warn!(error = %e, "a program's end can't be waited for"),
                Err(_) => tracing::warn!("whoever waited for a program's end is gone"),
            }
        }
        while self.ending && self.exit.is_some() && self.is_populated() {
            sleep(LOOK_AGAIN).await;
        }
        self.exit.take().map_or(Heard::Nothing, Heard::Ended)
    }

    /// Ends the program and all that descends from it.
    pub(super) fn end(&mut self) {
        self.ending = true;
        self.terminate();
    }

    /// Lets go of what the program left running, or ends it, if it is `to_be_ended`.
    pub(super) async fn dispose(self, to_be_ended: bool) {
        if to_be_ended {
            self.terminate();
        } else if let Err(e) = self.job.release() {
            tracing::warn!(error = %e, "what an action left running was ended, since it can't be let go");
        }
        let started = self.started;
        if let Err(e) = tokio::task::spawn_blocking(move || started.remove()).await {
            tracing::warn!(error = %e, "the files of a script were not removed");
        }
    }

    fn terminate(&self) {
        if let Err(e) = self.job.terminate() {
            tracing::warn!(error = %e, "an action's processes can't be ended");
        }
    }

    fn is_populated(&self) -> bool {
        // If it can't be told, the time limit for ending decides.
        self.job.active_processes().map_or(true, |count| count > 0)
    }
}
