//! Approve to first output: from the moment the contact decides to the first output of the script in the record, with the
//! real agent over a real socket; against the same script started on this machine with nothing around it.

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use domain::action::{Command, Script, Shell};
use domain::api::{
    Actions, Approvals, Decision, EndpointState, Endpoints, LiveItem, NewSession, Proposal, Ruling, Sessions,
};
use domain::ids::{EndpointId, SessionId};
use engine::Deps;
use tokio::net::TcpListener;

use crate::Row;
use crate::world::World;

const ROUNDS: usize = 30;
const SCRIPT: &str = "echo ready";

pub(crate) async fn measure() -> Result<Row> {
    let world = World::new().await?;
    let (running, mut agent, endpoint) = connect(&world).await?;
    let new = NewSession {
        endpoint,
        reason: "Bench".into(),
        ticket: String::new(),
    };
    let session = world.engine.open_session(&world.technician, new).await?;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let approval = asked(&world, session, SCRIPT).await?;
        let from = world.engine.session(&world.technician, session).await?.head;
        let mut wake = world.engine.subscribe();
        let started = Instant::now();
        world.engine.decide(&world.contact, approval).await?;
        let mut cursor = from;
        'waiting: loop {
            let (items, next) = world.engine.session_since(&world.technician, session, cursor).await?;
            if items.iter().any(|(_, item)| matches!(item, LiveItem::Output { .. })) {
                break 'waiting;
            }
            cursor = next;
            let _ = tokio::time::timeout(Duration::from_secs(10), wake.recv())
                .await
                .context("no output in 10 s")?;
        }
        took.push(started.elapsed());
        settle(&world, session).await?;
    }
    let _ = agent.kill();
    let _ = agent.wait();
    running.stop().await;
    let mut alone = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        Process::new("sh")
            .args(["-c", SCRIPT])
            .output()
            .context("starting sh")?;
        alone.push(started.elapsed());
    }
    let (ours, baseline) = (median_ms(&mut took), median_ms(&mut alone));
    Ok(Row {
        what: "approve to first output, median",
        ours,
        baseline,
        unit: "ms",
        against: "the script started by hand",
    })
}

fn median_ms(took: &mut [Duration]) -> f64 {
    took.sort_unstable();
    took.get(took.len() / 2).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}

/// Asks for a script; the decision that lets it run.
pub(crate) async fn asked(world: &World, session: SessionId, text: &str) -> Result<Decision> {
    let command = Command::Script(Script {
        shell: Shell::Sh,
        text: text.into(),
    });
    world
        .engine
        .propose(&world.technician, Proposal { session, command })
        .await?;
    let waiting = world.engine.approvals(&world.contact).await?;
    let request = waiting.first().context("nothing waits")?.id;
    Ok(Decision {
        request,
        shown: world.engine.approval(&world.contact, request).await?.digest,
        ruling: Ruling::Approve,
    })
}

/// Waits until the action has ended.
pub(crate) async fn settle(world: &World, session: SessionId) -> Result<()> {
    for _ in 0..500 {
        let view = world.engine.session(&world.technician, session).await?;
        if view.actions.iter().all(|a| a.outcome.is_some() || a.refusal.is_some()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("an action did not end")
}

/// The agent's program, built beside this one.
pub(crate) fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let agent = own.with_file_name("countersign-agent");
    if !agent.exists() {
        bail!(
            "{} is not there: run this through `cargo xtask bench`, which builds it",
            agent.display()
        );
    }
    Ok(agent)
}

/// Starts the server on a free port, and the real agent against it.
pub(crate) async fn connect(world: &World) -> Result<(server::wiring::Running, std::process::Child, EndpointId)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let site = world.folder.path().to_owned();
    let config = server::wiring::Config {
        public_url: url.clone(),
        site,
        trusted_proxy: None,
        witnesses: vec![],
        copies: vec![],
        alarms: vec![],
        incidents: None,
        releases: Default::default(),
    };
    let running = server::wiring::start(listener, config, world.engine.clone(), Deps::system()).await?;
    let token = world
        .engine
        .create_token(&world.admin, domain::api::TokenSpec::once(world.client))
        .await?
        .token;
    let (program, data) = (program()?, world.folder.path().join("agent"));
    let enrol = tokio::process::Command::new(&program)
        .args(["enrol", "--url", &url, "--token", &token, "--data"])
        .arg(&data)
        .output()
        .await?;
    anyhow::ensure!(
        enrol.status.success(),
        "the agent could not enrol: {}",
        String::from_utf8_lossy(&enrol.stderr)
    );
    let run = Process::new(&program)
        .arg("run")
        .arg("--data")
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    for _ in 0..300 {
        let ready = world
            .engine
            .endpoints(&world.admin)
            .await?
            .into_iter()
            .find(|e| e.state == EndpointState::Ready);
        if let Some(ready) = ready {
            return Ok((running, run, ready.id));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the agent did not connect")
}

/// An endpoint that is enrolled and not connected, for benchmarks that need a session but no agent.
pub(crate) async fn enrol_only(world: &World) -> Result<EndpointId> {
    let (running, mut agent, endpoint) = connect(world).await?;
    let _ = agent.kill();
    let _ = agent.wait();
    running.stop().await;
    Ok(endpoint)
}
