//! The server as it is shipped: a process of its own that can be killed.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::http::Http;

/// How long it may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that listens.
pub(crate) struct Shipped {
    child: Child,
    /// What it says, which nobody reads; without a reader it could not say that it stopped.
    _lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    pub(crate) address: SocketAddr,
}

/// How one ended.
#[derive(Debug)]
pub(crate) struct Ended {
    status: ExitStatus,
    /// What it logged.
    pub(crate) log: String,
}

impl Ended {
    /// Whether it was killed, by SIGKILL.
    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// Its exit code, unless something ended it.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

impl Shipped {
    /// Has `program`, which is `countersign` with whatever it runs under, serve a data folder.
    ///
    /// # Errors
    /// How it ended, if it did before it listened.
    pub(crate) async fn start(mut program: Command, data: &Path, site: &Path, log: &Path) -> Result<Self, Ended> {
        let mut child = program
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--site")
            .arg(site)
            // Where there are no certificates: it connects to nobody, and to read all that the system trusts takes longer than
            // the rest of its start.
            .env("SSL_CERT_DIR", site)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.expect("it starts or ends");
        let address = line
            .unwrap()
            .and_then(|l| l.split_whitespace().find_map(|w| w.parse().ok()));
        let log = log.to_owned();
        match address {
            Some(address) => Ok(Self {
                child,
                _lines: lines,
                log,
                address,
            }),
            None => Err(end(child, &log).await),
        }
    }

    /// The browser of whom a web session's token belongs to.
    pub(crate) fn browser(&self, token: &str) -> Http {
        Http {
            address: self.address,
            token: Some(token.to_owned()),
        }
    }

    /// Kills it.
    pub(crate) async fn kill(mut self) -> Ended {
        // It may have ended already.
        let _ = self.child.start_kill();
        end(self.child, &self.log).await
    }

    /// Asks it to stop, as a service manager does, and waits until it has ended.
    pub(crate) async fn stop(self) -> Ended {
        if let Some(pid) = self.child.id() {
            let told = Command::new("kill").args(["-TERM", &pid.to_string()]).status().await;
            told.unwrap();
        }
        end(self.child, &self.log).await
    }
}

async fn end(mut child: Child, log: &Path) -> Ended {
    let status = timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap();
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    Ended { status, log }
}
