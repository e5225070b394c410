//! The server and the agent for this host.

use crate::paths::{Profile, Workspace};
use crate::run;
use anyhow::Result;

/// The packages that make binaries, with the binaries' names.
pub(crate) const BINARIES: [(&str, &str); 2] = [
    ("countersign", "countersign"),
    ("countersign-agent", "countersign-agent"),
];

/// The packages left out of builds for this host: this tool (its dependencies would change the features of everything
/// else), and the frontend (it turns on Leptos' `hydrate`, which must never meet `ssr` in one build).
pub(crate) const APART: [&str; 2] = ["xtask", "countersign-frontend"];

/// With which set of features the binaries are built. Cargo unites the features of all packages that it builds at once,
/// so a build of two packages and a test of all share few artefacts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Natives {
    /// Only what the binaries need: the demo, a release.
    Lean,
    /// The features of `cargo test --workspace`, so that after the tests nothing is compiled a second time.
    AsTested,
}

pub(crate) fn build(workspace: &Workspace, profile: Profile, natives: Natives) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.arg("build");
    match natives {
        Natives::Lean => {
            for (package, binary) in BINARIES {
                cargo.args(["--package", package, "--bin", binary]);
            }
        }
        Natives::AsTested => {
            cargo.args(whole_workspace()).args(["--bins", "--tests"]);
        }
    }
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run::run(&mut cargo)
}

/// Cargo's arguments for every package that is built for this host.
pub(crate) fn whole_workspace() -> Vec<String> {
    let mut args = vec!["--workspace".to_owned()];
    args.extend(
        APART
            .iter()
            .flat_map(|package| ["--exclude".to_owned(), (*package).to_owned()]),
    );
    args
}
