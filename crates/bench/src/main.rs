//! The benchmarks: each figure beside a baseline that was measured in the same run, on the same machine, with the ratio. A
//! single figure says little, since machines differ; the ratio is what to compare.
//!
//! `cargo xtask bench`, or `cargo xtask bench appends redaction export latency` for some of them.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

mod append;
mod cpu;
mod export;
mod latency;
mod redaction;
mod world;

use anyhow::{Result, bail};

/// One line of the table.
struct Row {
    what: &'static str,
    ours: f64,
    baseline: f64,
    unit: &'static str,
    against: &'static str,
}

#[tokio::main]
async fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = ["appends", "redaction", "export", "latency"];
    if let Some(unknown) = wanted.iter().find(|w| !known.contains(&w.as_str())) {
        bail!("there is no benchmark {unknown}; there are {}", known.join(", "));
    }
    let all = wanted.is_empty();
    let run = |name: &str| all || wanted.iter().any(|w| w == name);
    let mut rows = Vec::new();
    if run("appends") {
        rows.extend(append::measure().await?);
    }
    if run("redaction") {
        rows.extend(redaction::measure());
    }
    if run("export") {
        rows.push(export::measure().await?);
    }
    if run("latency") {
        rows.push(latency::measure().await?);
    }
    println!(
        "\n{:<46}{:>14}{:>14}{:>9}  unit, baseline",
        "what", "ours", "baseline", "ratio"
    );
    for r in rows {
        let ratio = r.ours / r.baseline;
        println!(
            "{:<46}{:>14.1}{:>14.1}{:>9.2}  {}, against {}",
            r.what, r.ours, r.baseline, ratio, r.unit, r.against
        );
    }
    Ok(())
}
