//! Windows: access lists of files, keys sealed by the system, and what asks the agent to stop.

pub mod event_log;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use win::acl::{check_private, check_unforgeable, create_private_dir, create_private_file};

/// Whoever reads a file at the moment keeps it from being replaced; nobody reads these for long.
const READERS: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What secrets of this agent are sealed for.
const PURPOSE: &[u8] = b"Countersign agent, device key, 1";

/// Makes the entries of a folder durable. There is nothing to do: on NTFS the entry of a file that was synced is durable with
/// it, and [`replace`] writes through.
///
/// # Errors
/// None.
pub fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Moves a file to another's place, durably.
///
/// # Errors
/// As the system says.
pub fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let since = Instant::now();
    loop {
        match win::durable::replace(from, to) {
            Ok(()) => return Ok(()),
            Err(e) if since.elapsed() > READERS => return Err(e.into()),
            Err(e) if e.is_denied() || e.is_in_use() => std::thread::sleep(LOOK_AGAIN),
            Err(e) => return Err(e.into()),
        }
    }
}

/// The real path, as people and programs write it.
///
/// # Errors
/// As the system says.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    Ok(plain(&path.canonicalize()?))
}

/// A canonical path without its prefix, which few programs take.
fn plain(path: &Path) -> PathBuf {
    let text = path.display().to_string();
    match text.strip_prefix(r"\\?\") {
        Some(rest) if !rest.starts_with("UNC") => rest.into(),
        Some(_) | None => path.to_owned(),
    }
}

/// How this system keeps secrets: sealed for this machine.
pub const SEALED_BY: Option<&str> = Some("dpapi");

/// Seals a secret for this machine.
///
/// # Errors
/// As the system says.
pub fn seal(secret: &[u8]) -> io::Result<Vec<u8>> {
    Ok(win::secret::protect(secret, PURPOSE)?)
}

/// Opens what [`seal`] gave.
///
/// # Errors
/// When it was changed, or sealed on another machine.
pub fn unseal(sealed: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    Ok(win::secret::unprotect(sealed, PURPOSE)?)
}

/// Waits for what asks to stop.
#[derive(Debug)]
pub enum Stopped {
    /// A console, or the system going down.
    Console {
        /// Ctrl+C.
        interrupt: CtrlC,
        /// Ctrl+Break, which other programs can send.
        breaking: CtrlBreak,
        /// The console's window is being closed.
        close: CtrlClose,
        /// The system goes down.
        shutdown: CtrlShutdown,
    },
    /// The service manager.
    Service(oneshot::Receiver<()>),
}

impl Stopped {
    /// Takes over what a console and the system send.
    ///
    /// # Errors
    /// As the system says.
    pub fn listen() -> io::Result<Self> {
        Ok(Self::Console {
            interrupt: ctrl_c()?,
            breaking: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    /// Listens to the service manager, by what [`win::this_service::run`] gives.
    ///
    /// # Errors
    /// As the system says.
    pub fn by_service(asked: Receiver<()>) -> io::Result<Self> {
        let (tell, told) = oneshot::channel();
        std::thread::Builder::new().name("stop".into()).spawn(move || {
            // The sender's end means the same; and if nobody waits any more, nobody needs to be told.
            let _ = asked.recv();
            let _ = tell.send(());
        })?;
        Ok(Self::Service(told))
    }

    /// Returns once the process is asked to stop.
    pub async fn wait(&mut self) {
        match self {
            Self::Console {
                interrupt,
                breaking,
                close,
                shutdown,
            } => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = breaking.recv() => {}
                    _ = close.recv() => {}
                    _ = shutdown.recv() => {}
                }
            }
            Self::Service(told) => {
                // The sender's end means the same.
                let _ = told.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_canonical_path_is_written_as_programs_take_it() {
        assert_eq!(plain(Path::new(r"\\?\C:\a b")), Path::new(r"C:\a b"));
        assert_eq!(plain(Path::new(r"\\?\UNC\s\x")), Path::new(r"\\?\UNC\s\x"));
        assert_eq!(plain(Path::new(r"D:\x")), Path::new(r"D:\x"));
    }

    /// R3: a file that somebody reads at the moment is replaced once they are done.
    #[test]
    fn a_file_that_is_read_is_replaced_a_moment_later() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new"), dir.path().join("old"));
        std::fs::write(&new, b"new").unwrap();
        std::fs::write(&old, b"old").unwrap();
        let reader = File::open(&old).unwrap();
        let reading = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(reader);
        });
        replace(&new, &old).unwrap();
        reading.join().unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"new");
    }
}
