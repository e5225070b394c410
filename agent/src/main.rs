//! `countersign-agent`: the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use agent::command::Ended;
use agent::update::{self, ReleaseKey};
use agent::version::VERSION;
use agent::{command, data, run};
use anyhow::Context;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// The Countersign agent: runs what was approved on this endpoint, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "countersign-agent", version = VERSION.as_str())]
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
        /// Public key that signs releases of the agent, or a file that holds it; without one, no update is taken
        #[arg(long)]
        release_key: Option<String>,
    },
    /// Run the agent
    Run {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
        /// Seconds in which an updated agent must be connected; otherwise the version before it comes back
        #[arg(long, default_value_t = update::DEADLINE.as_secs())]
        update_deadline: u64,
    },
    /// Show who this endpoint is, how its connection stands, and what was done on it today
    Status {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Connect once, on a copy of the data folder; an agent that is to be updated starts this of the new version
    #[command(hide = true)]
    UpdateTrial {
        /// Folder for the agent's identity and spool
        #[arg(long)]
        data: PathBuf,
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
            release_key,
        } => {
            let key = release_key.map(|text| ReleaseKey::named(&text)).transpose();
            let key = key.map_err(anyhow::Error::msg)?;
            runtime.block_on(command::enrol(&url, &token, &data, name, key))
        }
        Command::Run { data, update_deadline } => {
            let deadline = Duration::from_secs(update_deadline);
            match runtime.block_on(command::run(&data, deadline))? {
                Ended::Stopped => Ok(()),
                Ended::Replaced(program) => {
                    drop(runtime);
                    Err(update::restart(&program)).with_context(|| format!("{} can't be started", program.display()))
                }
            }
        }
        Command::UpdateTrial { data } => runtime.block_on(update::trial::connect(&data)),
        Command::Status { data } => command::status(&data),
        Command::Supervise => Ok(()),
    }
}
