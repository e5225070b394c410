//! `doctor`: the way to the server step by step, and what to do about the step that fails.

use std::path::Path;

use anyhow::bail;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;
use wire::link::HANDSHAKE_LIMIT;
use wire::{AgentEvent, AgentLinkState, AgentMessage};

use crate::data::{DataDir, DataLock};
use crate::identity::Identity;
use crate::link::{ConnectError, LinkState, Phase, Socket, dial, proxy_of, receive, send};
use crate::local_policy::LocalPolicy;
use crate::say::say;
use crate::settings::Settings;
use crate::{agent, clock, install};

/// Why the examination ends: what blocks was said already.
struct Blocked;

type Step<T> = Result<T, Blocked>;

/// Looks at everything between this endpoint and the server.
///
/// # Errors
/// When something blocks the agent.
pub async fn doctor(data: &Path) -> anyhow::Result<()> {
    if examine(data).await.is_err() {
        bail!("Something blocks the agent; see above.");
    }
    Ok(say("Nothing blocks the agent.")?)
}

fn fine(what: &str, detail: &str) {
    line("OK  ", what, detail);
}

fn blocked(what: &str, why: impl std::fmt::Display) -> Blocked {
    line("FAIL", what, &why.to_string());
    Blocked
}

fn line(mark: &str, what: &str, detail: &str) {
    // Nobody is left to be told when standard output is gone.
    let _ = say(&format!("{mark}  {what:<12} {}", gate::escape::line(detail)));
}

async fn examine(data: &Path) -> Step<()> {
    let data = DataDir::open(data).map_err(|e| blocked("Data folder", format!("{}: {e}", data.display())))?;
    fine("Data folder", &data.root().display().to_string());
    let identity = Identity::load(&data).map_err(|e| blocked("Identity", e))?;
    fine("Identity", &format!("{} ({})", identity.name, identity.endpoint));
    LocalPolicy::load(&data).map_err(|e| blocked("Policy", e))?;
    fine(
        "Policy",
        if data.local_policy().exists() {
            "policy.toml on this endpoint is read and kept to"
        } else {
            "none on this endpoint"
        },
    );
    let settings = Settings::load(&data).map_err(|e| blocked("Settings", e))?;
    fine(
        "Settings",
        if settings.ca.is_some() {
            "trusts the certificates in ca.pem alone"
        } else {
            "trusts what this system trusts"
        },
    );
    let lock = data.lock().map_err(|e| blocked("Data folder", e))?;
    let stream = within(way(&identity, &settings)).await?;
    let socket = within(dial::upgrade(stream, &identity.server))
        .await
        .map_err(|e| blocked("WebSocket", e))?;
    fine("WebSocket", "a server answers there");
    handshake(&data, &identity, socket, lock).await
}

/// No step takes longer than a connection as a whole may.
async fn within<T, E: From<Late>>(step: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(HANDSHAKE_LIMIT, step)
        .await
        .unwrap_or_else(|_| Err(E::from(Late)))
}

struct Late;

impl From<Late> for ConnectError {
    fn from(_: Late) -> Self {
        Self::Timeout
    }
}

impl From<Late> for Blocked {
    fn from(_: Late) -> Self {
        blocked("Connection", ConnectError::Timeout)
    }
}

async fn way(identity: &Identity, settings: &Settings) -> Step<MaybeTlsStream<tokio::net::TcpStream>> {
    let server = &identity.server;
    let proxy = proxy_of(server, settings);
    let (host, port) = proxy.map_or((server.host(), server.port()), |p| (p.host.as_str(), p.port));
    let addresses = dial::resolve(host, port).await.map_err(|e| blocked("Name", e))?;
    let shown: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
    fine("Name", &format!("{host} is {}", shown.join(", ")));
    let mut stream = dial::reach(host, port, &addresses)
        .await
        .map_err(|e| blocked("TCP", e))?;
    fine("TCP", &format!("{host}:{port} answers"));
    match proxy {
        None => fine("Proxy", "none"),
        Some(proxy) => {
            stream = dial::tunnel(stream, proxy, server)
                .await
                .map_err(|e| blocked("Proxy", e))?;
            fine(
                "Proxy",
                &format!("{proxy} makes a way to {}:{}", server.host(), server.port()),
            );
        }
    }
    let stream = dial::encrypt(stream, server, settings)
        .await
        .map_err(|e| blocked("TLS", e))?;
    fine(
        "TLS",
        if server.is_encrypted() {
            "the certificate is the server's, valid, and trusted"
        } else {
            "none: the server is on this machine"
        },
    );
    Ok(stream)
}

