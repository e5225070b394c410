//! Putting a new program in the place of the one that runs, and back, so that at each moment there is one that starts.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use domain::digest::Digest;

use super::incoming::digest_of;
use super::system;
use crate::service;

/// Where the agent's program is installed, and what lies beside it during an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    program: PathBuf,
}

/// What a swap does, one after the other. After each of them the agent can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The new program is copied beside the one that runs, and checked there.
    Copy,
    /// The one that runs is kept under a second name.
    Keep,
    /// The new one takes the place.
    Replace,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Copy, Self::Keep, Self::Replace];
}

impl Place {
    /// The program at this path.
    pub fn of(program: PathBuf) -> Self {
        Self { program }
    }

    /// Where this very program was started from.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn own() -> io::Result<Self> {
        static OWN: OnceLock<PathBuf> = OnceLock::new();
        let program = match OWN.get() {
            Some(program) => program.clone(),
            // Asked once: after a swap the system would name the program that was.
            None => OWN.get_or_init(|| std::env::current_exe().unwrap_or_default()).clone(),
        };
        if program.as_os_str().is_empty() {
            return Err(io::Error::other("the system does not say where this program is"));
        }
        Ok(Self { program })
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        self.program.parent().unwrap_or(Path::new("/"))
    }

    /// The program that ran before, while the new one is on probation.
    pub fn old(&self) -> PathBuf {
        self.beside("old")
    }

    fn new_one(&self) -> PathBuf {
        self.beside("new")
    }

    fn failed(&self) -> PathBuf {
        self.beside("failed")
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = self.program.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(what);
        self.program.with_file_name(name)
    }

    /// Whether the agent may put a program here.
    ///
    /// # Errors
    /// With a sentence, when it may not.
    pub fn check(&self) -> Result<(), String> {
        let probe = self.new_one();
        let made = File::create(&probe).and_then(|_| std::fs::remove_file(&probe));
        made.map_err(|e| {
            format!(
                "the agent can't write to {}, where its program is ({e}). Update it by its package",
                self.folder().display()
            )
        })
    }

    /// Does one step of a swap. `staged` is the new program, with this digest.
    ///
    /// # Errors
    /// When the system refuses, or the program is not what it was.
    pub fn swap(&self, step: Step, staged: &Path, sha256: Digest) -> io::Result<()> {
        match step {
            Step::Copy => {
                std::fs::copy(staged, self.new_one())?;
                let file = File::options().write(true).open(self.new_one())?;
                file.sync_all()?;
                std::fs::set_permissions(self.new_one(), std::fs::metadata(&self.program)?.permissions())?;
                if digest_of(&self.new_one())? == sha256 {
                    Ok(())
                } else {
                    Err(io::Error::other("its bytes changed after they were checked"))
                }
            }
            Step::Keep => {
                remove(&self.old())?;
                system::keep(&self.program, &self.old())?;
                service::sync_dir(self.folder())
            }
            Step::Replace => {
                system::replace(&self.new_one(), &self.program, &self.failed())?;
                // It has the place, and a start tells which one has it: this is no reason to go back.
                if let Err(e) = service::sync_dir(self.folder()) {
                    tracing::warn!(error = %e, "the folder of the program can't be synced");
                }
                Ok(())
            }
        }
    }

    /// Puts the program that ran before back into its place.
    ///
    /// # Errors
    /// When it is not there, or the system refuses.
    pub fn give_back(&self) -> io::Result<()> {
        system::replace(&self.old(), &self.program, &self.failed())?;
        service::sync_dir(self.folder())
    }

    /// Removes what an update left beside the program. Failing to costs space only.
    pub fn clean(&self) {
        for path in [self.new_one(), self.old(), self.failed()] {
            if let Err(e) = remove(&path) {
                tracing::warn!(error = %e, "what an update left can't be removed");
            }
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
