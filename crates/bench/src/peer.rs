//! The agent's own code in this process, and a server's side of its link with nothing behind it: no database, no policy.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::actions::Actions;
use agent::agent::Agent;
use agent::data::DataDir;
use agent::identity::Identity;
use anyhow::{Context, Result, bail};
use domain::action::{Basis, Command};
use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::{
    Challenge, GoodbyeReason, Order, OrderRedaction, Report, ServerEvent, ServerLinkState, ServerMessage, SignedOrder,
    Welcome,
};

/// A folder in memory, where a sync to disk costs nothing; the system's own for temporary files where there is none.
pub(crate) fn folder_in_memory() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        tempfile::tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    })
}

fn order_key() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

fn id<T: std::str::FromStr>(n: u64) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    Ok(format!("01890000-0000-7000-8000-{n:012x}").parse()?)
}

/// An agent that runs in this process.
pub(crate) struct Inside {
    stop: watch::Sender<Option<GoodbyeReason>>,
    link: JoinHandle<()>,
}

impl Inside {
    /// Starts it on `folder`, against the server at `url`; programs are run by `supervisor`.
    pub(crate) fn start(folder: &Path, url: &str, supervisor: PathBuf) -> Result<Self> {
        let data = DataDir::create(&folder.join("agent"))?;
        let identity = Identity {
            server: url.parse().context("an address")?,
            endpoint: id(2)?,
            org: id(1)?,
            name: "bench".into(),
            order_key: order_key().verifying_key(),
            order_generation: 1,
            log_key: String::new(),
            device_key: SigningKey::from_bytes(&[3; 32]),
        };
        let mut agent = Agent::open(data, identity)?;
        agent.host.supervisor = supervisor;
        let agent = Arc::new(agent);
        let actions = Actions::new(Arc::clone(&agent));
        let (stop, stopping) = watch::channel(None);
        let link = tokio::spawn(agent::link::keep(agent, actions, stopping));
        Ok(Self { stop, link })
    }

    pub(crate) async fn stop(self) {
        self.stop.send_replace(Some(GoodbyeReason::Stopped));
        let _ = self.link.await;
    }
}

/// One agent's connection.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    state: ServerLinkState,
    began: Instant,
    orders: u64,
}

impl Peer {
    /// The next connection, up to where orders and reports flow.
    pub(crate) async fn accept(listener: &TcpListener) -> Result<Self> {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let challenge = Challenge {
            protocol_min: wire::PROTOCOL_MIN,
            protocol_max: wire::PROTOCOL,
            nonce: "ab".repeat(32),
            server_time: agent::clock::now(),
        };
        let mut peer = Self {
            socket: tokio_tungstenite::accept_async(stream).await?,
            state: ServerLinkState::new(Duration::ZERO),
            began: Instant::now(),
            orders: 0,
        };
        let frame = peer.state.open(&challenge, Duration::ZERO)?;
        peer.socket.send(Message::text(frame)).await?;
        let ServerEvent::Hello(_) = peer.event().await? else {
            bail!("the agent did not say hello")
        };
        let welcome = Welcome {
            server_time: agent::clock::now(),
            heartbeat_seconds: 60,
            capabilities: Some(wire::Capabilities::new([wire::PARTS])?),
        };
        peer.send(&ServerMessage::Welcome(welcome)).await?;
        Ok(peer)
    }

    async fn event(&mut self) -> Result<ServerEvent> {
        loop {
            let message = self.socket.next().await.context("the agent left")??;
            if let Message::Text(text) = message {
                return Ok(self.state.receive(text.as_str(), self.began.elapsed())?);
            }
        }
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<()> {
        let frame = self.state.send(message, self.began.elapsed())?;
        Ok(self.socket.send(Message::text(frame)).await?)
    }

    /// Sends an order for a command, with exactly its scope.
    pub(crate) async fn order(&mut self, command: Command) -> Result<domain::ids::ActionId> {
        self.orders += 1;
        let now = agent::clock::now();
        let order = Order {
            v: wire::ORDER_VERSION,
            org: id(1)?,
            endpoint: id(2)?,
            session: id(3)?,
            action: id(1000 + self.orders)?,
            command_digest: command.digest(),
            scope: gate::scope::Scope::exactly(&command)?.to_string(),
            command,
            basis: Basis::Policy {
                rule: "bench".into(),
                version: 1,
            },
            decision_leaf: 1,
            statement: None,
            redaction: OrderRedaction::default(),
            time_limit_seconds: 3600,
            not_before: now,
            expires: now.plus(Duration::from_secs(600)),
            evidence: None,
            nonce: format!("{:032x}", self.orders),
        };
        self.send(&ServerMessage::Order(SignedOrder::sign(&order, &order_key())?))
            .await?;
        Ok(order.action)
    }

    /// The next report, not acknowledged yet.
    pub(crate) async fn report(&mut self) -> Result<Report> {
        loop {
            match self.event().await? {
                ServerEvent::Report(report) => return Ok(report),
                ServerEvent::Part | ServerEvent::Heartbeat => {}
                ServerEvent::Enrol(_)
                | ServerEvent::Hello(_)
                | ServerEvent::Retired
                | ServerEvent::Goodbye(_)
                | ServerEvent::KeyPinned(_)
                | ServerEvent::UpdateWant(_)
                | ServerEvent::UpdateState(_) => bail!("the agent said something else than a report"),
            }
        }
    }

    /// Says that a report and those before it are kept.
    pub(crate) async fn acknowledge(&mut self, report: &Report) -> Result<()> {
        let (action, n) = (report.action, report.n);
        self.send(&ServerMessage::Ack { action, n }).await
    }
}
