//! `cargo xtask bench`: builds and runs the benchmarks in the release profile, as what is shipped is built.

use crate::build::{self, Natives, Options};
use crate::paths::{Profile, Workspace};
use crate::run;
use crate::test::in_end2end;
use anyhow::Result;
use std::process::{Command, ExitCode};

/// The package of the benchmarks, a workspace member of its own so that this tool depends on none of the crates measured.
const PACKAGE: &str = "countersign-bench";

/// The benchmark of redaction alone, which needs no agent.
pub(crate) fn redaction(workspace: &Workspace) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", PACKAGE, "--", "redaction"]);
    run::timed("redaction", || run::run(&mut cargo))?;
    Ok(ExitCode::SUCCESS)
}

/// The benchmark that runs in Chromium, only when it is named.
const BROWSER: &str = "browser";

/// Builds what is released and measures it in a browser.
fn browser(workspace: &Workspace) -> Result<()> {
    let options = Options {
        profile: Profile::Release,
        site: workspace.target.join("bench-site"),
        natives: Natives::Lean,
    };
    build::build(workspace, &options)?;
    let mut node = Command::new("node");
    node.arg("bench/share.mjs");
    in_end2end(&mut node, workspace, &options)?;
    run::timed("in the browser", || run::run(&mut node))
}

pub(crate) fn command(workspace: &Workspace, mut args: Vec<String>) -> Result<ExitCode> {
    if let Some(at) = args.iter().position(|arg| arg == BROWSER) {
        args.remove(at);
        browser(workspace)?;
        if args.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    // The agent is run as its own process and looked for beside the benchmarks.
    let mut agent = workspace.cargo();
    agent.args(["build", "--release", "--package", "countersign-agent"]);
    run::timed("agent", || run::run(&mut agent))?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", PACKAGE, "--"]).args(args);
    run::timed("benchmarks", || run::run(&mut cargo))?;
    Ok(ExitCode::SUCCESS)
}
