//! One connection from its challenge to its end.
//!
//! What the engine does is awaited in boxes: a connection's task is as large as the largest thing that it ever awaits, for as
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
const CAPABILITIES: [&str; 2] = ["order-key.rotation", "retire"];

/// Serves a connection that was just upgraded, to its end.
pub(super) async fn serve(shared: Shared, socket: WebSocket, from: String) {
    let challenge = Challenge {
        protocol_min: wire::PROTOCOL_MIN,
        protocol_max: wire::PROTOCOL,
        nonce: hex(&shared.deps.bytes::<32>()),
        server_time: shared.deps.now(),
    };
    let (socket, end) = match AgentSocket::open(socket, challenge).await {
        Ok(mut socket) => {
            let end = admit(&shared, &mut socket, &from).await;
            (socket, end)
        }
        Err(failed) => failed,
    };
    tracing::debug!(%end, "an agent's connection ended");
    socket.close(&end).await;
}

/// Lets the agent in, or enrols it, or says why not. Gives how the connection ended.
async fn admit(shared: &Shared, socket: &mut AgentSocket, from: &str) -> End {
    let event = tokio::select! {
        event = socket.receive() => event,
        () = shared.stop.wait() => return End::Stopping,
    };
    match event {
        Ok(ServerEvent::Enrol(enrol)) => {
            match Box::pin(shared.engine.enrol_agent(&enrol, socket.challenge(), from)).await {
                Ok(enrolled) => socket
                    .send(&ServerMessage::Enrolled(enrolled))
                    .await
                    .err()
                    .unwrap_or(End::Enrolled),
                Err(reason) => reject(socket, reason).await,
            }
        }
        Ok(ServerEvent::Hello(hello)) => {
            match Box::pin(connect(shared, socket.challenge().clone(), &hello, from)).await {
                Ok(link) => {
                    let end = linked(shared, socket, &link).await;
                    Box::pin(shared.engine.disconnect_agent(&link, &end.to_string())).await;
                    end
                }
                Err(reason) => reject(socket, reason).await,
            }
        }
        // The state machine lets none of them through before the handshake is over.
        Ok(
            ServerEvent::Report(_)
            | ServerEvent::Heartbeat
            | ServerEvent::Retired
            | ServerEvent::Goodbye(_)
            | ServerEvent::KeyPinned(_)
            | ServerEvent::UpdateWant(_)
            | ServerEvent::UpdateState(_),
        ) => reject(socket, RejectReason::Malformed).await,
        Err(End::Violation(violation)) => {
            tracing::debug!(%violation, "an agent's first message was against the protocol");
            reject(socket, RejectReason::Malformed).await
        }
        Err(end) => end,
    }
}

/// Lets an agent in that proves its key. Where another process with the same key is connected and alive, this is a copied
/// key: both are stopped. One that does not answer any more was this agent before a restart, and is replaced.
async fn connect(shared: &Shared, challenge: Challenge, hello: &Hello, from: &str) -> Result<AgentLink, RejectReason> {
    let proved = shared.engine.prove_agent(hello, &challenge, from).await?;
    if let Some(first) = shared.agents.other(&proved.link)
        && first.answers().await
    {
        let detected = shared.engine.clone_detected(&first.link, &proved).await;
        if detected.map_err(|_| RejectReason::RecordUnavailable)? {
            tracing::warn!("two agents with one key were connected; both were stopped");
            first.stop().await;
            return Err(RejectReason::CloneDetected);
        }
    }
    shared.engine.admit_agent(proved).await
}

async fn reject(socket: &mut AgentSocket, reason: RejectReason) -> End {
    let retry_after_seconds = (reason == RejectReason::RecordUnavailable).then_some(RETRY_SECONDS);
    // After a violation the state machine takes nothing more; the closing frame's code says it then.
    let _ = socket
        .send(&ServerMessage::Rejected(Rejected {
            reason,
            retry_after_seconds,
        }))
        .await;
    End::Rejected(reason)
}

/// Carries orders and reports until something ends it.
async fn linked(shared: &Shared, socket: &mut AgentSocket, link: &AgentLink) -> End {
    // Listens before the first look: what is dispatched in between wakes.
    let mut outbox = Outbox::new(shared.engine.subscribe());
    let mut entry = shared.agents.enter(link);
    if let Err(end) = welcome(shared, socket, link, &mut outbox).await {
        return end;
    }
    loop {
        let step = tokio::select! {
            event = socket.receive() => match event {
                Ok(event) => hear(shared, socket, link, &mut outbox, event).await,
                Err(end) => Err(end),
            },
            call = entry.calls.recv() => match call {
                Some(Call::Probe(asker)) => socket.ping(asker).await,
                Some(Call::CloneDetected) => Err(reject(socket, RejectReason::CloneDetected).await),
                // Its entry is held here, so there is always a sender, until a later connection took its place.
                None => Err(End::Replaced),
            },
            open = outbox.due(link) => if open { outbox.send(shared, socket, link).await } else { Err(End::Stopping) },
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
    let rotations = shared.engine.key_rotations(link).await.map_err(|_| End::Unwritable)?;
    outbox.rotate(socket, rotations).await
}

/// What the agent says once it is connected.
async fn hear(
    shared: &Shared,
    socket: &mut AgentSocket,
    link: &AgentLink,
    outbox: &mut Outbox,
    event: ServerEvent,
) -> Result<(), End> {
    match event {
        ServerEvent::Report(report) => take(shared, socket, link, &report).await,
        ServerEvent::Enrol(_) | ServerEvent::Hello(_) | ServerEvent::Heartbeat => Ok(()),
        ServerEvent::Goodbye(reason) => Err(End::Goodbye(reason)),
        ServerEvent::Retired => match shared.engine.agent_retired(link).await {
            Ok(()) => {
                reject(socket, RejectReason::Removed).await;
                Err(End::Retired)
            }
            Err(_) => Err(End::Unwritable),
        },
        ServerEvent::KeyPinned(generation) => match shared.engine.key_pinned(link, generation).await {
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
