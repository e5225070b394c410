//! `cargo xtask demo`: builds, then hands this process over to the server's own `demo` command, which makes the demo
//! organisation, starts a real agent on this host and prints addresses and sign-ins.
//!
//! Development builds unless `--release` is given: a release takes several times as long to compile and the demo is for
//! looking around. Everything the demo writes is below `./.demo`.

use crate::build::{self, BINARIES, Natives, Options};
use crate::flags::Flags;
use crate::paths::{Profile, Workspace};
use crate::run;
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, ExitCode};

/// The demo's folder, from the root. `make clean-demo` removes it.
const DATA: &str = ".demo";

/// The first port tried; the next ones are for a machine where it is taken.
const PORT: u16 = 3000;

/// How many ports after the first are tried.
const TRIES: u16 = 20;

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    let mut flags = Flags::new(args);
    let profile = if flags.has("--release") {
        Profile::Release
    } else {
        Profile::Dev
    };
    let wanted = flags.number("--port")?;
    flags.done()?;
    // Its own, so that a build or a test meanwhile does not change what the running demo serves.
    let site = workspace.root.join(DATA).join("site");
    build::build(
        workspace,
        &Options {
            profile,
            site: site.clone(),
            natives: Natives::Lean,
        },
    )?;

    let port = match wanted {
        Some(port) if is_free(port) => port,
        Some(port) => bail!("port {port} is taken: choose another with --port"),
        None => first_free()?,
    };
    let [(_, server), (_, agent)] = BINARIES;
    let mut demo = Command::new(workspace.binary(profile, server));
    demo.current_dir(&workspace.root);
    demo.args(["demo", "--data", DATA, "--site"]).arg(&site);
    demo.args(["--listen", &format!("127.0.0.1:{port}"), "--agent"])
        .arg(workspace.binary(profile, agent));
    println!("==> {}", run::shown(&demo));
    hand_over(demo)
}

/// Replaces this process, so that Ctrl-C and `kill` reach the server itself, which ends its agent.
#[cfg(unix)]
fn hand_over(mut demo: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(demo.exec()).context("starting the server")
}

/// Waits for the server: without `exec` the console itself sends Ctrl-C to both.
#[cfg(not(unix))]
fn hand_over(mut demo: Command) -> Result<ExitCode> {
    let status = demo.status().context("starting the server")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn first_free() -> Result<u16> {
    (PORT..=PORT + TRIES)
        .find(|port| is_free(*port))
        .with_context(|| format!("no free port from {PORT} to {}: choose one with --port", PORT + TRIES))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
