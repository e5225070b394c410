//! What a witness keeps: its key, what it saw of each log, and evidence against a log that signed two histories.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use audit::witness::Seen;
use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

const KEY: &str = "witness.key";
const SEEN: &str = "seen.json";

/// One log's state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) seen: Seen,
    /// The note that says so.
    pub(super) note: String,
}

/// A witness's folder.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    seen: BTreeMap<String, Kept>,
}

impl Store {
    /// Opens the folder, made where it is missing.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        make_private(folder).with_context(|| format!("making the folder {}", folder.display()))?;
        let file = folder.join(SEEN);
        let seen = match fs::read(&file) {
            // A witness that forgot what it saw could be shown another history: it stops rather than to begin anew.
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!(
                    "{} is damaged. Restore it, or make a new witness with another name",
                    file.display()
                )
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
        };
        let folder = folder.to_owned();
        Ok(Self { folder, seen })
    }

    /// The witness's key, made where there is none yet.
    pub(super) fn key(&self, random: impl FnOnce() -> [u8; 32]) -> Result<SigningKey> {
        let file = self.folder.join(KEY);
        if !file.exists() {
            ensure!(
                self.seen.is_empty(),
                "{} is missing, though logs were cosigned with it. Restore it",
                file.display()
            );
            write_new(&file, &random()).with_context(|| format!("writing {}", file.display()))?;
        }
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let seed: [u8; 32] = bytes
            .try_into()
            .ok()
            .with_context(|| format!("{} is damaged: it is not 32 bytes long", file.display()))?;
        Ok(SigningKey::from_bytes(&seed))
    }

    /// What was seen of a log.
    pub(super) fn seen(&self, origin: &str) -> Option<Seen> {
        self.seen.get(origin).map(|kept| kept.seen)
    }

    /// Keeps what is seen of a log now. It is on the disk when this returns; otherwise nothing changed.
    pub(super) fn keep(&mut self, origin: &str, kept: Kept) -> io::Result<()> {
        let mut next = self.seen.clone();
        next.insert(origin.to_owned(), kept);
        let fresh = self.folder.join("seen.next");
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        write_new(&fresh, &serde_json::to_vec_pretty(&next)?)?;
        fs::rename(&fresh, self.folder.join(SEEN))?;
        File::open(&self.folder)?.sync_all()?;
        self.seen = next;
        Ok(())
    }

    /// Keeps a request that the log's key signed and that contradicts what was cosigned: together they prove that the log
    /// has two histories. Named by its content, so that the same one again takes no more room.
    pub(super) fn keep_evidence(&self, request: &str) -> io::Result<PathBuf> {
        let name = format!("evidence-{}.txt", Digest::of(&[request.as_bytes()]));
        let file = self.folder.join(name);
        match write_new(&file, request.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Ok(file),
        }
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn write_new(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut f = options.open(file)?;
    f.write_all(bytes)?;
    f.sync_all()
}
