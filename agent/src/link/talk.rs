//! One connection from dialling to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::digest::Digest;
use domain::ids::ActionId;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use wire::link::HANDSHAKE_LIMIT;
use wire::{
    ActionRedaction, AgentEvent, AgentLinkState, AgentMessage, Challenge, GoodbyeReason, Hello, KeyRotation,
    RejectReason, Tick, UpdateStage, Violation,
};

use super::outbox::Outbox;
use super::retire::Retiring;
use super::writer::{Frame, Pace, Turn, write};
use super::{ConnectError, LinkState, Over, Phase, Socket, socket};
use crate::actions::Actions;
use crate::agent::{self, Agent};
use crate::clock;
use crate::settings::Settings;

/// The reason in the close frame (code 1001, going away) of an agent that is stopped on its endpoint.
pub const STOPPED: &str = "the agent was stopped on the endpoint";

/// The last word waits this long for its place behind a frame that is on its way.
const LAST_WORD: Duration = Duration::from_millis(500);

/// Frames that wait for the network. Of reports there is one on its way; the others wait in the spool, where the outbox can still choose
/// among them.
const WAITING: usize = 1;

pub(super) struct Talk<'a> {
    pub(super) agent: &'a Arc<Agent>,
    /// What the server has, not told to the spool yet: the latest number for each action.
    acknowledged: BTreeMap<ActionId, u64>,
    /// Telling it.
    telling: Option<JoinHandle<()>>,
    actions: &'a Arc<Actions>,
    state: AgentLinkState,
    outbox: Outbox,
    /// Whether there may be something to send.
    more: bool,
    /// How far the endpoint's clock is ahead of the server's, in milliseconds.
    skew: Option<i64>,
    frames: mpsc::Sender<Frame>,
    /// One report, or part of one, at a time.
    turn: Arc<Semaphore>,
    pace: Arc<Pace>,
    /// What was said of updates on this connection.
    pub(super) said: BTreeSet<(Digest, UpdateStage)>,
    retiring: Retiring,
    /// What the next order's output is redacted with.
    redaction: Option<ActionRedaction>,
}

/// Connects and stays connected as long as it goes. `was_ready` tells whether the server took the agent.
pub(super) async fn talk(
    agent: &Arc<Agent>,
    actions: &Arc<Actions>,
    stop: &mut watch::Receiver<Option<GoodbyeReason>>,
    was_ready: &mut bool,
) -> Over {
    let socket = tokio::select! {
        biased;
        () = stopping(stop) => return Over::Stopping,
        socket = dialled(agent) => socket,
    };
    let (to, mut from) = match socket {
        Ok(socket) => socket.split(),
        Err(
            ref e @ ConnectError::Http {
                retry_after: Some(asked),
                ..
            },
        ) => return Over::Busy(e.to_string(), asked),
        Err(e) => return Over::Lost(e.to_string()),
    };
    let (frames, queue) = mpsc::channel(WAITING);
    let mut writer = tokio::spawn(write(to, queue));
    let mut talk = Talk {
        agent,
        acknowledged: BTreeMap::new(),
        telling: None,
        actions,
        state: AgentLinkState::new(clock::monotonic()),
        outbox: Outbox::new(Arc::clone(&agent.spool)),
        more: true,
        skew: None,
        frames,
        turn: Arc::new(Semaphore::new(1)),
        pace: Arc::default(),
        said: BTreeSet::new(),
        retiring: Retiring::default(),
        redaction: None,
    };
    let over = loop {
        let (ready, due) = (talk.state.is_ready(), talk.next_tick());
        *was_ready |= ready;
        let step = tokio::select! {
            biased;
            () = stopping(stop) => Err(Over::Stopping),
            frame = socket::receive(&mut from) => match frame {
                Some(frame) => talk.heard(&frame).await,
                None => Err(Over::Lost("the connection ended".into())),
            },
            () = told(&mut talk.telling) => {
                talk.tell();
                Ok(())
            }
            () = sleep_until(due) => talk.tick(),
            () = talk.retiring.quiet() => Ok(()),
            () = actions.stuck() => Err(Over::Lost("the data folder can't be written".into())),
            () = agent.updates.has_news(), if ready => talk.say_of_updates().await,
            () = agent.spool.has_grown(), if ready => {
                talk.more = true;
                talk.outbox.grown();
                Ok(())
            }
            turn = Arc::clone(&talk.turn).acquire_owned(), if ready && talk.more => match turn {
                Ok(turn) => talk.send_next(turn).await,
                Err(_) => Err(Over::Lost("the connection broke while sending".into())),
            },
        };
        let step = match step {
            Ok(()) => talk.retired().await,
            Err(over) => Err(over),
        };
        if let Err(over) = step {
            break over;
        }
    };
    let reason = *stop.borrow();
    if let (Over::Stopping, Some(reason)) = (&over, reason) {
        talk.goodbye(reason).await;
    }
    // What was acknowledged last is told by the next connection at the latest, which gets it acknowledged again. What is being
    // told is waited for: after the last connection a release is tried on a copy of the spool, or the spool is opened anew.
    if talk.telling.is_some() {
        told(&mut talk.telling).await;
    }
    // The writer closes the connection once nothing more can come; a dead network must not hold it up.
    drop(talk);
    if timeout(Duration::from_secs(1), &mut writer).await.is_err() {
        writer.abort();
    }
    over
}

