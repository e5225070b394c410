//! The steps of `cargo xtask test`, in the order in which they run: what is quick to fail first.

use crate::build::{self, Natives, Options, whole_workspace};
use crate::msi::{self, PROGRAM};
use crate::paths::{Profile, WASM, WINDOWS, Workspace};
use crate::run;
use crate::test::summary::{self, Counts};
use crate::tidy::{self, walk};
use crate::wine::Wine;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// One step: a name for `--only`, what it does, and how.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) run: fn(&Workspace) -> Result<Counts>,
}

/// Every step.
pub(super) const STEPS: [Step; 9] = [
    Step {
        name: "fmt",
        what: "format of all Rust code",
        run: fmt,
    },
    Step {
        name: "tidy",
        what: "dependency direction, licences, words",
        run: tidy,
    },
    Step {
        name: "clippy",
        what: "lints for this host",
        run: clippy,
    },
    Step {
        name: "clippy-wasm",
        what: "lints for the browser",
        run: clippy_wasm,
    },
    Step {
        name: "xtask",
        what: "this tool's own tests",
        run: xtask,
    },
    Step {
        name: "rust",
        what: "unit, property, integration and documentation tests",
        run: rust,
    },
    Step {
        name: "windows",
        what: "lints and tests of the agent for Windows, under Wine",
        run: windows,
    },
    Step {
        name: "build",
        what: "what the end-to-end tests run",
        run: site,
    },
    Step {
        name: "end2end",
        what: "journeys in headless Chromium",
        run: end2end,
    },
];

/// Seconds after which the tests of the workspace are taken to hang, those that run beside others and those that run alone; about
/// five times what they take.
const BESIDE_LIMIT: u32 = 1500;
const ALONE_LIMIT: u32 = 900;

/// Seconds after which the end-to-end tests are taken to hang; each test has its own, far shorter limit.
const END2END_LIMIT: &str = "1500";

/// Seconds after which Wine is taken to hang.
const WINDOWS_LIMIT: u32 = 900;

/// What there is for Windows, as cargo's flags.
const FOR_WINDOWS: [&str; 6] = [
    "--target",
    WINDOWS,
    "--package",
    "countersign-windows",
    "--package",
    "countersign-agent",
];

fn fmt(workspace: &Workspace) -> Result<Counts> {
    run::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Counts::default())
}

fn tidy(workspace: &Workspace) -> Result<Counts> {
    let broken = tidy::check(workspace)?;
    ensure!(broken == 0, "{broken} places break a rule");
    Ok(Counts::default())
}

/// Twice, because this tool is never compiled together with the product (see `build::native`).
fn clippy(workspace: &Workspace) -> Result<Counts> {
    for packages in [vec!["--package".to_owned(), "xtask".to_owned()], whole_workspace()] {
        run::run(
            workspace
                .cargo()
                .arg("clippy")
                .args(packages)
                .args(["--all-targets", "--", "-D", "warnings"]),
        )?;
    }
    Ok(Counts::default())
}

fn clippy_wasm(workspace: &Workspace) -> Result<Counts> {
    let packages = ["--package", "countersign-frontend", "--package", "countersign-verifier"];
    run::run(
        workspace
            .cargo()
            .arg("clippy")
            .args(packages)
            .args(["--target", WASM, "--", "-D", "warnings"]),
    )?;
    Ok(Counts::default())
}

fn xtask(workspace: &Workspace) -> Result<Counts> {
    cargo_test(workspace, &["--package".to_owned(), "xtask".to_owned()])
}

/// Tests that keep both processors and the disk busy by themselves. Beside others they would fail those that watch the time.
const ALONE: &str = "durability::";

fn rust(workspace: &Workspace) -> Result<Counts> {
    let packages = whole_workspace();
    let test = || {
        let mut cargo = workspace.cargo();
        cargo.arg("test").args(&packages).arg("--no-fail-fast");
        cargo
    };
    run::run(test().arg("--no-run"))?;
    let (beside, first) = run::tee(&mut run::limited(test().args(["--", "--skip", ALONE]), BESIDE_LIMIT))?;
    let (alone, second) = run::tee(&mut run::limited(test().args(["--test", "it", ALONE]), ALONE_LIMIT))?;
    let (first, second) = (summary::of_cargo(&first)?, summary::of_cargo(&second)?);
    // What the first run left out is what the second ran, neither less nor more.
    let counts = Counts {
        passed: first.passed + second.passed,
        failed: first.failed + second.failed,
        left_out: first.left_out.abs_diff(second.passed + second.failed),
    };
    summary::judge(counts, beside.success() && alone.success())
}

