//! The project's own build tool, called by the `Makefile` and by `cargo xtask`: `build`, `test`, `tidy`, `demo`, `package`,
//! `bench`, `bench-redact`, and what makes releases of the agent.
//!
//! It needs nothing but cargo: the WASM is bound with the wasm-bindgen library and the style bundled with lightningcss, so
//! that neither `cargo-leptos`, the wasm-bindgen command nor Node is needed to build or to run the product. (Node and
//! Chromium are needed for the end-to-end tests alone.)
//!
//! Deliberately absent: installing anything (that is `scripts/setup.sh`), any knowledge of the product beyond the names of
//! its packages, and a dependency on any crate of this workspace.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

mod bench;
mod build;
mod demo;
mod flags;
mod hash;
mod msi;
mod package;
mod paths;
mod release;
mod run;
mod test;
mod tidy;
mod wine;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build [--release] [--site DIR]   frontend, verifier, style, server and agent
cargo xtask build --windows [--release]      countersign-agent.exe, with mingw-w64
cargo xtask test [--only STEP]...            every check, with times; the last line counts passed and failed
cargo xtask tidy                             the checks that read the tree: dependency direction, words, licences
cargo xtask demo [--release] [--port N]      builds and runs a demo organisation below ./.demo
cargo xtask package --deb [--out DIR]        the agent's package, from a release build, looked at
cargo xtask bench [ARGS]...                  builds and runs the benchmarks (release profile)
cargo xtask bench-redact                     the benchmark of redaction alone
cargo xtask package-msi --binary FILE --version X [--out DIR]
cargo xtask release-key --key FILE           makes a key that signs releases of the agent
cargo xtask stamp --binary FILE --version X --out FILE
cargo xtask sign-release --key FILE --binary FILE --version X --target T [--minimum X] [--not-before TIME]

CARGO_TARGET_DIR says where builds go; `make` points it outside the checkout so that checkouts share it.
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut args: Vec<String>) -> Result<ExitCode> {
    if args.is_empty() {
        print!("{HELP}");
        return Ok(ExitCode::FAILURE);
    }
    let command = args.remove(0);
    let workspace = paths::Workspace::find()?;
    match command.as_str() {
        "build" => build::command(&workspace, args),
        "test" => test::command(&workspace, args),
        "tidy" => tidy::command(&workspace, args),
        "demo" => demo::command(&workspace, args),
        "package" => package::command(&workspace, args),
        "bench" => bench::command(&workspace, args),
        "bench-redact" => bench::redaction(&workspace),
        "package-msi" => msi::command(&workspace, args),
        "release-key" | "stamp" | "sign-release" => release::command(&workspace, &command, args),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("no command {other:?}\n\n{HELP}"),
    }
}
