//! `countersign-release`: what `cargo xtask release-key`, `stamp` and `sign-release` run.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use release::sign::{About, sign_file};
use release::{key, stamp};
use wire::Version;

/// Makes releases of the agent.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a release key: FILE for whoever makes releases, FILE with the ending .pub for the endpoints
    ReleaseKey {
        /// Where the secret half goes
        #[arg(long)]
        key: PathBuf,
    },
    /// Copy an agent's program with another version in it
    Stamp {
        /// The program
        #[arg(long)]
        binary: PathBuf,
        /// The version, such as 1.4.0
        #[arg(long)]
        version: Version,
        /// Where the copy goes
        #[arg(long)]
        out: PathBuf,
    },
    /// Sign an agent's program; the manifest is left beside it as NAME.json
    SignRelease {
        /// The secret half of the release key
        #[arg(long)]
        key: PathBuf,
        /// The program
        #[arg(long)]
        binary: PathBuf,
        /// Its version
        #[arg(long)]
        version: Version,
        /// What it was built for, such as x86_64-unknown-linux-gnu
        #[arg(long)]
        target: String,
        /// The oldest version that it may replace
        #[arg(long, default_value = "0.0.0")]
        minimum: Version,
        /// Not to be installed before this, such as 2026-03-01T02:00:00.000000000Z
        #[arg(long)]
        not_before: Option<String>,
    },
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::ReleaseKey { key } => {
            let public = key::make(&key)?;
            println!("secret half  {}  (keep it off every server)", key.display());
            println!("public half  {}  (goes to the endpoints)", public.display());
        }
        Command::Stamp { binary, version, out } => {
            let mut program = std::fs::read(&binary).with_context(|| format!("reading {}", binary.display()))?;
            stamp::stamp(&mut program, version)?;
            std::fs::write(&out, program).with_context(|| format!("writing {}", out.display()))?;
            std::fs::set_permissions(&out, std::fs::metadata(&binary)?.permissions())?;
            println!("{} is {version}", out.display());
        }
        Command::SignRelease {
            key,
            binary,
            version,
            target,
            minimum,
            not_before,
        } => {
            let program = std::fs::read(&binary).with_context(|| format!("reading {}", binary.display()))?;
            let says = stamp::stamped(&program)?;
            ensure!(
                says == version,
                "{} says that it is {says}, not {version}. Stamp it first: cargo xtask stamp",
                binary.display()
            );
            let not_before = not_before.map(|t| t.parse()).transpose().context("--not-before")?;
            let about = About {
                version,
                target,
                minimum,
                not_before,
            };
            let manifest = sign_file(&binary, &about, &key::read(&key)?)?;
            println!("signed: {}", manifest.display());
        }
    }
    Ok(())
}
