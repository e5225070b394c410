//! Where things are: the checkout, the target folder and what the build puts into it.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rustc target of everything that runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The rustc target of the agent for Windows.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// The checkout this tool was built from, and its target folder.
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// `CARGO_TARGET_DIR`, or `target` below the root.
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // `cargo xtask` may be a binary built from another checkout that shares the target folder: ask cargo at run time.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&manifest)
            .parent()
            .context("xtask has no parent folder")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) if !folder.is_empty() => root.join(folder),
            Some(_) | None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// `cargo` with the checkout as working folder and this tool's target folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // leptos bakes this in when compiled; cargo-leptos sets it, and with it the names of the files would differ.
        command.env_remove("LEPTOS_OUTPUT_NAME");
        command
    }

    /// Where `cargo xtask build` puts the site unless told otherwise.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// A binary made for this host in `profile`'s folder.
    pub(crate) fn binary(&self, profile: Profile, name: &str) -> PathBuf {
        self.target
            .join(profile.folder())
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Where the stamps of a site's steps are: beside the site, so that nothing but what is served is in it.
pub(crate) fn stamps(site: &Path) -> PathBuf {
    let mut name = site.file_name().unwrap_or_default().to_owned();
    name.push("-stamps");
    site.with_file_name(name)
}

/// How the server and the agent are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build: tests and the demo.
    Dev,
    /// What is shipped and measured.
    Release,
}

impl Profile {
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}
