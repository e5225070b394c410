//! One connection from its challenge to its end.
//!
//! What the engine does is awaited in boxes: a connection's task is as large as the largest thing that it ever awaits, for as
//! long as it lasts, and thousands of them wait for nothing at all (R72).

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use domain::digest::hex;
use domain::ids::ActionId;
use engine::{AgentLink, ReportError, Wake};
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, sleep_until};
use wire::{Challenge, RejectReason, Rejected, Report, ServerEvent, ServerMessage, Welcome};

use super::socket::{AgentSocket, End};
use crate::live::{drain, next_wake};
use crate::wiring::Shared;

/// Each side says something at least this often.
const HEARTBEAT_SECONDS: u32 = 20;

/// When an agent may try again after the record could not be written.
const RETRY_SECONDS: u32 = 5;

/// Orders are not looked for more often than this on one connection; the first look after a pause is at once.
const PACE: Duration = Duration::from_millis(50);

/// Also without a wake-up the orders are looked for in this rhythm, should one be lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

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
            match Box::pin(shared.engine.connect_agent(&hello, socket.challenge(), from)).await {
                Ok(link) => {
                    let end = linked(shared, socket, &link).await;
                    Box::pin(shared.engine.disconnect_agent(&link, &end.to_string())).await;
                    end
                }
                Err(reason) => reject(socket, reason).await,
            }
        }
        // The state machine lets neither through before the handshake is over.
        Ok(ServerEvent::Report(_) | ServerEvent::Heartbeat) => reject(socket, RejectReason::Malformed).await,
        Err(End::Violation(violation)) => {
            tracing::debug!(%violation, "an agent's first message was against the protocol");
            reject(socket, RejectReason::Malformed).await
        }
        Err(end) => end,
    }
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
    let welcome = Welcome {
        server_time: shared.deps.now(),
        heartbeat_seconds: HEARTBEAT_SECONDS,
    };
    if let Err(end) = socket.send(&ServerMessage::Welcome(welcome)).await {
        return end;
    }
    loop {
        let step = tokio::select! {
            event = socket.receive() => match event {
                Ok(ServerEvent::Report(report)) => take(shared, socket, link, &report).await,
                Ok(ServerEvent::Enrol(_) | ServerEvent::Hello(_) | ServerEvent::Heartbeat) => Ok(()),
                Err(end) => Err(end),
            },
            open = outbox.due(link) => if open { outbox.send(shared, socket, link).await } else { Err(End::Stopping) },
            () = shared.stop.wait() => Err(End::Stopping),
        };
        if let Err(end) = step {
            return end;
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

/// What this connection has sent of what its endpoint should have.
struct Outbox {
    wakes: Receiver<Wake>,
    /// Orders (false) and cancels (true) that were sent here and are not settled yet.
    sent: BTreeSet<(ActionId, bool)>,
    /// Whether there is a reason to look.
    owed: bool,
    /// The next look's earliest moment.
    not_before: Instant,
}

impl Outbox {
    fn new(wakes: Receiver<Wake>) -> Self {
        Self {
            wakes,
            sent: BTreeSet::new(),
            owed: true,
            not_before: Instant::now(),
        }
    }

    /// Waits until it is time to look; false when the engine is gone. May be dropped and called again: what it learnt
    /// stays in `owed`.
    async fn due(&mut self, link: &AgentLink) -> bool {
        if !self.owed {
            tokio::select! {
                woken = next_wake(&mut self.wakes, link.org) => if woken.is_none() { return false },
                () = sleep_until(self.not_before + LOOK_ANYWAY) => {}
            }
            self.owed = true;
        }
        sleep_until(self.not_before).await;
        true
    }

    /// Sends what was not sent yet.
    async fn send(&mut self, shared: &Shared, socket: &mut AgentSocket, link: &AgentLink) -> Result<(), End> {
        self.owed = false;
        self.not_before = Instant::now() + PACE;
        drain(&mut self.wakes, link.org);
        if !Box::pin(shared.engine.still_linked(link)).await {
            return Err(End::Replaced);
        }
        // When the database can't be read now, the next look finds the same.
        let Ok(messages) = Box::pin(shared.engine.outbox(link)).await else {
            return Ok(());
        };
        let wanted: BTreeSet<_> = messages.iter().filter_map(key).collect();
        self.sent.retain(|key| wanted.contains(key));
        for message in &messages {
            if key(message).is_some_and(|key| self.sent.insert(key)) {
                socket.send(message).await?;
            }
        }
        Ok(())
    }
}

/// Which order or cancel a message is; `None` for what the outbox never holds.
fn key(message: &ServerMessage) -> Option<(ActionId, bool)> {
    match message {
        ServerMessage::Order(order) => order.claimed_action().map(|action| (action, false)),
        ServerMessage::Cancel { action } => Some((*action, true)),
        ServerMessage::Challenge(_)
        | ServerMessage::Welcome(_)
        | ServerMessage::Enrolled(_)
        | ServerMessage::Rejected(_)
        | ServerMessage::Ack { .. }
        | ServerMessage::Heartbeat => None,
    }
}
