//! One connection from its challenge to its end.
//!
//! All but waiting is awaited in boxes: a connection's task is as large as the largest thing that it ever awaits, for as
//! long as it lasts, and thousands of them wait for nothing at all (R72).

use std::sync::Arc;

use axum::extract::ws::WebSocket;
use domain::digest::hex;
use engine::{AgentLink, ReportError};
use wire::{
    Capabilities, Challenge, Hello, RejectReason, Rejected, Report, ServerEvent, ServerMessage, UpdateState,
    UpdateWant, Welcome,
};

use super::live::Call;
use super::outbox::Outbox;
use super::socket::{AgentSocket, End};
use crate::wiring::Shared;

/// Each side says something at least this often.
const HEARTBEAT_SECONDS: u32 = 20;

/// When an agent may try again after the record could not be written.
const RETRY_SECONDS: u32 = 5;

/// What this server can do beyond protocol 1, for agents that speak 2.
const CAPABILITIES: [&str; 3] = ["order-key.rotation", wire::PARTS, "retire"];

/// Serves a connection that was just upgraded, to its end. What it is made of is moved into a box before anything is awaited: an `async
/// fn` would keep the place of its arguments as well.
pub(super) fn serve(shared: Shared, socket: WebSocket, from: String) -> impl Future<Output = ()> {
    let mut socket = Box::new(AgentSocket::new(socket));
    async move {
        let end = match Box::pin(admit(&shared, &mut socket, &from)).await {
            Ok(link) => {
                let link = Arc::new(link);
                let end = linked(&shared, &mut socket, &link).await;
                Box::pin(shared.engine.disconnect_agent(&link, &end.to_string())).await;
                end
            }
            Err(end) => end,
        };
        tracing::debug!(%end, "an agent's connection ended");
        Box::pin(socket.close(&end)).await;
    }
}

/// Lets the agent in, or enrols it, or says why not: how the connection ends then.
async fn admit(shared: &Shared, socket: &mut AgentSocket, from: &str) -> Result<AgentLink, End> {
    let challenge = Challenge {
        protocol_min: wire::PROTOCOL_MIN,
        protocol_max: wire::PROTOCOL,
        nonce: hex(&shared.deps.bytes::<32>()),
        server_time: shared.deps.now(),
    };
    socket.open(&challenge).await?;
    let event = tokio::select! {
        event = socket.receive() => event,
        () = shared.stop.wait() => return Err(End::Stopping),
    };
    let reason = match event.map(|event| *event) {
        Ok(ServerEvent::Enrol(enrol)) => match shared.engine.enrol_agent(&enrol, &challenge, from).await {
            Ok(enrolled) => {
                socket.send(&ServerMessage::Enrolled(enrolled)).await?;
                return Err(End::Enrolled);
            }
            Err(reason) => reason,
        },
        Ok(ServerEvent::Hello(hello)) => match connect(shared, &challenge, &hello, from).await {
            Ok(link) => return Ok(link),
            Err(reason) => reason,
        },
        // The state machine lets none of them through before the handshake is over.
        Ok(
            ServerEvent::Report(_)
            | ServerEvent::Part
            | ServerEvent::Heartbeat
            | ServerEvent::Retired
            | ServerEvent::Goodbye(_)
            | ServerEvent::KeyPinned(_)
            | ServerEvent::UpdateWant(_)
            | ServerEvent::UpdateState(_),
        ) => RejectReason::Malformed,
        Err(End::Violation(violation)) => {
            tracing::debug!(%violation, "an agent's first message was against the protocol");
            RejectReason::Malformed
        }
        Err(end) => return Err(end),
    };
    Err(reject(socket, reason).await)
}

/// Lets an agent in that proves its key. Where another process with the same key is connected and alive, this is a copied
/// key: both are stopped. One that does not answer any more was this agent before a restart, and is replaced.
async fn connect(shared: &Shared, challenge: &Challenge, hello: &Hello, from: &str) -> Result<AgentLink, RejectReason> {
    let proved = shared.engine.prove_agent(hello, challenge, from).await?;
    if let Some(first) = shared.agents.other(&proved.link)
        && first.answers().await
    {
        let detected = shared.engine.clone_detected(&first.link, &proved).await;
        if detected.map_err(|_| RejectReason::RecordUnavailable)? {
            tracing::warn!("two agents with one key were connected; both were stopped");
            first.stop();
            return Err(RejectReason::CloneDetected);
        }
    }
    shared.engine.admit_agent(proved).await
}

async fn reject(socket: &mut AgentSocket, reason: RejectReason) -> End {
    let retry_after_seconds = (reason == RejectReason::RecordUnavailable).then_some(RETRY_SECONDS);
    // After a violation the state machine takes nothing more; the closing frame's code says it then.
    let rejected = ServerMessage::Rejected(Rejected {
        reason,
        retry_after_seconds,
    });
    let _ = Box::pin(socket.send(&rejected)).await;
    End::Rejected(reason)
}

