//! What a connection has sent of what its endpoint should have, and when it looks again.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::digest::Digest;
use domain::ids::ActionId;
use engine::{AgentLink, Wake};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};
use wire::{KeyRotation, ServerMessage};

use super::socket::{AgentSocket, End};
use crate::wiring::Shared;

/// Orders are not looked for more often than this on one connection; the first look after a pause is at once.
const PACE: Duration = Duration::from_millis(50);

/// Also without a wake-up the orders are looked for in this rhythm, should one be lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

/// What this connection has sent.
pub(super) struct Outbox {
    wakes: Receiver<Wake>,
    /// What was sent here and is not settled yet.
    sent: BTreeSet<Sent>,
    /// The newest order key that the agent was told of and has not pinned yet. Orders wait for it: the agent would verify them
    /// with a key that they are not signed with.
    unpinned: Option<u32>,
    /// Whether there is a reason to look.
    owed: bool,
    /// The next look's earliest moment.
    not_before: Instant,
}

/// Something that is sent once a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sent {
    Redaction(ActionId),
    Order(ActionId),
    Cancel(ActionId),
    Retire,
    Update(Digest),
}

impl Outbox {
    pub(super) fn new(wakes: Receiver<Wake>) -> Self {
        Self {
            wakes,
            sent: BTreeSet::new(),
            unpinned: None,
            owed: true,
            not_before: Instant::now(),
        }
    }

    /// Tells the agent of the order keys that it has not pinned.
    pub(super) async fn rotate(&mut self, socket: &mut AgentSocket, rotations: Vec<KeyRotation>) -> Result<(), End> {
        self.unpinned = rotations.last().map(|r| r.generation);
        for rotation in rotations {
            socket.send(&ServerMessage::KeyRotation(rotation)).await?;
        }
        Ok(())
    }

    /// The agent has pinned this generation.
    pub(super) fn pinned(&mut self, generation: u32) {
        self.unpinned = self.unpinned.filter(|awaited| generation < *awaited);
        self.owed = true;
    }

    /// The agent said something of this release: should it be asked for again, it is offered again.
    pub(super) fn answered(&mut self, release: &Digest) {
        self.sent.remove(&Sent::Update(*release));
    }

    /// Waits until it is time to look; false when the engine is gone. May be dropped and called again: what it learnt
    /// stays in `owed`.
    pub(super) async fn due(&mut self, link: &AgentLink) -> bool {
        if !self.owed {
            tokio::select! {
                woken = woken(&mut self.wakes, link) => if !woken { return false },
                () = sleep_until(self.not_before + LOOK_ANYWAY) => {}
            }
            self.owed = true;
        }
        sleep_until(self.not_before).await;
        true
    }

    /// Sends what was not sent yet.
    pub(super) async fn send(
        &mut self,
        shared: &Shared,
        socket: &mut AgentSocket,
        link: &AgentLink,
    ) -> Result<(), End> {
        self.owed = false;
        self.not_before = Instant::now() + PACE;
        drain(&mut self.wakes);
        let messages = match Box::pin(shared.engine.outbox(link)).await {
            Ok(Some(messages)) => messages,
            Ok(None) => return Err(End::Replaced),
            // When the database can't be read now, the next look finds the same.
            Err(_) => return Ok(()),
        };
        let wanted: BTreeSet<_> = messages.iter().filter_map(key).collect();
        self.sent.retain(|key| wanted.contains(key));
        for message in &messages {
            let Some(key) = key(message) else { continue };
            let waits = self.unpinned.is_some() && matches!(key, Sent::Redaction(_) | Sent::Order(_));
            if !waits && self.sent.insert(key) {
                socket.send(message).await?;
            }
        }
        Ok(())
    }
}

/// Which message it is; `None` for what the outbox never holds.
fn key(message: &ServerMessage) -> Option<Sent> {
    match message {
        ServerMessage::Redaction(redaction) => Some(Sent::Redaction(redaction.action)),
        ServerMessage::Order(order) => order.claimed_action().map(Sent::Order),
        ServerMessage::Cancel { action } => Some(Sent::Cancel(*action)),
        ServerMessage::Retire => Some(Sent::Retire),
        ServerMessage::UpdateOffer(release) => Some(Sent::Update(release.digest())),
        ServerMessage::Challenge(_)
        | ServerMessage::Welcome(_)
        | ServerMessage::Enrolled(_)
        | ServerMessage::Rejected(_)
        | ServerMessage::Ack { .. }
        | ServerMessage::Heartbeat
        | ServerMessage::KeyRotation(_)
        | ServerMessage::UpdatePart(_)
        | ServerMessage::UpdateNoted { .. } => None,
    }
}

/// Waits for a wake-up of the endpoint; false when the engine is gone. A receiver that lagged missed some, which is one as
/// well.
async fn woken(wakes: &mut Receiver<Wake>, link: &AgentLink) -> bool {
    loop {
        match wakes.recv().await {
            Ok(wake) if wake.org == link.org && wake.endpoints.contains(&link.endpoint) => return true,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Takes every wake-up that is there already: the look that follows sees all that they are about.
fn drain(wakes: &mut Receiver<Wake>) {
    while let Ok(_) | Err(TryRecvError::Lagged(_)) = wakes.try_recv() {}
}
