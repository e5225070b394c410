//! The operator's commands.
//!
//! Deliberately absent: any command that changes or deletes the record (R5).

mod demo;
mod init;
mod open;
mod redact;
mod rotate;
mod serve;
mod verify;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Countersign: every action on an endpoint approved, redacted and in a record that an auditor can verify.
#[derive(Debug, Parser)]
#[command(name = "countersign", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the database and the organisation, and print the first admin's one-time link.
    Init(init::Init),
    /// Serve people, agents and shares.
    Serve(Box<serve::Serve>),
    /// Check a shared bundle, or the whole record in a data folder. Exit code: 0 verified, 1 altered, 2 cannot verify.
    Verify(verify::Verify),
    /// Redact standard input to standard output, as agents and the server do.
    Redact(redact::Redact),
    /// Make an organisation's next order key. Stop the server first; endpoints pin the key when they connect next.
    RotateOrderKey(rotate::RotateOrderKey),
    /// Cosign other servers' records as they grow (C2SP tlog-witness).
    Witness(witness::Witness),
    /// Run a demo organisation with a real agent on this machine.
    Demo(demo::Demo),
}

/// The whole program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error).context("starting the runtime")),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Init(init) => init.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::Verify(verify) => verify.run().await,
            Command::Redact(redact) => redact.run(),
            Command::RotateOrderKey(rotate) => rotate.run().await,
            Command::Witness(witness) => witness.run().await,
            Command::Demo(demo) => demo.run().await,
        }
    });
    done.unwrap_or_else(|error| failed(&error))
}

/// What is logged, and how much, is `COUNTERSIGN_LOG`'s to say (such as `debug` or `server=debug,engine=warn`). Outputs,
/// arguments, tokens, addresses and names are logged below `info` only, so the default holds none.
fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

/// Exit code 2: nothing was verified, nothing was done. 1 means "altered" and is for `verify` alone.
fn failed(error: &anyhow::Error) -> ExitCode {
    tell_error(&format!("countersign: {error:#}"));
    ExitCode::from(2)
}

/// A line for the operator.
#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
fn tell(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "why a command failed goes to standard error")]
fn tell_error(line: &str) {
    eprintln!("{line}");
}

/// Listens from now on for the operator's wish to end the program: Ctrl-C, or `SIGTERM` from a service manager. To be called
/// before the program says that it is there: a wish that comes right then must not end it half-way.
fn asked_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    };
    async move {
        #[cfg(unix)]
        if let (Ok(mut terminate), Ok(mut interrupt)) = signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
