//! Linux: modes and owners of files, and the signals that ask a process to stop.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};
use zeroize::Zeroizing;

/// Creates a folder, and those above it, for its owner only.
///
/// # Errors
/// As the system says.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Creates a file for its owner only; it must not exist.
///
/// # Errors
/// As the system says.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Refuses a file or folder that another account than the agent's (or root) owns, or that any other can reach.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] with a sentence saying what to do; otherwise as the system says.
pub fn check_private(path: &Path) -> io::Result<()> {
    let meta = std::fs::symlink_metadata(path)?;
    let refuse = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let shown = path.display();
    if meta.file_type().is_symlink() {
        return refuse(format!("{shown} is a symbolic link. Name the place itself."));
    }
    let me = rustix::process::geteuid().as_raw();
    if meta.uid() != me && meta.uid() != 0 {
        return refuse(format!(
            "{shown} belongs to the account {}, not to the agent's ({me}). Run: chown {me} {shown}",
            meta.uid()
        ));
    }
    let open = meta.mode() & 0o077;
    if open != 0 {
        return refuse(format!(
            "{shown} can be reached by other accounts (mode {:03o}). Run: chmod go-rwx {shown}",
            meta.mode() & 0o777
        ));
    }
    Ok(())
}

/// Refuses a file that another account than the agent's (or root) owns or can write. Others may read it.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] with a sentence saying what to do; otherwise as the system says.
pub fn check_unforgeable(path: &Path) -> io::Result<()> {
    let meta = std::fs::symlink_metadata(path)?;
    let refuse = |why: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let shown = path.display();
    let me = rustix::process::geteuid().as_raw();
    if meta.file_type().is_symlink() || (meta.uid() != me && meta.uid() != 0) {
        return refuse(format!("{shown} is no file of root's or of the agent's own account."));
    }
    if meta.mode() & 0o022 != 0 {
        return refuse(format!(
            "{shown} can be written by other accounts. Run: chmod go-w {shown}"
        ));
    }
    Ok(())
}

/// Moves a file to another's place, durably.
///
/// # Errors
/// As the system says.
pub fn replace(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    to.parent().map_or(Ok(()), sync_dir)
}

/// The real path.
///
/// # Errors
/// As the system says.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// How this system keeps secrets: in files that the agent's account alone can reach, and in no other way.
pub const SEALED_BY: Option<&str> = None;

/// A secret as it is kept.
///
/// # Errors
/// None.
pub fn seal(secret: &[u8]) -> io::Result<Vec<u8>> {
    Ok(secret.to_vec())
}

/// Opens what [`seal`] gave.
///
/// # Errors
/// None.
pub fn unseal(kept: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(kept.to_vec()))
}

/// Makes the entries of a folder durable.
///
/// # Errors
/// As the system says.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Waits for the signals that ask to stop.
#[derive(Debug)]
pub struct Stopped {
    terminate: Signal,
    interrupt: Signal,
}

impl Stopped {
    /// Takes over SIGTERM and SIGINT.
    ///
    /// # Errors
    /// As the system says.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Returns once the process is asked to stop.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_others_can_reach_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a/b");
        create_private_dir(&data).unwrap();
        check_private(&data).unwrap();
        let file = data.join("key");
        drop(create_private_file(&file).unwrap());
        check_private(&file).unwrap();
        assert!(
            create_private_file(&file).is_err(),
            "an existing file is never taken over"
        );
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        assert_eq!(
            check_private(&file).unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        let link = data.join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(check_private(&link).is_err());
    }
}
