//! The agent's package for Debian and its relatives: the program, its unit, and scripts that enable nothing before the
//! endpoint is enrolled.

use crate::run;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "countersign-agent";
const PROGRAM: &str = "usr/bin/countersign-agent";
const UNIT: &str = "usr/lib/systemd/system/countersign-agent.service";
const COPYRIGHT: &str = "usr/share/doc/countersign-agent/copyright";

/// Where the agent keeps its data, as in `agent/src/data.rs`.
const DATA: &str = "/var/lib/countersign-agent";

/// What a unit that the agent wrote begins with: a package's must not look like one, or the agent would replace it.
const WRITTEN_BY_AGENT: &str = "# Written by countersign-agent install; it may be replaced and removed by it.";

/// Makes the package; gives its path.
pub(crate) fn make(root: &Path, binary: &Path, version: &str, out: &Path) -> Result<PathBuf> {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = out.join(format!("{NAME}_{version}_{arch}.deb"));
    let tree = out.join(format!("{NAME}_{version}_{arch}"));
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    let program = fs::read(binary).with_context(|| format!("reading {}", binary.display()))?;
    let unit = fs::read_to_string(root.join("agent/src/install/countersign-agent.service"))?;
    put(&tree, PROGRAM, &program, 0o755)?;
    put(&tree, UNIT, self::unit(&unit)?.as_bytes(), 0o644)?;
    put(&tree, COPYRIGHT, COPYRIGHT_TEXT.as_bytes(), 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        let text = fs::read(root.join("agent/packages/deb").join(script))?;
        put(&tree, &format!("DEBIAN/{script}"), &text, 0o755)?;
    }
    let control = control(version, arch, libc(&program), program.len());
    put(&tree, "DEBIAN/control", control.as_bytes(), 0o644)?;
    run::run(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", "--build"])
            .arg(&tree)
            .arg(&package),
    )?;
    fs::remove_dir_all(&tree)?;
    Ok(package)
}

/// Looks at a package: what is in it, for whom, and that its program runs.
pub(crate) fn check(package: &Path, version: &str) -> Result<()> {
    let contents = run::read(Command::new("dpkg-deb").arg("--contents").arg(package))?;
    for (file, mode) in [(PROGRAM, "-rwxr-xr-x"), (UNIT, "-rw-r--r--"), (COPYRIGHT, "-rw-r--r--")] {
        let listed =
            |line: &str| line.starts_with(&format!("{mode} root/root ")) && line.ends_with(&format!(" ./{file}"));
        ensure!(
            contents.lines().any(listed),
            "{file} is not in the package as it should:\n{contents}"
        );
    }
    let folder = package.with_extension("extracted");
    run::read(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&folder))?;
    let checked = super::check_program(&folder.join(PROGRAM), version);
    fs::remove_dir_all(&folder)?;
    checked
}

fn put(tree: &Path, file: &str, bytes: &[u8], mode: u32) -> Result<()> {
    let path = tree.join(file);
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(&path, bytes)?;
    set_mode(&path, mode)?;
    // Whatever this account's umask is.
    for folder in folder.ancestors().take_while(|f| *f != tree) {
        set_mode(folder, 0o755)?;
    }
    set_mode(tree, 0o755)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, PermissionsExt::from_mode(mode))?)
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> Result<()> {
    anyhow::bail!("a package for Debian is made on Linux")
}

fn unit(template: &str) -> Result<String> {
    ensure!(
        template.starts_with(WRITTEN_BY_AGENT),
        "the unit's first line is not the one that the agent knows its own by"
    );
    Ok(template
        .replacen(WRITTEN_BY_AGENT, "# Belongs to the package countersign-agent.", 1)
        .replace("{executable}", &format!("/{PROGRAM}"))
        .replace("{data}", DATA))
}

fn control(version: &str, arch: &str, libc: Option<String>, size: usize) -> String {
    let libc = libc.map(|v| format!("Depends: libc6 (>= {v})\n")).unwrap_or_default();
    let kilobytes = size.div_ceil(1024);
    format!(
        "Package: {NAME}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: Countersign <agent@countersign.invalid>\nInstalled-Size: {kilobytes}\n{libc}Recommends: ca-certificates\nSection: admin\nPriority: optional\nDescription: agent of a Countersign server\n It runs what was approved on this endpoint, and nothing else, and reports all\n of it, redacted, to its server.\n"
    )
}

/// The newest version of the C library that the program asks for by name: `GLIBC_2.34`.
fn libc(program: &[u8]) -> Option<String> {
    const WORD: &[u8] = b"GLIBC_2.";
    let found = program.windows(WORD.len()).enumerate().filter(|(_, w)| *w == WORD);
    let minors = found.filter_map(|(at, _)| {
        let digits: Vec<u8> = program[at + WORD.len()..]
            .iter()
            .copied()
            .take_while(u8::is_ascii_digit)
            .collect();
        String::from_utf8(digits).ok()?.parse::<u32>().ok()
    });
    minors.max().map(|minor| format!("2.{minor}"))
}

const COPYRIGHT_TEXT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Countersign\n\nFiles: *\nCopyright: the Countersign contributors\nLicense: Apache-2.0\n On Debian systems the text of this licence is in /usr/share/common-licenses/Apache-2.0.\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// A package around a program that is on every system, and answers `--version`.
    #[test]
    fn a_package_holds_program_unit_and_scripts() {
        let out = std::env::temp_dir().join(format!("countersign-deb-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        let package = make(root(), Path::new("/bin/cat"), "1.2.3", &out).unwrap();
        check(&package, "cat").unwrap();
        assert!(check(&package, "1.2.3").is_err(), "another program's version");
        let read = |args: &[&str]| {
            let mut dpkg = Command::new("dpkg-deb");
            run::read(dpkg.arg(args[0]).arg(&package).args(&args[1..])).unwrap()
        };
        let fields = read(&["--field"]);
        assert!(
            fields.contains("Version: 1.2.3") && fields.contains("Depends: libc6 (>= 2."),
            "{fields}"
        );
        for script in ["postinst", "prerm", "postrm"] {
            let text = read(&["--info", script]);
            let mut sh = Command::new("sh");
            run::read(sh.args(["-n", "-c", &text])).unwrap();
        }
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn the_unit_is_the_packages_own() {
        let template = fs::read_to_string(root().join("agent/src/install/countersign-agent.service")).unwrap();
        let unit = unit(&template).unwrap();
        assert!(
            unit.contains("\nExecStart=/usr/bin/countersign-agent run --data /var/lib/countersign-agent\n"),
            "{unit}"
        );
        assert!(
            !unit.contains("Written by countersign-agent install") && !unit.contains('{'),
            "{unit}"
        );
        let data = fs::read_to_string(root().join("agent/src/data.rs")).unwrap();
        assert!(data.contains(&format!("\"{DATA}\"")), "the agent's own default");
        let installer = fs::read_to_string(root().join("agent/src/install/linux.rs")).unwrap();
        assert!(installer.contains("\"# Written by countersign-agent install\""));
    }

    #[test]
    fn the_c_library_is_found_in_the_program() {
        assert_eq!(libc(b"..GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.17\0").as_deref(), Some("2.34"));
        assert_eq!(libc(b"static"), None);
    }
}
