//! Linux: a systemd unit.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::NAME;
use crate::run::find_program;
use crate::say::say;

const TEMPLATE: &str = include_str!("countersign-agent.service");

/// What a unit begins with that was written here.
const MARK: &str = "# Written by countersign-agent install";

/// Where units of the administrator are.
const UNITS: &str = "etc/systemd/system";

/// Where units of packages are.
const PACKAGED: [&str; 2] = ["lib/systemd/system", "usr/lib/systemd/system"];

/// Writes the unit for this executable and the data folder, and enables and starts it where systemd runs. `root` is the
/// folder that the system lies in: `/`, or an image's, in which nothing is started.
///
/// # Errors
/// When the account may not, another unit of that name is there, or others could replace the executable.
pub fn install(root: &Path, data: &Path) -> anyhow::Result<()> {
    let packaged = packaged(root);
    if packaged.is_none() {
        let executable = std::env::current_exe().context("the agent can't find its own executable")?;
        check_executable(&executable)?;
        ensure!(
            data.is_absolute(),
            "Give the data folder as an absolute path, not {}.",
            data.display()
        );
        let path = write_unit(root, &unit(&executable, data)?)?;
        say(&format!("Wrote {}.", path.display()))?;
    }
    if !is_running(root) {
        return Ok(say(&format!(
            "systemd does not run here. Once it does, run: systemctl enable --now {NAME}"
        ))?);
    }
    systemctl(&["daemon-reload"])?;
    systemctl(&["enable", "--now", NAME])?;
    say(&format!("Enabled and started {NAME}."))?;
    if !data.join("identity.json").exists() {
        say(&format!(
            "It waits until this endpoint is enrolled. Run: countersign-agent enrol --url … --token …, then: systemctl start {NAME}"
        ))?;
    }
    Ok(())
}

/// Stops and disables the unit, and removes it if it was written here. The data folder stays.
///
/// # Errors
/// When the account may not, or the unit is somebody else's.
pub fn uninstall(root: &Path, data: &Path) -> anyhow::Result<()> {
    let path = root.join(UNITS).join(format!("{NAME}.service"));
    let ours = match std::fs::read_to_string(&path) {
        Ok(text) => {
            ensure!(text.starts_with(MARK), foreign(&path));
            true
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(e) => return Err(e).with_context(|| format!("{} can't be read", path.display())),
    };
    ensure!(
        ours || packaged(root).is_some(),
        "The agent is not installed as a service here."
    );
    if is_running(root) {
        systemctl(&["disable", "--now", NAME])?;
    }
    if ours {
        std::fs::remove_file(&path).with_context(|| format!("{} can't be removed", path.display()))?;
        say(&format!("Removed {}.", path.display()))?;
    }
    if is_running(root) {
        systemctl(&["daemon-reload"])?;
    }
    Ok(say(&format!(
        "The agent's identity, and what the server has not got yet, is still in {}. Remove the endpoint on the server before you delete it.",
        data.display()
    ))?)
}

/// How to stop the agent, for its owner.
pub fn how_to_stop() -> String {
    let root = Path::new("/");
    let unit = root.join(UNITS).join(format!("{NAME}.service"));
    if unit.exists() || packaged(root).is_some() {
        format!("systemctl stop {NAME}")
    } else {
        "stop the agent's process (SIGTERM)".into()
    }
}

fn packaged(root: &Path) -> Option<PathBuf> {
    PACKAGED
        .iter()
        .map(|folder| root.join(folder).join(format!("{NAME}.service")))
        .find(|path| path.exists())
}

fn foreign(path: &Path) -> String {
    format!(
        "{} was written by somebody else. Move it away, or remove it, and run this again.",
        path.display()
    )
}

/// Whoever can replace the executable can do what the agent can.
fn check_executable(path: &Path) -> anyhow::Result<()> {
    let meta = std::fs::metadata(path).with_context(|| format!("{} can't be looked at", path.display()))?;
    if meta.uid() != 0 || meta.permissions().mode() & 0o022 != 0 {
        bail!(
            "{0} could be replaced by others than root. Copy it to /usr/local/bin, run: chown root:root {0} and chmod 755 {0}, and install from there.",
            path.display()
        );
    }
    Ok(())
}

fn unit(executable: &Path, data: &Path) -> anyhow::Result<String> {
    Ok(TEMPLATE
        .replace("{executable}", &quoted(executable)?)
        .replace("{data}/identity.json", &quoted(&data.join("identity.json"))?)
        .replace("{data}", &quoted(data)?))
}

/// A path as units have it (systemd.syntax(7), systemd.service(5)).
fn quoted(path: &Path) -> anyhow::Result<String> {
    let text = path
        .to_str()
        .context("a path that is not UTF-8 can't stand in a unit")?;
    ensure!(
        !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '"' | '\'' | '\\' | '$')),
        "{} can't stand in a unit. Choose a path without quotation marks, backslashes and dollar signs.",
        path.display()
    );
    let text = text.replace('%', "%%");
    Ok(if text.contains(' ') {
        format!("\"{text}\"")
    } else {
        text
    })
}

