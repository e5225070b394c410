//! The agent's own program, connected and with nothing to do: its resident memory, and its share of a core. The baselines
//! are the goals.

use std::time::Duration;

use anyhow::Result;

use crate::world::World;
use crate::{Row, child};

/// From the connection to the first look.
const SETTLE: Duration = Duration::from_secs(3);
/// Longer than a heartbeat of 20 s, so that one is in it.
const WATCHED: Duration = Duration::from_secs(25);

pub(crate) async fn measure() -> Result<Vec<Row>> {
    let world = World::new().await?;
    let (running, mut agent, _) = crate::latency::connect(&world).await?;
    let process = agent.id().to_string();
    tokio::time::sleep(SETTLE).await;
    let before = on_cpu(&process)?;
    tokio::time::sleep(WATCHED).await;
    let share = (on_cpu(&process)? - before).as_secs_f64() / WATCHED.as_secs_f64() * 100.0;
    let memory = child::memory_of(&process)? / f64::from(1 << 20);
    let _ = agent.kill();
    let _ = agent.wait();
    running.stop().await;
    Ok(vec![
        Row {
            what: "idle agent, resident memory",
            ours: memory,
            baseline: 15.0,
            unit: "MiB",
            against: "the goal",
        },
        Row {
            what: "idle agent, share of a core",
            ours: share * 1000.0,
            baseline: 100.0,
            unit: "thousandths of a per cent",
            against: "the goal",
        },
    ])
}

/// The time that all threads of a process spent on a processor: the first field of `schedstat`, in nanoseconds.
fn on_cpu(process: &str) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let stat = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += stat.split_whitespace().next().unwrap_or("0").parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}
