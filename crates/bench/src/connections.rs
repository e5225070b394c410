//! What an idle agent costs the server: resident memory for each of 5,000 connected agents (the real link, many in a
//! process), against as many connections of a bare tungstenite server with small buffers. Each server has a process of its
//! own that does nothing before; each is asked for its memory before and after the connections are made.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::actions::Actions;
use agent::agent::Agent;
use agent::command::Enrolment;
use agent::data::DataDir;
use agent::identity::Identity;
use agent::link::{self, LinkState, Phase};
use anyhow::{Context, Result};
use domain::api::{Endpoints as _, TokenSpec};
use engine::{Config, Deps, Engine};
use futures_util::StreamExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::Row;
use crate::child::{Child, answer, say};
use crate::peer::folder_in_memory;
use crate::world::World;

const AGENTS: usize = 5000;
/// Agents in one process, which may open some thousands of files.
const IN_A_PROCESS: usize = 1250;
/// From the last connection to the second look.
const SETTLE: Duration = Duration::from_secs(5);
/// Agents that are let in at the same time.
const AT_ONCE: usize = 50;

/// The roles of the other processes.
pub(crate) const SERVER: &str = "server";
pub(crate) const BARE: &str = "bare-server";
pub(crate) const AGENT: &str = "agents";
pub(crate) const CLIENT: &str = "bare-clients";
pub(crate) const ENROLLING: &str = "enrolling";

/// The file with the token to enrol with, and what is said once all did.
const TOKEN: &str = "token";
const DONE: &str = "enrolled";

pub(crate) async fn measure() -> Result<Row> {
    let world = World::new().await?;
    let agents = folder_in_memory()?;
    // Enrolled with one server, measured with another one on the same data: what enrolling leaves behind is not counted.
    enrol(&world, agents.path()).await?;
    let data = world.folder.path().display().to_string();
    world.engine.close().await;
    let folder = agents.path().display().to_string();
    let ours = tokio::task::spawn_blocking(move || per_connection(SERVER, &[data], AGENT, &folder)).await??;
    let baseline = tokio::task::spawn_blocking(move || per_connection(BARE, &[], CLIENT, "")).await??;
    Ok(Row {
        what: "server memory, each of 5,000 idle agents",
        ours: ours / 1024.0,
        baseline: baseline / 1024.0,
        unit: "KiB (goal: ratio 2)",
        against: "a bare tungstenite server",
    })
}

/// What each connection adds to the memory of a server, in bytes.
fn per_connection(server: &str, args: &[String], client: &str, folder: &str) -> Result<f64> {
    let mut server = Child::start(server, args)?;
    let url = server.line()?;
    // The first connections also pay for what is made once.
    let part = |from: usize, to: usize| {
        let args = [url.clone(), folder.to_owned(), from.to_string(), to.to_string()];
        let mut child = Child::start(client, &args)?;
        let said = child.line()?;
        anyhow::ensure!(said == "connected", "the clients said: {said}");
        Ok::<_, anyhow::Error>(child)
    };
    let mut clients = vec![part(0, IN_A_PROCESS / 10)?];
    std::thread::sleep(SETTLE);
    let before = server.memory()?;
    let mut from = IN_A_PROCESS / 10;
    while from < AGENTS {
        let to = (from + IN_A_PROCESS).min(AGENTS);
        clients.push(part(from, to)?);
        from = to;
    }
    std::thread::sleep(SETTLE);
    Ok((server.memory()? - before) / (AGENTS - IN_A_PROCESS / 10) as f64)
}

fn folder_of(folder: &Path, n: usize) -> std::path::PathBuf {
    folder.join(n.to_string())
}

