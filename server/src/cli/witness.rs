//! `countersign witness`: cosign other servers' records, so that none of them can have two histories unnoticed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use audit::checkpoint::Vkey;
use clap::Args;
use engine::Deps;
use tokio::net::TcpListener;

use super::{asked_to_stop, tell};
use crate::witness::serve;

/// Whose logs to cosign, and as whom.
#[derive(Debug, Args)]
pub(super) struct Witness {
    /// Folder for the witness's key and what it saw of each log; made if it isn't there. Never restore it from an old backup.
    #[arg(long, env = "COUNTERSIGN_WITNESS_DATA")]
    data: PathBuf,
    /// The witness's name, such as witness.example/w1. Cosignatures carry it; it never changes.
    #[arg(long)]
    name: String,
    /// A log's key, as its Record page shows it; once for each log.
    #[arg(long = "log", value_name = "KEY", required = true)]
    logs: Vec<String>,
    /// Address and port to listen on. TLS is a reverse proxy's to add.
    #[arg(long, default_value = "127.0.0.1:3001")]
    listen: SocketAddr,
}

impl Witness {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let asked_to_stop = asked_to_stop();
        let logs: Vec<Vkey> = self
            .logs
            .iter()
            .map(|log| log.parse().with_context(|| format!("{log} is not a log's key")))
            .collect::<Result<_>>()?;
        let witness = serve::Witness::open(&self.data, &self.name, logs, Deps::system())?;
        let key = witness.public_key();
        ensure!(
            key.is_ok(),
            "{} can't be a witness's name: no spaces and no +",
            self.name
        );
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("listening on {}", self.listen))?;
        tell(&format!(
            "The witness {} listens on {}",
            self.name,
            listener.local_addr()?
        ));
        tell(&format!("Its key: {}", key?));
        axum::serve(listener, witness.router())
            .with_graceful_shutdown(asked_to_stop)
            .await
            .context("serving")?;
        tell("Stopped.");
        Ok(ExitCode::SUCCESS)
    }
}
