//! `cargo xtask bench`: builds and runs the benchmarks in the release profile, as what is shipped is built.

use crate::paths::Workspace;
use crate::run;
use anyhow::Result;
use std::process::ExitCode;

/// The package of the benchmarks, a workspace member of its own so that this tool depends on none of the crates measured.
const PACKAGE: &str = "countersign-bench";

/// The benchmark of redaction alone, which needs no agent.
pub(crate) fn redaction(workspace: &Workspace) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", PACKAGE, "--", "redaction"]);
    run::timed("redaction", || run::run(&mut cargo))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    // The agent is run as its own process and looked for beside the benchmarks.
    let mut agent = workspace.cargo();
    agent.args(["build", "--release", "--package", "countersign-agent"]);
    run::timed("agent", || run::run(&mut agent))?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", PACKAGE, "--"]).args(args);
    run::timed("benchmarks", || run::run(&mut cargo))?;
    Ok(ExitCode::SUCCESS)
}