fn cargo_test(workspace: &Workspace, packages: &[String]) -> Result<Counts> {
    let (status, output) = run::tee(workspace.cargo().arg("test").args(packages).arg("--no-fail-fast"))?;
    summary::judge(summary::of_cargo(&output)?, status.success())
}

/// What is compiled for Windows alone has its lints here, too. Time-outs are the tests' own; this one is for a Wine that hangs.
fn windows(workspace: &Workspace) -> Result<Counts> {
    run::run(build::windows::cargo(workspace).arg("clippy").args(FOR_WINDOWS).args([
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    build_for_windows(workspace)?;
    let packages = packages(workspace)?;
    let wine = Wine::start(workspace)?;
    let mut cargo = build::windows::cargo(workspace);
    wine.runs_for(&mut cargo);
    cargo.env("COUNTERSIGN_PACKAGES", packages);
    cargo.arg("test").args(FOR_WINDOWS).arg("--no-fail-fast");
    let (status, output) = run::tee(&mut run::limited(&cargo, WINDOWS_LIMIT))?;
    summary::judge(summary::of_cargo(&output)?, status.success())
}

/// Makes the packages that the tests install and remove: of one program, as two versions.
fn packages(workspace: &Workspace) -> Result<PathBuf> {
    let binary = workspace.target.join(WINDOWS).join(Profile::Dev.folder()).join(PROGRAM);
    let out = workspace.target.join("msi").join("tested");
    for version in ["0.1.0", "0.2.0"] {
        msi::make(workspace, &binary, version, &out)?;
    }
    Ok(out)
}

/// Builds the tests and the programs for Windows, with the tests' features, so that nothing is compiled twice.
fn build_for_windows(workspace: &Workspace) -> Result<()> {
    run::run(
        build::windows::cargo(workspace)
            .args(["test", "--no-run"])
            .args(FOR_WINDOWS),
    )
}

fn site(workspace: &Workspace) -> Result<Counts> {
    build_for_windows(workspace)?;
    build::build(workspace, &options(workspace))?;
    Ok(Counts::default())
}

/// Has `command`, which runs node, run in `end2end/` and find what was built and the browser. What it needs is installed by
/// `scripts/setup.sh test`.
pub(crate) fn in_end2end(command: &mut Command, workspace: &Workspace, options: &Options) -> Result<()> {
    const REMEDY: &str = "run `scripts/setup.sh test`, which installs it, or see its message";
    let folder = workspace.root.join("end2end");
    run::read(Command::new("node").arg("--version")).context(format!("node is missing: {REMEDY}"))?;
    ensure!(
        folder.join("node_modules/playwright-core").is_dir(),
        "end2end/node_modules is missing: {REMEDY}"
    );
    let chromium = chromium().with_context(|| format!("chromium is missing: {REMEDY}"))?;
    let [(_, server), (_, agent)] = build::BINARIES;
    command
        .current_dir(&folder)
        .env("COUNTERSIGN_BIN", workspace.binary(options.profile, server))
        .env("COUNTERSIGN_AGENT_BIN", workspace.binary(options.profile, agent))
        .env("COUNTERSIGN_SITE", &options.site)
        .env("CHROMIUM", chromium);
    Ok(())
}

fn options(workspace: &Workspace) -> Options {
    Options {
        profile: Profile::Dev,
        site: workspace.site(),
        natives: Natives::AsTested,
    }
}

/// Runs every `*.test.mjs` below `end2end/` with node's own runner.
fn end2end(workspace: &Workspace) -> Result<Counts> {
    let folder = workspace.root.join("end2end");
    let mut tests: Vec<PathBuf> = walk::files(&folder)?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    tests.sort();
    let mut node = Command::new("timeout");
    node.args([
        "--kill-after=20",
        END2END_LIMIT,
        "node",
        "--test",
        "--test-reporter=spec",
        "--test-concurrency=1",
    ]);
    node.args(tests.iter().map(|file| file.strip_prefix(&folder).unwrap_or(file)));
    in_end2end(&mut node, workspace, &options(workspace))?;
    node.env(
        "COUNTERSIGN_WINDOWS",
        workspace.target.join(WINDOWS).join(Profile::Dev.folder()),
    );
    let wine = Wine::start(workspace)?;
    wine.lend_to(&mut node);
    let (status, output) = run::tee(&mut node)?;
    summary::judge(summary::of_node(&output)?, status.success())
}

/// The browser: `CHROMIUM`, or the first of its usual names on the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|name| !name.is_empty()) {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}
