//! `cargo xtask package-msi`: the agent's package for Windows, from a program that was built before, with `wixl`.

use crate::flags::Flags;
use crate::paths::Workspace;
use crate::run;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What the package is made of, besides the program.
const SOURCE: &str = "packaging/windows/countersign-agent.wxs";

/// The program's name in the package.
pub(crate) const PROGRAM: &str = "countersign-agent.exe";

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    let mut flags = Flags::new(args);
    let binary = flags.value("--binary")?.context("say which program: --binary FILE")?;
    let version = flags.value("--version")?.context("say which version: --version X")?;
    let out = flags.value("--out")?.map_or_else(
        || workspace.target.join("packages"),
        |folder| workspace.root.join(folder),
    );
    flags.done()?;
    ensure!(
        is_msi_version(&version),
        "{version} is no version for Windows: three numbers, at most 255.255.65535"
    );
    let package = make(workspace, Path::new(&binary), &version, &out)?;
    let made = fs::metadata(&package)?;
    println!("    {}  {}", run::size(made.len()), package.display());
    Ok(ExitCode::SUCCESS)
}

/// Makes the package of a version from a program, into `out`.
pub(crate) fn make(workspace: &Workspace, binary: &Path, version: &str, out: &Path) -> Result<PathBuf> {
    // wixl takes files by their names, from the folder that it runs in.
    let stage = workspace.target.join("msi");
    fs::create_dir_all(&stage).with_context(|| format!("making {}", stage.display()))?;
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    fs::copy(binary, stage.join(PROGRAM)).with_context(|| format!("copying {}", binary.display()))?;
    fs::copy(workspace.root.join(SOURCE), stage.join("agent.wxs")).context("copying the package's description")?;
    let package = out.join(format!("countersign-agent-{version}.msi"));
    if package.exists() {
        fs::remove_file(&package).with_context(|| format!("removing the former {}", package.display()))?;
    }
    let mut wixl = Command::new("wixl");
    wixl.current_dir(&stage)
        .args(["--arch", "x64", "--define"])
        .arg(format!("Version={version}"))
        .arg("--output")
        .arg(&package)
        .arg("agent.wxs");
    run::run(&mut wixl).context("wixl makes the package; Debian has it in the package of that name")?;
    // wixl ends well after some errors, too.
    ensure!(package.exists(), "wixl made no {}", package.display());
    Ok(package)
}

/// Whether Windows Installer compares it: it knows three fields, of these sizes.
fn is_msi_version(version: &str) -> bool {
    let fields: Vec<Option<u16>> = version.split('.').map(|f| f.parse().ok()).collect();
    matches!(fields[..], [Some(major), Some(minor), Some(_)] if major <= 255 && minor <= 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_what_windows_compares() {
        assert!(is_msi_version("0.1.0") && is_msi_version("255.255.65535"));
        for bad in ["1.2", "1.2.3.4", "256.0.0", "1.256.0", "1.0.65536", "1.0.0-rc1"] {
            assert!(!is_msi_version(bad), "{bad}");
        }
    }
}
