//! `cargo xtask tidy`: rules that are about the tree as a whole and that no compiler checks.
//!
//! Each rule returns the places that break it. A rule that cannot be checked (no metadata, an unreadable file) is an error
//! and never counts as kept.

mod edges;
mod licences;
mod text;
pub(crate) mod walk;

use crate::flags::Flags;
use crate::paths::{WASM, WINDOWS, Workspace};
use crate::run;
use anyhow::{Context, Result};
use serde_json::Value;
use std::process::ExitCode;

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    Flags::new(args).done()?;
    let broken = check(workspace)?;
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Checks every rule, prints what breaks one, and returns how many places do.
pub(crate) fn check(workspace: &Workspace) -> Result<usize> {
    let members = metadata(workspace, &["--no-deps"])?;
    let everything = metadata(
        workspace,
        &[
            "--filter-platform",
            host(),
            "--filter-platform",
            WASM,
            "--filter-platform",
            WINDOWS,
        ],
    )?;
    let deny = std::fs::read_to_string(workspace.root.join("deny.toml")).context("reading deny.toml")?;
    let files = text::read(&workspace.root)?;

    let mut broken = 0;
    broken += show("dependency direction (ARCHITECTURE.md)", &edges::check(&members)?);
    broken += show(
        "licences and sources (deny.toml)",
        &licences::check(&everything, &deny)?,
    );
    broken += show("words and calls that must not appear", &text::check(&files));
    for (file, lines) in text::long(&files) {
        println!("    note: {file} has {lines} lines: look for the second idea");
    }
    Ok(broken)
}

fn show(rule: &str, places: &[String]) -> usize {
    println!(
        "    {rule}: {}",
        if places.is_empty() {
            "kept".to_owned()
        } else {
            format!("BROKEN {}", places.len())
        }
    );
    for place in places {
        println!("      {place}");
    }
    places.len()
}

fn metadata(workspace: &Workspace, args: &[&str]) -> Result<Value> {
    let text = run::read(workspace.cargo().args(["metadata", "--format-version", "1"]).args(args))?;
    serde_json::from_str(&text).context("cargo metadata printed no JSON")
}

/// This host's target, as far as the choice of dependencies goes.
fn host() -> &'static str {
    if cfg!(windows) {
        "x86_64-pc-windows-msvc"
    } else if cfg!(target_os = "macos") {
        "aarch64-apple-darwin"
    } else if cfg!(target_arch = "aarch64") {
        "aarch64-unknown-linux-gnu"
    } else {
        "x86_64-unknown-linux-gnu"
    }
}
