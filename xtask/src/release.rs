//! `cargo xtask release-key`, `stamp` and `sign-release`: making releases of the agent, by a workspace member of its own so
//! that this tool depends on none of the workspace's crates.

use crate::paths::Workspace;
use crate::run;
use anyhow::Result;
use std::process::ExitCode;

/// The package that does it.
const PACKAGE: &str = "countersign-release";

pub(crate) fn command(workspace: &Workspace, command: &str, args: Vec<String>) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["run", "--quiet", "--package", PACKAGE, "--", command])
        .args(args);
    run::run(&mut cargo)?;
    Ok(ExitCode::SUCCESS)
}
