//! `cargo xtask build`: everything the product needs to run, in one site folder and two binaries.
//!
//! Each step first lets cargo say whether the code changed, then compares a hash of its inputs with the stamp of the last
//! time, so that a second call takes seconds. What is where in the site folder:
//!
//! | file | what |
//! |---|---|
//! | `pkg/countersign.js`, `pkg/countersign_bg.wasm` | the hydrated app (names as Leptos' `HydrationScripts` expects) |
//! | `pkg/countersign.css` | `style/main.css` with its imports, minified |
//! | `verifier/verifier.wasm`, `verifier/share.js` | what a public share page loads: small, separate from the app |
//! | `*.br` | brotli beside each larger file, release builds only |

mod compress;
mod native;
mod style;
mod wasm;
pub(crate) mod windows;

pub(crate) use native::{BINARIES, Natives, build as build_natives, whole_workspace};

use crate::flags::Flags;
use crate::paths::{Profile, Workspace};
use crate::run;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What to build and where to.
pub(crate) struct Options {
    pub(crate) profile: Profile,
    /// The folder that the server serves from.
    pub(crate) site: PathBuf,
    pub(crate) natives: Natives,
}

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    let mut flags = Flags::new(args);
    let profile = if flags.has("--release") {
        Profile::Release
    } else {
        Profile::Dev
    };
    if flags.has("--windows") {
        flags.done()?;
        run::timed("agent for Windows", || windows::build(workspace, profile))?;
        return Ok(ExitCode::SUCCESS);
    }
    let site = flags
        .value("--site")?
        .map_or_else(|| workspace.site(), |folder| workspace.root.join(folder));
    flags.done()?;
    build(
        workspace,
        &Options {
            profile,
            site,
            natives: Natives::Lean,
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Builds everything and prints sizes and times.
pub(crate) fn build(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let (profile, site) = (options.profile, options.site.as_path());
    run::timed("style", || style::build(workspace, site))?;
    run::timed("frontend for the browser", || wasm::frontend(workspace, profile, site))?;
    run::timed("verifier for the browser", || wasm::verifier(workspace, site))?;
    run::timed("compressed copies", || compress::site(profile, site))?;
    run::timed("server and agent", || {
        native::build(workspace, profile, options.natives)
    })?;
    report(workspace, options)?;
    println!("    built in {}", run::duration(start.elapsed()));
    Ok(())
}

fn report(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut files = compress::files(&options.site)?;
    files.extend(BINARIES.iter().map(|(_, name)| workspace.binary(options.profile, name)));
    println!("    site: {}", options.site.display());
    for file in files {
        let name = file.strip_prefix(&options.site).unwrap_or(&file);
        let compressed = length(&compress::beside(&file)).map(|bytes| format!(", {} with brotli", run::size(bytes)));
        let bytes = run::size(length(&file).unwrap_or(0));
        println!(
            "    {:>10}  {}{}",
            bytes,
            name.display(),
            compressed.unwrap_or_default()
        );
    }
    Ok(())
}

fn length(file: &Path) -> Option<u64> {
    file.metadata().ok().map(|meta| meta.len())
}
