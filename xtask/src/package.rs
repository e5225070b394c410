//! `cargo xtask package`: what is installed on endpoints. A package is made of a release build, and looked at before it
//! counts: what is in it, and that its program runs.

mod deb;

use crate::build::{BINARIES, Natives, build_natives};
use crate::flags::Flags;
use crate::paths::{Profile, Workspace};
use crate::run;
use anyhow::{Context, Result, bail, ensure};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    let mut flags = Flags::new(args);
    let profile = if flags.has("--dev") {
        Profile::Dev
    } else {
        Profile::Release
    };
    let deb = flags.has("--deb");
    let out = flags.value("--out")?.map_or_else(
        || workspace.target.join("packages"),
        |folder| workspace.root.join(folder),
    );
    flags.done()?;
    if !deb {
        bail!("say what to make: --deb");
    }
    std::fs::create_dir_all(&out).with_context(|| format!("making {}", out.display()))?;
    let binary = agent(workspace, profile)?;
    let version = version(workspace)?;
    let package = deb::make(&workspace.root, &binary, &version, &out)?;
    deb::check(&package, &version)?;
    println!("{}", package.display());
    Ok(ExitCode::SUCCESS)
}

fn agent(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    run::timed("agent", || build_natives(workspace, profile, Natives::Lean))?;
    let [_, (_, name)] = BINARIES;
    Ok(workspace.binary(profile, name))
}

/// The agent's version, as cargo knows it.
fn version(workspace: &Workspace) -> Result<String> {
    let mut cargo = workspace.cargo();
    cargo.args(["metadata", "--no-deps", "--format-version=1"]);
    let metadata: serde_json::Value = serde_json::from_str(&run::read(&mut cargo)?)?;
    let [_, (agent, _)] = BINARIES;
    let packages = metadata["packages"].as_array().context("cargo named no packages")?;
    let found = packages.iter().find(|p| p["name"] == agent);
    let version = found.and_then(|p| p["version"].as_str());
    Ok(version.context("cargo does not know the agent")?.to_owned())
}

/// Runs a package's program with `--version`.
fn check_program(program: &std::path::Path, version: &str) -> Result<()> {
    let said = run::read(Command::new(program).arg("--version"))?;
    ensure!(
        said.contains(version),
        "{} --version says {said:?}, not {version}",
        program.display()
    );
    Ok(())
}