/// Carries orders and reports until something ends it.
async fn linked(shared: &Shared, socket: &mut AgentSocket, link: &Arc<AgentLink>) -> End {
    // Listens before the first look: what is dispatched in between wakes.
    let mut outbox = Outbox::new(shared.engine.subscribe());
    let entry = shared.agents.enter(link);
    if let Err(end) = Box::pin(welcome(shared, socket, link, &mut outbox)).await {
        return end;
    }
    loop {
        let step = tokio::select! {
            event = socket.receive() => match event {
                Ok(event) => Box::pin(hear(shared, socket, link, &mut outbox, event)).await,
                Err(end) => Err(end),
            },
            call = entry.asked() => match call {
                Call::Probe(asker) => Box::pin(socket.ping(asker)).await,
                Call::CloneDetected => Err(reject(socket, RejectReason::CloneDetected).await),
                Call::Replaced => Err(End::Replaced),
            },
            open = outbox.due(link) => if open { Box::pin(outbox.send(shared, socket, link)).await } else { Err(End::Stopping) },
            () = shared.stop.wait() => Err(End::Stopping),
        };
        if let Err(end) = step {
            return end;
        }
    }
}

/// Answers the hello, and says which order keys are new.
async fn welcome(shared: &Shared, socket: &mut AgentSocket, link: &AgentLink, outbox: &mut Outbox) -> Result<(), End> {
    let welcome = Welcome {
        server_time: shared.deps.now(),
        heartbeat_seconds: HEARTBEAT_SECONDS,
        capabilities: (socket.protocol() >= 2).then(|| Capabilities::new(CAPABILITIES).unwrap_or_default()),
    };
    socket.send(&ServerMessage::Welcome(welcome)).await?;
    let rotations = Box::pin(shared.engine.key_rotations(link));
    let rotations = rotations.await.map_err(|_| End::Unwritable)?;
    outbox.rotate(socket, rotations).await
}

/// What the agent says once it is connected.
async fn hear(
    shared: &Shared,
    socket: &mut AgentSocket,
    link: &AgentLink,
    outbox: &mut Outbox,
    event: Box<ServerEvent>,
) -> Result<(), End> {
    match *event {
        ServerEvent::Report(report) => take(shared, socket, link, &report).await,
        ServerEvent::Enrol(_) | ServerEvent::Hello(_) | ServerEvent::Part | ServerEvent::Heartbeat => Ok(()),
        ServerEvent::Goodbye(reason) => Err(End::Goodbye(reason)),
        ServerEvent::Retired => match Box::pin(shared.engine.agent_retired(link)).await {
            Ok(()) => {
                reject(socket, RejectReason::Removed).await;
                Err(End::Retired)
            }
            Err(_) => Err(End::Unwritable),
        },
        ServerEvent::KeyPinned(generation) => match Box::pin(shared.engine.key_pinned(link, generation)).await {
            Ok(()) => {
                outbox.pinned(generation);
                Ok(())
            }
            Err(_) => Err(End::Unwritable),
        },
        ServerEvent::UpdateWant(want) => send_part(shared, socket, want).await,
        ServerEvent::UpdateState(state) => match Box::pin(shared.engine.agent_update(link, &state)).await {
            Ok(()) => {
                let UpdateState { release, stage, .. } = state;
                outbox.answered(&release);
                socket.send(&ServerMessage::UpdateNoted { release, stage }).await
            }
            Err(_) => Err(End::Unwritable),
        },
    }
}

/// Sends the piece of a release that the agent asks for. Where it is gone by now, the agent waits for the next offer.
async fn send_part(shared: &Shared, socket: &mut AgentSocket, want: UpdateWant) -> Result<(), End> {
    let releases = Arc::clone(&shared.config.releases);
    match tokio::task::spawn_blocking(move || releases.part(want)).await {
        Ok(Ok(Some(part))) => socket.send(&ServerMessage::UpdatePart(part)).await,
        Ok(Ok(None)) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "a release can't be read");
            Ok(())
        }
        Err(error) => {
            tracing::error!(%error, "a release was not read");
            Ok(())
        }
    }
}

/// Commits a report, then acknowledges it, in this order (R3).
async fn take(shared: &Shared, socket: &mut AgentSocket, link: &AgentLink, report: &Report) -> Result<(), End> {
    let ack = ServerMessage::Ack {
        action: report.action,
        n: report.n,
    };
    match Box::pin(shared.engine.report(link, report)).await {
        // Useless: the action is not this endpoint's any more, or has ended; the agent is to forget it.
        Ok(()) | Err(ReportError::Useless(_)) => socket.send(&ack).await,
        Err(ReportError::Malformed(doubt)) => Err(End::Report(doubt)),
        Err(ReportError::Unavailable) => {
            reject(socket, RejectReason::RecordUnavailable).await;
            Err(End::Unwritable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R72: what each connected agent takes, connected and silent, beside its socket and buffers.
    #[test]
    fn a_connection_takes_little() {
        fn size<F>(_: impl FnOnce(Shared, WebSocket, String) -> F) -> usize {
            size_of::<F>()
        }
        let bytes = size(serve);
        assert!(bytes <= 1400, "{bytes} bytes");
    }
}