/// The clock, and whether the server takes this endpoint. While the agent runs, only it says who it is: a second one that
/// did would look like a stolen key.
async fn handshake(data: &DataDir, identity: &Identity, mut socket: Socket, lock: Option<DataLock>) -> Step<()> {
    let mut state = AgentLinkState::new(clock::monotonic());
    let AgentEvent::Challenged { challenge, protocol } = hear(&mut socket, &mut state).await? else {
        return Err(blocked(
            "Server",
            "it does not begin as a Countersign server does. Check the address",
        ));
    };
    let ahead = clock::skew(challenge.server_time);
    fine("Clock", &clock::skew_for_people(ahead));
    if lock.is_none() {
        return agents_own(data);
    }
    let hello = agent::hello(
        identity,
        &challenge,
        protocol,
        agent::instance().map_err(|e| blocked("Accepted", e))?,
    )
    .map_err(|e| blocked("Accepted", e))?;
    let frame = state
        .send(&AgentMessage::Hello(hello), clock::monotonic())
        .map_err(|e| blocked("Accepted", e))?;
    send(&mut socket, frame).await.map_err(|e| blocked("Accepted", e))?;
    match hear(&mut socket, &mut state).await? {
        AgentEvent::Ready(_) => {
            fine("Accepted", "the server knows this endpoint and its key");
            fine(
                "Agent",
                &format!("not running; start it with: {}", install::how_to_start()),
            );
            Ok(())
        }
        AgentEvent::Rejected(rejected) => Err(blocked("Accepted", rejected.reason.sentence())),
        other @ (AgentEvent::Challenged { .. }
        | AgentEvent::Enrolled(_)
        | AgentEvent::Redaction(_)
        | AgentEvent::Order(_)
        | AgentEvent::Cancel(_)
        | AgentEvent::Ack { .. }
        | AgentEvent::Retire
        | AgentEvent::KeyRotation(_)
        | AgentEvent::UpdateOffer(_)
        | AgentEvent::UpdatePart(_)
        | AgentEvent::UpdateNoted { .. }
        | AgentEvent::Heartbeat) => {
            tracing::debug!(?other, "out of turn");
            Err(blocked(
                "Accepted",
                "the server answers out of turn. Update the older of the two",
            ))
        }
    }
}

fn agents_own(data: &DataDir) -> Step<()> {
    match LinkState::load(data) {
        Some(LinkState {
            phase: Phase::Connected,
            ..
        }) => {
            fine("Accepted", "the agent runs and is connected");
            Ok(())
        }
        Some(LinkState {
            phase: Phase::Rejected | Phase::Offline,
            detail,
            ..
        }) => Err(blocked(
            "Accepted",
            format!("the agent runs and is not connected: {detail}"),
        )),
        Some(LinkState {
            phase: Phase::Connecting | Phase::Stopped,
            ..
        })
        | None => {
            fine("Accepted", "the agent runs and is just connecting");
            Ok(())
        }
    }
}

async fn hear(socket: &mut Socket, state: &mut AgentLinkState) -> Step<AgentEvent> {
    let heard = timeout(HANDSHAKE_LIMIT, receive(socket)).await;
    let Ok(Some(frame)) = heard else {
        return Err(blocked(
            "Server",
            "it ended the connection, or says nothing. Look at the server's own log",
        ));
    };
    state.receive(&frame, clock::monotonic()).map_err(|e| {
        blocked(
            "Server",
            format!("{e}. Check that it is a Countersign server, and the versions"),
        )
    })
}
