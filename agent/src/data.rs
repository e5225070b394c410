//! The agent's data folder: where what lies in it, who may reach it, and one agent at a time.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::service;

/// Where the folder is when nobody says otherwise.
#[cfg(not(windows))]
pub const DEFAULT: &str = "/var/lib/countersign-agent";
/// Where the folder is when nobody says otherwise.
#[cfg(windows)]
pub const DEFAULT: &str = r"C:\ProgramData\Countersign\agent";

/// The data folder.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

/// Held by the one agent that runs on a data folder.
#[derive(Debug)]
pub struct DataLock(#[expect(dead_code, reason = "held until dropped")] File);

impl DataDir {
    /// A folder that exists, and that only the agent's account can reach.
    ///
    /// # Errors
    /// When it is missing or others can reach it.
    pub fn open(root: &Path) -> io::Result<Self> {
        service::check_private(root)?;
        Ok(Self {
            root: service::canonical(root)?,
        })
    }

    /// The same, made if it is missing.
    ///
    /// # Errors
    /// When it can't be made, or others can reach it.
    pub fn create(root: &Path) -> io::Result<Self> {
        if !root.exists() {
            service::create_private_dir(root)?;
        }
        Self::open(root)
    }

    /// The folder itself, canonical.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Who this endpoint is.
    pub fn identity(&self) -> PathBuf {
        self.root.join("identity.json")
    }

    /// The key of an enrolment that was not answered yet.
    pub fn enrolling(&self) -> PathBuf {
        self.root.join("enrolling.json")
    }

    /// The used nonces.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal.jsonl")
    }

    /// Reports that the server has not acknowledged.
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// How the server is reached, written by the endpoint's owner; need not be there.
    pub fn settings(&self) -> PathBuf {
        self.root.join("agent.toml")
    }

    /// The only certificates that the server's may come from; without the file, those that the system trusts.
    pub fn ca(&self) -> PathBuf {
        self.root.join("ca.pem")
    }

    /// What the endpoint's owner forbids; need not be there.
    pub fn local_policy(&self) -> PathBuf {
        self.root.join("policy.toml")
    }

    /// How the connection stands, for `status`.
    pub fn link_state(&self) -> PathBuf {
        self.root.join("link.json")
    }

    /// What ran lately, for `status`.
    pub fn day_log(&self) -> PathBuf {
        self.root.join("recent.jsonl")
    }

    /// Where an update stands.
    pub fn update(&self) -> PathBuf {
        self.root.join("update.json")
    }

    /// A release that waits to be tried, and what it is tried with: everything in its folder goes when the update ends.
    pub fn staged_program(&self) -> PathBuf {
        let name = format!("countersign-agent{}", std::env::consts::EXE_SUFFIX);
        self.root.join("update").join(name)
    }

    /// The copy that a release is tried on.
    pub fn trial(&self) -> PathBuf {
        self.root.join("update").join("trial")
    }

    /// The public half of the key that signs releases.
    pub fn release_key(&self) -> PathBuf {
        self.root.join("release.pub")
    }

    /// Takes the folder for this process; none when another agent has it.
    ///
    /// # Errors
    /// As the system says.
    pub fn lock(&self) -> io::Result<Option<DataLock>> {
        let path = self.root.join("lock");
        let file = match service::create_private_file(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => File::options().write(true).open(&path)?,
            Err(e) => return Err(e),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(DataLock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }
}

/// Cuts a file back to its first `len` bytes, by a handle of its own: one for appending can't do it on Windows.
///
/// # Errors
/// As the system says.
pub fn cut_back(path: &Path, len: u64) -> io::Result<()> {
    File::options().write(true).open(path)?.set_len(len)
}

/// Replaces a file so that after a crash there is the old one or the new one, whole, for its owner only.
///
/// # Errors
/// As the system says.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    match std::fs::remove_file(&next) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    let mut file = service::create_private_file(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    service::replace(&next, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R3: half a line that a full disk left is cut off while the file is open for appending, and the next line follows.
    #[test]
    fn a_file_is_cut_back_while_it_is_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        drop(service::create_private_file(&path).unwrap());
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"whole\nhal").unwrap();
        cut_back(&path, 6).unwrap();
        file.write_all(b"next\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole\nnext\n");
    }

    #[test]
    fn one_agent_at_a_time_and_files_are_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("data")).unwrap();
        let held = data.lock().unwrap();
        assert!(held.is_some());
        assert!(data.lock().unwrap().is_none());
        drop(held);
        assert!(data.lock().unwrap().is_some());
        write_atomically(&data.identity(), b"one").unwrap();
        write_atomically(&data.identity(), b"two").unwrap();
        assert_eq!(std::fs::read(data.identity()).unwrap(), b"two");
        service::check_private(&data.identity()).unwrap();
    }
}
