//! A release on its way: received piece by piece into a private file, then checked as a whole.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::digest::Digest;
use sha2::Digest as _;
use wire::{Manifest, SignedManifest, UpdatePart, UpdateWant};

use super::system;
use crate::data::DataDir;
use crate::service;

/// A program that can't say its version within this time is not taken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file that was just written may count as being written until another thread's child is under way.
pub(super) const BUSY: (u32, Duration) = (50, Duration::from_millis(20));

/// What there is to do after a piece.
#[derive(Debug)]
pub enum Next {
    /// Ask for the next piece.
    Want(UpdateWant),
    /// Everything is here: have it checked, which takes a moment.
    Check(Incoming),
    /// Nothing.
    Nothing,
}

/// A release of which a part is here.
#[derive(Debug)]
pub struct Incoming {
    pub(super) signed: SignedManifest,
    pub(super) manifest: Manifest,
    pub(super) release: Digest,
    file: File,
    have: u64,
}

impl Incoming {
    /// Nothing is here yet.
    ///
    /// # Errors
    /// When the file can't be made.
    pub(super) fn begin(data: &DataDir, signed: SignedManifest, manifest: Manifest) -> io::Result<Self> {
        let path = data.staged_program();
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        if !folder.exists() {
            service::create_private_dir(folder)?;
        }
        service::check_private(folder)?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            Ok(()) | Err(_) => {}
        }
        let file = service::create_private_file(&path)?;
        let release = signed.digest();
        Ok(Self {
            signed,
            manifest,
            release,
            file,
            have: 0,
        })
    }

    /// What is missing.
    pub(super) fn want(&self) -> UpdateWant {
        UpdateWant {
            release: self.release,
            offset: self.have,
        }
    }

    /// Takes a piece; gives whether everything is here. A piece that is not the one asked for changes nothing.
    ///
    /// # Errors
    /// When the disk does not take it, or there is more than the manifest says.
    pub(super) fn take(&mut self, part: &UpdatePart) -> io::Result<bool> {
        let Some(bytes) = part.bytes().filter(|_| part.offset == self.have) else {
            return Ok(false);
        };
        let have = self.have.saturating_add(bytes.len() as u64);
        if have > self.manifest.size {
            return Err(io::Error::other("there is more of it than its manifest says"));
        }
        self.file.write_all(&bytes)?;
        self.have = have;
        Ok(have == self.manifest.size)
    }

    /// Checks the whole program: its digest, and that it runs here and says the version that its manifest says. Blocks.
    ///
    /// # Errors
    /// With a sentence.
    pub(super) fn check(self, data: &DataDir) -> Result<(SignedManifest, Manifest), String> {
        let path = data.staged_program();
        let broken = |e: io::Error| format!("it can't be kept on this endpoint: {e}");
        self.file.sync_all().map_err(broken)?;
        // Closed before it is run: a file that somebody writes to does not start.
        drop(self.file);
        let digest = digest_of(&path).map_err(broken)?;
        if digest != self.manifest.sha256 {
            return Err("its bytes are not those that its manifest names".into());
        }
        system::make_executable(&path).map_err(broken)?;
        let said = version_of(&path).map_err(|e| format!("it does not run here: {e}"))?;
        let expected = format!("countersign-agent {}", self.manifest.version);
        if said.trim_end() == expected {
            Ok((self.signed, self.manifest))
        } else {
            Err(format!("it does not say that it is {expected}"))
        }
    }
}

/// SHA-256 of a file.
///
/// # Errors
/// When it can't be read.
pub(super) fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (sha2::Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Digest(hash.finalize().into())),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// What the program says to `--version`: at most a line's worth.
fn version_of(path: &Path) -> io::Result<String> {
    let mut child = start(path)?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() >= until => {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::other("it did not say its version in time"));
            }
            None => std::thread::sleep(BUSY.1),
        }
    };
    if !status.success() {
        return Err(io::Error::other(format!(
            "asked for its version, it ended with {status}"
        )));
    }
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(1024).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn start(path: &Path) -> io::Result<Child> {
    let mut command = Command::new(path);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null());
    command.stdout(Stdio::piped());
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy && tries < BUSY.0 => {
                tries += 1;
                std::thread::sleep(BUSY.1);
            }
            other => return other,
        }
    }
}
