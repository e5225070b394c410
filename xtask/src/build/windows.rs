//! The agent for Windows, built on this host with mingw-w64 (`scripts/setup-windows.sh` installs it).

use crate::paths::{Profile, WINDOWS, Workspace};
use crate::run;
use anyhow::Result;
use std::process::Command;

/// mingw-w64's programs with POSIX threads, as Debian names them.
const TOOLS: &str = "x86_64-w64-mingw32";

/// `cargo` with the C compiler and linker for Windows. Set for one command at a time, so that nothing else is affected.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo
        .env("CC_x86_64_pc_windows_gnu", compiler())
        .env("CXX_x86_64_pc_windows_gnu", format!("{TOOLS}-g++-posix"))
        .env("AR_x86_64_pc_windows_gnu", format!("{TOOLS}-ar"))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", compiler());
    cargo
}

/// The C compiler for Windows.
pub(crate) fn compiler() -> String {
    format!("{TOOLS}-gcc-posix")
}

/// Builds `countersign-agent.exe` and prints where it is.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut cargo = cargo(workspace);
    cargo.args(["build", "--package", "countersign-agent", "--bin", "countersign-agent"]);
    cargo.args(["--target", WINDOWS]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run::run(&mut cargo)?;
    let folder = workspace.target.join(WINDOWS).join(profile.folder());
    println!("    {}", folder.join("countersign-agent.exe").display());
    Ok(())
}