/// The settings are read anew each time, so that changing them needs no restart.
async fn dialled(agent: &Agent) -> Result<Socket, ConnectError> {
    let settings = Settings::load(&agent.data)?;
    socket::connect(&agent.identity.server, &settings).await
}

/// What the agent says when it is stopped on the endpoint to a server that knows no other word for it.
fn going_away() -> Message {
    Message::Close(Some(CloseFrame {
        code: CloseCode::Away,
        reason: STOPPED.into(),
    }))
}

/// Returns once the agent is to stop.
async fn stopping(stop: &mut watch::Receiver<Option<GoodbyeReason>>) {
    // When nobody is left who could say so, it is to stop as well.
    let _ = stop.wait_for(Option::is_some).await;
}

/// Returns once the spool was told; not at all while it is not being told.
async fn told(telling: &mut Option<JoinHandle<()>>) {
    let Some(running) = telling else {
        return std::future::pending().await;
    };
    if let Err(e) = running.await {
        tracing::warn!(error = %e, "acknowledged reports were not removed");
    }
    *telling = None;
}

impl Talk<'_> {
    fn next_tick(&self) -> Instant {
        Instant::now()
            + self
                .state
                .next_tick()
                .saturating_sub(clock::monotonic())
                .min(HANDSHAKE_LIMIT)
    }

    async fn heard(&mut self, frame: &str) -> Result<(), Over> {
        match self.state.receive(frame, clock::monotonic()).map_err(broken)? {
            // On its way out, or tried by another version: what changes the endpoint for good is for the next connection.
            AgentEvent::Retire | AgentEvent::KeyRotation(_) | AgentEvent::UpdateOffer(_)
                if self.actions.is_closed() =>
            {
                Ok(())
            }
            AgentEvent::Challenged { challenge, protocol } => {
                self.agent.server_clock.set(challenge.server_time);
                self.skew = Some(clock::skew(challenge.server_time));
                let hello = self.hello(&challenge, protocol)?;
                self.say(&AgentMessage::Hello(hello)).await
            }
            AgentEvent::Ready(welcome) => {
                self.agent.server_clock.set(welcome.server_time);
                LinkState {
                    skew_ms: self.skew,
                    ..LinkState::now(Phase::Connected, "")
                }
                .save(&self.agent.data);
                tracing::info!("connected");
                self.agent.connected.send_replace(true);
                self.say_of_updates().await
            }
            AgentEvent::Redaction(redaction) => {
                self.redaction = Some(*redaction);
                Ok(())
            }
            AgentEvent::Order(order) => {
                let redaction = self.redaction.take();
                if !self.retiring.is_on() {
                    self.actions.order(order, redaction);
                }
                Ok(())
            }
            AgentEvent::Cancel(action) => {
                self.actions.cancel(action);
                Ok(())
            }
            AgentEvent::Ack { action, n } => {
                self.take_acknowledgement(action, n);
                Ok(())
            }
            AgentEvent::UpdateOffer(signed) => self.offered(signed).await,
            AgentEvent::UpdatePart(part) => self.take_part(part).await,
            AgentEvent::UpdateNoted { release, stage } => {
                self.update_noted(release, stage).await;
                Ok(())
            }
            AgentEvent::Heartbeat => Ok(()),
            AgentEvent::Retire => {
                self.retiring.begin(self.actions);
                Ok(())
            }
            AgentEvent::KeyRotation(rotation) => self.follow(rotation).await,
            AgentEvent::Rejected(rejected) if rejected.reason == RejectReason::Removed && self.retiring.was_said() => {
                Err(Over::Retired)
            }
            AgentEvent::Rejected(rejected) => Err(Over::Rejected(rejected)),
            AgentEvent::Enrolled(_) => Err(broken(Violation::OutOfTurn("enrolled"))),
        }
    }

    fn hello(&self, challenge: &Challenge, protocol: u32) -> Result<Hello, Over> {
        agent::hello(&self.agent.identity, challenge, protocol, self.agent.instance.clone())
            .map_err(|e| Over::Lost(e.to_string()))
    }

    /// Pins a new order key, durably, and only then says so.
    async fn follow(&mut self, rotation: KeyRotation) -> Result<(), Over> {
        let Some(now) = self.agent.server_clock.now() else {
            return Ok(());
        };
        let agent = Arc::clone(self.agent);
        let follow = move || agent.order_key.follow(&rotation, &agent.identity, &agent.data, now);
        match tokio::task::spawn_blocking(follow).await {
            Ok(Ok(generation)) => {
                tracing::info!(generation, "the server's order key of this generation is pinned");
                self.say(&AgentMessage::KeyPinned { generation }).await
            }
            Ok(Err(e)) => Err(Over::Lost(format!("the server's new order key was not pinned: {e}"))),
            Err(e) => Err(Over::Lost(format!("the server's new order key was not pinned: {e}"))),
        }
    }

    /// Tells the server once everything is said and acknowledged, where the endpoint is being removed.
    async fn retired(&mut self) -> Result<(), Over> {
        if self.state.is_ready() && self.retiring.is_due(&self.agent.spool) {
            self.say(&AgentMessage::Retired).await?;
        }
        Ok(())
    }

    /// The last word: that the agent was stopped here, and not only that the connection ended. When frames still wait for
    /// the network for long, there is no time for it.
    async fn goodbye(&mut self, reason: GoodbyeReason) {
        let word = if self.state.is_ready() && self.state.protocol() >= 2 {
            self.state
                .send(&AgentMessage::Goodbye { reason }, clock::monotonic())
                .map_or_else(|_| going_away(), Message::text)
        } else {
            going_away()
        };
        let _ = timeout(LAST_WORD, self.frames.send((word, None))).await;
    }

    fn take_acknowledgement(&mut self, action: ActionId, n: u64) {
        // A server that acknowledges what it can't have may not have what was sent either.
        if !self.outbox.has_sent(action, n) {
            tracing::warn!(%action, n, "the server acknowledged a report that was not sent to it");
            return;
        }
        let latest = self.acknowledged.entry(action).or_default();
        *latest = n.max(*latest);
        if self.telling.is_none() {
            self.tell();
        }
    }

    /// Tells the spool what was acknowledged; what comes meanwhile is told together afterwards.
    fn tell(&mut self) {
        let acknowledged = std::mem::take(&mut self.acknowledged);
        if acknowledged.is_empty() {
            return;
        }
        let agent = Arc::clone(self.agent);
        self.telling = Some(tokio::task::spawn_blocking(move || {
            for (action, n) in acknowledged {
                if let Err(e) = agent.acknowledge(action, n) {
                    tracing::warn!(error = %e, "acknowledged reports can't be removed");
                }
            }
        }));
    }

    fn tick(&mut self) -> Result<(), Over> {
        match self.state.tick(clock::monotonic()).map_err(broken)? {
            Tick::Idle => Ok(()),
            // When frames wait for the network, a heartbeat would tell nothing new.
            Tick::Send(frame) => match self.frames.try_send((Message::text(frame), None)) {
                Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    Err(Over::Lost("the connection broke while sending".into()))
                }
            },
        }
    }

    async fn send_next(&mut self, permit: OwnedSemaphorePermit) -> Result<(), Over> {
        let in_parts = self.state.takes_parts() && self.pace.is_slow();
        let next = self.outbox.next(self.state.protocol(), in_parts).await;
        match next.map_err(|e| Over::Lost(format!("the spool can't be read: {e}")))? {
            Some(message) => {
                let frame = self.state.send(&message, clock::monotonic()).map_err(broken)?;
                let turn = Turn::new(permit, &self.pace);
                return self.pass((Message::text(frame), Some(turn))).await;
            }
            None => self.more = false,
        }
        Ok(())
    }

    pub(super) fn protocol(&self) -> u32 {
        self.state.protocol()
    }

    pub(super) async fn say(&mut self, message: &AgentMessage) -> Result<(), Over> {
        let frame = self.state.send(message, clock::monotonic()).map_err(broken)?;
        self.pass((Message::text(frame), None)).await
    }

    async fn pass(&self, frame: Frame) -> Result<(), Over> {
        let passed = self.frames.send(frame).await;
        passed.map_err(|_| Over::Lost("the connection broke while sending".into()))
    }
}

fn broken(violation: Violation) -> Over {
    Over::Lost(violation.to_string())
}
