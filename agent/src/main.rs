//! `countersign-agent`: the command line.

use std::path::PathBuf;
use std::process::ExitCode;

#[cfg(target_os = "linux")]
use agent::install;
use agent::{command, data, run};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// The Countersign agent: runs what was approved on this endpoint, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "countersign-agent", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enrol this endpoint with a one-time token
    Enrol {
        /// The server's address, such as https://countersign.example.com
        #[arg(long)]
        url: String,
        /// The token, from the page "Endpoints" of the server
        #[arg(long, env = "COUNTERSIGN_TOKEN", hide_env_values = true)]
        token: String,
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
        /// Name to enrol as, instead of the host's own
        #[arg(long)]
        name: Option<String>,
        /// File with the only certificates that the server's may come from, instead of those that the system trusts
        #[arg(long)]
        ca: Option<PathBuf>,
    },
    /// Run the agent
    Run {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Show who this endpoint is, how its connection stands, and what was done on it today
    Status {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Look at everything between this endpoint and the server, and say what blocks the agent
    Doctor {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Make the agent a service of this system, started now and with it
    #[cfg(target_os = "linux")]
    Install {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
        /// Folder that the system lies in; in another than / nothing is started
        #[arg(long, default_value = "/")]
        root: PathBuf,
    },
    /// Stop the agent's service and remove it; its data folder stays
    #[cfg(target_os = "linux")]
    Uninstall {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
        /// Folder that the system lies in
        #[arg(long, default_value = "/")]
        root: PathBuf,
    },
    /// Watch over one program; the agent starts this by itself
    #[command(hide = true)]
    Supervise,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before anything else is set up: it has one thread and no business with logs.
    if matches!(cli.command, Command::Supervise) {
        return run::supervise();
    }
    let filter = EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match obey(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            tracing::error!("{e:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(asked: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match asked {
        Command::Enrol {
            url,
            token,
            data,
            name,
            ca,
        } => runtime.block_on(command::enrol(command::Enrolment {
            url: &url,
            token: &token,
            data: &data,
            name,
            ca: ca.as_deref(),
        })),
        Command::Run { data } => runtime.block_on(command::run(&data)),
        Command::Status { data } => command::status(&data),
        Command::Doctor { data } => runtime.block_on(command::doctor(&data)),
        #[cfg(target_os = "linux")]
        Command::Install { data, root } => install::install(&root, &data),
        #[cfg(target_os = "linux")]
        Command::Uninstall { data, root } => install::uninstall(&root, &data),
        Command::Supervise => Ok(()),
    }
}
