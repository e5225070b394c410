//! Windows programs on this host: a Wine of the build's own, below the target folder, that knows nothing of the user's.
//!
//! The folder that Wine takes for a computer (its prefix) is made once, which takes seconds, and is as it was then at the
//! start of each run: the registry is put back, and what the agent keeps outside of its tests' own folders is removed. Wine
//! 8 lacks a library that every recent Rust program imports; it is compiled from `agent/tests/wine/bcryptprimitives.c`.
//!
//! While one is held, a Wine process of its own waits: Wine ends its services soon after the last ordinary process.

use crate::build::windows::compiler;
use crate::paths::Workspace;
use crate::{hash, run};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where Debian has the loader; its wrapper script wants a 32-bit Wine as well.
const LOADER: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "wineserver";

const SHIM: &str = "agent/tests/wine/bcryptprimitives.c";

/// The registry's files in a prefix.
const REGISTRY: [&str; 3] = ["system.reg", "user.reg", "userdef.reg"];

/// What tests of the installed agent make outside of their folders.
const LEFT: [&str; 2] = ["drive_c/ProgramData/Countersign", "drive_c/Program Files/Countersign"];

/// A running Wine.
pub(crate) struct Wine {
    prefix: PathBuf,
    keeper: Child,
}

impl Wine {
    /// Makes the prefix if it is not there or out of date, puts it back as it was made, and starts Wine.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        ensure!(
            Path::new(LOADER).is_file(),
            "{LOADER} is missing: run `scripts/setup.sh test`, which installs it"
        );
        let folder = workspace.target.join("wine");
        let prefix = folder.join("prefix");
        let shim = workspace.root.join(SHIM);
        let version = run::read(Command::new(LOADER).arg("--version"))?;
        let inputs = hash::of(std::slice::from_ref(&shim), &format!("1 {version}"))?;
        hash::unless_current(&folder.join("stamp"), &inputs, &[prefix.join(REGISTRY[0])], || {
            make(&prefix, &shim)
        })?;
        stop(&prefix)?;
        for file in REGISTRY {
            fs::copy(kept(&prefix, file), prefix.join(file)).with_context(|| format!("putting {file} back"))?;
        }
        for left in LEFT.map(|left| prefix.join(left)) {
            if left.exists() {
                fs::remove_dir_all(&left).with_context(|| format!("removing {}", left.display()))?;
            }
        }
        let keeper = command(&prefix, LOADER)
            .arg("cmd")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("starting Wine")?;
        Ok(Self { prefix, keeper })
    }

    /// Has `cargo` run what it builds for Windows in this Wine.
    pub(crate) fn runs_for(&self, cargo: &mut Command) {
        settings(&self.prefix, cargo);
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", LOADER);
    }

    /// Tells the end-to-end tests how to run Windows programs in this Wine.
    pub(crate) fn lend_to(&self, tests: &mut Command) {
        settings(&self.prefix, tests);
        tests.env("COUNTERSIGN_WINE", LOADER);
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // Its input closes with it, which ends it; whatever else still runs in the prefix is ended, too.
        drop(self.keeper.stdin.take());
        if let Err(error) = stop(&self.prefix) {
            println!("    Wine could not be stopped: {error:#}");
        }
        if let Err(error) = self.keeper.wait() {
            println!("    Wine's keeper could not be waited for: {error}");
        }
    }
}

/// Makes a prefix, from nothing.
fn make(prefix: &Path, shim: &Path) -> Result<()> {
    if prefix.exists() {
        stop(prefix)?;
        fs::remove_dir_all(prefix).with_context(|| format!("removing {}", prefix.display()))?;
    }
    fs::create_dir_all(prefix)?;
    run::read(command(prefix, LOADER).args(["wineboot", "-i"]))?;
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    run::run(
        Command::new(compiler())
            .args(["-O2", "-shared", "-s", "-o"])
            .arg(&library)
            .arg(shim)
            .arg("-ladvapi32"),
    )?;
    run::read(command(prefix, LOADER).args(["winecfg", "-v", "win10"]))?;
    // The registry is in its files once the server ended.
    run::read(command(prefix, SERVER).arg("-w"))?;
    for file in REGISTRY {
        fs::copy(prefix.join(file), kept(prefix, file)).with_context(|| format!("keeping {file}"))?;
    }
    Ok(())
}

/// Ends everything that runs in a prefix, and waits until it ended.
fn stop(prefix: &Path) -> Result<()> {
    // It fails when nothing runs.
    let _ = command(prefix, SERVER).arg("-k").stderr(Stdio::null()).status();
    run::read(command(prefix, SERVER).arg("-w"))?;
    Ok(())
}

/// The copy of one of the registry's files as it was made.
fn kept(prefix: &Path, file: &str) -> PathBuf {
    prefix.join(format!("{file}.made"))
}

fn command(prefix: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    settings(prefix, &mut command);
    command
}

/// No display, no messages of Wine's own, no offer to download what is not needed.
fn settings(prefix: &Path, command: &mut Command) {
    command
        .env("WINEPREFIX", prefix)
        .env("WINEARCH", "win64")
        .env("WINEDEBUG", "-all")
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
        .env_remove("DISPLAY");
}
