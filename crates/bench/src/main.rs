//! The benchmarks: each figure beside a baseline that was measured in the same run, on the same machine, with the ratio. A
//! single figure says little, since machines differ; the ratio is what to compare.
//!
//! `cargo xtask bench`, or `cargo xtask bench appends verify redaction export latency` for some of them. What takes minutes runs
//! only when it is named: `cargo xtask bench slow-link`.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

mod append;
mod child;
mod connections;
mod cpu;
mod export;
mod idle;
mod latency;
mod output;
mod peer;
mod record_size;
mod redaction;
mod round_trip;
mod slow_link;
mod verify;
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
    if let [first, role, args @ ..] = wanted.as_slice()
        && first == child::ROLE
    {
        return play(role, args).await;
    }
    let known = [
        "appends",
        "verify",
        "record-size",
        "redaction",
        "export",
        "latency",
        "round-trip",
        "output",
        "idle",
        "connections",
        "slow-link",
    ];
    if let Some(unknown) = wanted.iter().find(|w| !known.contains(&w.as_str())) {
        bail!("there is no benchmark {unknown}; there are {}", known.join(", "));
    }
    let all = wanted.is_empty();
    let run = |name: &str| all || wanted.iter().any(|w| w == name);
    let mut rows = Vec::new();
    if run("appends") {
        rows.extend(append::measure().await?);
    }
    if run("verify") {
        rows.extend(verify::measure()?);
    }
    if run("record-size") {
        rows.extend(record_size::measure().await?);
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
    if run("round-trip") {
        rows.push(round_trip::measure().await?);
    }
    if run("output") {
        rows.push(output::measure().await?);
    }
    if run("idle") {
        rows.extend(idle::measure().await?);
    }
    if run("connections") {
        rows.push(connections::measure().await?);
    }
    if wanted.iter().any(|w| w == "slow-link") {
        rows.extend(slow_link::measure().await?);
    }
    println!(
        "\n{:<46}{:>14}{:>14}{:>9}  unit, baseline",
        "what", "ours", "baseline", "ratio"
    );
    for r in rows {
        let ratio = r.ours / r.baseline;
        println!(
            "{:<46}{:>14.1}{:>14.1}{:>9.3}  {}, against {}",
            r.what, r.ours, r.baseline, ratio, r.unit, r.against
        );
    }
    Ok(())
}

/// What this program does as a child of itself.
async fn play(role: &str, args: &[String]) -> Result<()> {
    match (role, args) {
        (output::ROLE, [script]) => output::acknowledge(script).await,
        (connections::SERVER, [data]) => connections::real_server(data.as_ref()).await,
        (connections::BARE, []) => connections::bare_server().await,
        (connections::ENROLLING, [url, folder]) => connections::enrolling(url, folder.as_ref()).await,
        (connections::AGENT, [url, folder, from, to]) => {
            connections::agents(url, folder.as_ref(), from.parse()?, to.parse()?).await
        }
        (connections::CLIENT, [url, _, from, to]) => {
            let (from, to): (usize, usize) = (from.parse()?, to.parse()?);
            connections::bare_clients(url, to - from).await
        }
        _ => bail!("there is no role {role} with {} arguments", args.len()),
    }
}
