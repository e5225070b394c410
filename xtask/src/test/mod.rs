//! `cargo xtask test`: every check in order, a table of times, and a last line `N passed, N failed`.
//!
//! The numbers are the runners' own, read from their closing lines. What has no tests of its own (format, clippy, tidy,
//! the build) adds nothing when it passes and one failure when it fails, so that "0 failed" is never printed beside a
//! failed step. A runner that closes without a count, that ran nothing or that left a test out has failed.

mod steps;
mod summary;

use crate::flags::Flags;
use crate::paths::Workspace;
use crate::run;
use anyhow::{Result, bail};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use steps::STEPS;

pub(crate) use steps::in_end2end;

/// How one step went.
struct Outcome {
    name: &'static str,
    passed: u64,
    failed: u64,
    took: Duration,
}

pub(crate) fn command(workspace: &Workspace, args: Vec<String>) -> Result<ExitCode> {
    let mut flags = Flags::new(args);
    let only = flags.values("--only")?;
    flags.done()?;
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("no step {unknown:?}; there are: {}", names.join(", "));
    }

    let start = Instant::now();
    let chosen = STEPS
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name));
    let outcomes: Vec<Outcome> = chosen.map(|step| perform(workspace, step)).collect();
    print_table(&outcomes, start.elapsed());
    let (passed, failed) = outcomes
        .iter()
        .fold((0, 0), |sum, step| (sum.0 + step.passed, sum.1 + step.failed));
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn perform(workspace: &Workspace, step: &steps::Step) -> Outcome {
    let start = Instant::now();
    let result = run::timed(&format!("{}: {}", step.name, step.what), || (step.run)(workspace));
    let took = start.elapsed();
    match result {
        Ok(counts) => {
            if counts.left_out > 0 {
                println!(
                    "    {}: {} tests were ignored, skipped, cancelled or filtered out",
                    step.name, counts.left_out
                );
            }
            Outcome {
                name: step.name,
                passed: counts.passed,
                failed: counts.failed,
                took,
            }
        }
        Err(error) => {
            println!("    {}: {error:#}", step.name);
            Outcome {
                name: step.name,
                passed: 0,
                failed: 1,
                took,
            }
        }
    }
}

fn print_table(outcomes: &[Outcome], total: Duration) {
    println!("\n{:<14}{:>8}{:>8}  {:>12}", "step", "passed", "failed", "time");
    for step in outcomes {
        println!(
            "{:<14}{:>8}{:>8}  {:>12}",
            step.name,
            step.passed,
            step.failed,
            run::duration(step.took)
        );
    }
    println!("{:<14}{:>8}{:>8}  {:>12}", "all", "", "", run::duration(total));
}
