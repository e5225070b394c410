//! `countersign-agent`: the command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use agent::command::{Ended, Enrolment};
use agent::update::{self, ReleaseKey};
use agent::version::VERSION;
use agent::{command, data, install};
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
        #[arg(long, env = "COUNTERSIGN_TOKEN", hide_env_values = true, allow_hyphen_values = true)]
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
    /// Connect once, on a copy of the data folder; an agent that is to be updated starts this of the new version
    #[command(hide = true)]
    UpdateTrial {
        /// Folder for the agent's identity and spool
        #[arg(long)]
        data: PathBuf,
    },
    /// Watch over one program; the agent starts this by itself
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Supervise,
    /// Install the agent as a service that starts with Windows
    #[cfg(windows)]
    Install {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Stop the service and remove it
    #[cfg(windows)]
    Uninstall {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
    /// Be the service; the service manager starts this by itself
    #[cfg(windows)]
    #[command(hide = true)]
    ServiceRun {
        /// Folder for the agent's identity and spool
        #[arg(long, default_value = data::DEFAULT)]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before anything else is set up: it has one thread and no business with logs.
    #[cfg(target_os = "linux")]
    if matches!(cli.command, Command::Supervise) {
        return agent::run::supervise();
    }
    if let Err(e) = log(&cli.command) {
        // Without a log there is one way left to say so, and it is the end anyway.
        let _ = writeln!(std::io::stderr(), "The log can't be opened: {e:#}");
        return ExitCode::FAILURE;
    }
    match obey(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            tracing::error!("{e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Log lines go to stderr; a service's, which nobody sees there, to the Windows event log.
fn log(asked: &Command) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    #[cfg(windows)]
    if matches!(asked, Command::ServiceRun { .. }) {
        let log = agent::service::event_log::EventLog::open()?;
        lines.without_time().with_ansi(false).with_writer(log).init();
        return Ok(());
    }
    let _ = asked;
    lines.with_writer(std::io::stderr).init();
    Ok(())
}

fn obey(asked: Command) -> anyhow::Result<()> {
    match asked {
        Command::Enrol {
            url,
            token,
            data,
            name,
            ca,
            release_key,
        } => {
            let release_key = release_key.map(|text| ReleaseKey::named(&text)).transpose();
            command::runtime()?.block_on(command::enrol(Enrolment {
                url: &url,
                token: &token,
                data: &data,
                name,
                ca: ca.as_deref(),
                release_key: release_key.map_err(anyhow::Error::msg)?,
            }))
        }
        Command::Run { data, update_deadline } => {
            let deadline = Duration::from_secs(update_deadline);
            let runtime = command::runtime()?;
            match runtime.block_on(command::run(&data, deadline))? {
                Ended::Stopped => Ok(()),
                Ended::Replaced(program) => {
                    drop(runtime);
                    update::restart(&program).with_context(|| format!("{} can't be started", program.display()))
                }
            }
        }
        Command::UpdateTrial { data } => command::runtime()?.block_on(update::trial::connect(&data)),
        Command::Status { data } => command::status(&data),
        Command::Doctor { data } => command::runtime()?.block_on(command::doctor(&data)),
        #[cfg(target_os = "linux")]
        Command::Install { data, root } => install::install(&root, &data),
        #[cfg(target_os = "linux")]
        Command::Uninstall { data, root } => install::uninstall(&root, &data),
        #[cfg(target_os = "linux")]
        Command::Supervise => Ok(()),
        #[cfg(windows)]
        Command::Install { data } => install::install(&data),
        #[cfg(windows)]
        Command::Uninstall { data } => install::uninstall(&data),
        #[cfg(windows)]
        Command::ServiceRun { data } => install::service_run(data),
    }
}