async fn enrol(world: &World, folder: &Path) -> Result<()> {
    let (running, url) = serve(world.engine.clone(), world.folder.path()).await?;
    let spec = TokenSpec {
        uses: u32::try_from(AGENTS)?,
        ..TokenSpec::once(world.client)
    };
    let made = world.engine.create_token(&world.admin, spec).await?;
    std::fs::write(folder.join(TOKEN), made.token)?;
    let mut enrolling = Child::start(ENROLLING, &[url, folder.display().to_string()])?;
    tokio::task::spawn_blocking(move || enrolling.until(DONE)).await??;
    running.stop().await;
    Ok(())
}

/// Enrols the agents with the token, as their program does it.
pub(crate) async fn enrolling(url: &str, folder: &Path) -> Result<()> {
    let token = std::fs::read_to_string(folder.join(TOKEN))?;
    let mut tasks = JoinSet::new();
    for n in 0..AGENTS {
        let (url, token, data) = (url.to_owned(), token.clone(), folder_of(folder, n));
        tasks.spawn(async move {
            agent::command::enrol(Enrolment {
                url: &url,
                token: &token,
                data: &data,
                name: Some(format!("agent-{n}")),
                ca: None,
                release_key: None,
            })
            .await
        });
        if tasks.len() >= AT_ONCE {
            tasks.join_next().await.context("a task")???;
        }
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    say(DONE);
    Ok(())
}

async fn serve(engine: Engine, site: &Path) -> Result<(server::wiring::Running, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let config = server::wiring::Config {
        public_url: url.clone(),
        site: site.to_owned(),
        trusted_proxy: None,
        witnesses: vec![],
        copies: vec![],
        alarms: vec![],
        incidents: None,
        releases: Default::default(),
    };
    Ok((
        server::wiring::start(listener, config, engine, Deps::system()).await?,
        url,
    ))
}

/// The real server on a data folder.
pub(crate) async fn real_server(data: &Path) -> Result<()> {
    let config = Config {
        data: data.to_owned(),
        public_url: "http://127.0.0.1".into(),
    };
    let (_running, url) = serve(Engine::open(config, Deps::system()).await?, data).await?;
    say(&url);
    answer().await
}

/// A server that takes WebSockets and waits.
pub(crate) async fn bare_server() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?));
    let small = WebSocketConfig::default()
        .read_buffer_size(2 * 1024)
        .write_buffer_size(0)
        .max_message_size(Some(wire::MAX_FRAME))
        .max_frame_size(Some(wire::MAX_FRAME));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(mut socket) = tokio_tungstenite::accept_async_with_config(stream, Some(small)).await {
                    while let Some(Ok(_)) = socket.next().await {}
                }
            });
        }
    });
    answer().await
}

/// The agents `from` to `to`, each with its own folder, as the agent's program runs one.
pub(crate) async fn agents(url: &str, folder: &Path, from: usize, to: usize) -> Result<()> {
    let (_stop, stopping) = watch::channel(None);
    for n in from..to {
        let data = DataDir::open(&folder_of(folder, n))?;
        let mut identity = Identity::load(&data)?;
        identity.server = url.parse().context("an address")?;
        let agent = Arc::new(Agent::open(data, identity)?);
        let actions = Actions::new(Arc::clone(&agent));
        tokio::spawn(link::keep(Arc::clone(&agent), actions, stopping.clone()));
        if n % AT_ONCE == AT_ONCE - 1 || n + 1 == to {
            connected(&agent.data).await?;
        }
    }
    for n in from..to {
        connected(&DataDir::open(&folder_of(folder, n))?).await?;
    }
    say("connected");
    answer().await
}

async fn connected(data: &DataDir) -> Result<()> {
    for _ in 0..1200 {
        if LinkState::load(data).is_some_and(|state| state.phase == Phase::Connected) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("an agent did not connect")
}

/// As many connections without anything behind them.
pub(crate) async fn bare_clients(url: &str, connections: usize) -> Result<()> {
    let url = url.replacen("http", "ws", 1);
    let mut sockets = Vec::new();
    for _ in 0..connections {
        sockets.push(tokio_tungstenite::connect_async(&url).await?.0);
    }
    say("connected");
    answer().await?;
    drop(sockets);
    Ok(())
}