fn write_unit(root: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let folder = root.join(UNITS);
    let path = folder.join(format!("{NAME}.service"));
    match std::fs::read_to_string(&path) {
        Ok(there) => ensure!(there.starts_with(MARK), foreign(&path)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e).with_context(|| format!("{} can't be read", path.display())),
    }
    let write = || {
        std::fs::create_dir_all(&folder)?;
        // Whole or not at all, and never through a link that somebody left there.
        let next = folder.join(format!(".{NAME}.service.next"));
        std::fs::write(&next, text)?;
        std::fs::set_permissions(&next, PermissionsExt::from_mode(0o644))?;
        std::fs::rename(&next, &path)
    };
    write().with_context(|| format!("{} can't be written. Run this as root", path.display()))?;
    Ok(path)
}

/// Whether systemd is the system's manager (sd_booted(3)).
fn is_running(root: &Path) -> bool {
    root == Path::new("/") && Path::new("/run/systemd/system").is_dir()
}

fn systemctl(args: &[&str]) -> anyhow::Result<()> {
    let program = find_program("systemctl").context("systemctl is not installed")?;
    let ran = Command::new(program)
        .args(args)
        .output()
        .context("systemctl can't be started")?;
    ensure!(
        ran.status.success(),
        "systemctl {} failed: {}",
        args.join(" "),
        String::from_utf8_lossy(&ran.stderr).trim()
    );
    Ok(())
}

/// How to start the agent, for its owner.
pub fn how_to_start() -> String {
    format!("systemctl start {NAME}, or: {NAME} run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_names_executable_and_data() {
        let text = unit(Path::new("/opt/my agent/bin"), Path::new("/var/lib/100%")).unwrap();
        assert!(text.starts_with(MARK));
        assert!(
            text.contains("\nExecStart=\"/opt/my agent/bin\" run --data /var/lib/100%%\n"),
            "{text}"
        );
        assert!(
            text.contains("\nConditionPathExists=/var/lib/100%%/identity.json\n"),
            "{text}"
        );
        assert!(!text.contains('{'), "{text}");
        for bad in ["/a\"b", "/a\nb", "/a$b", "/a\\b"] {
            assert!(unit(Path::new(bad), Path::new("/d")).is_err());
        }
    }

    #[test]
    fn a_foreign_unit_is_never_touched() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let path = root.join("etc/systemd/system/countersign-agent.service");
        assert!(uninstall(root, Path::new("/d")).is_err(), "nothing is there");
        assert_eq!(write_unit(root, &format!("{MARK} one")).unwrap(), path);
        write_unit(root, &format!("{MARK} two")).unwrap();
        assert!(
            std::fs::read_to_string(&path).unwrap().ends_with("two"),
            "ours is replaced"
        );
        uninstall(root, Path::new("/d")).unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "[Unit]").unwrap();
        for refused in [write_unit(root, MARK).map(drop), uninstall(root, Path::new("/d"))] {
            assert!(refused.unwrap_err().to_string().contains("somebody else"));
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[Unit]");
    }

    #[test]
    fn an_executable_that_others_can_replace_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o775)).unwrap();
        assert!(check_executable(&path).unwrap_err().to_string().contains("chmod 755"));
    }
}
