//! One agent's socket with its state machine and clock: whole messages in and out.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use wire::{Challenge, ServerEvent, ServerLinkState, ServerMessage, Tick, Violation};

/// An agent that takes nothing for this long is given up: what waits for it is not to pile up here.
const SEND_LIMIT: Duration = Duration::from_secs(20);

/// The most frames without a report (heartbeats, pings) that an agent sends in this time. An honest one sends a few.
const IDLE_FRAMES: u32 = 200;
const IDLE_WINDOW: Duration = Duration::from_secs(10);

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The agent closed it, or the network did.
    #[error("the agent closed the connection")]
    Left,
    /// Against the protocol, or silent. A violation names messages and places, never what stood there.
    #[error("{0}")]
    Violation(#[from] Violation),
    /// It didn't take what was sent.
    #[error("the agent took nothing for {} s", SEND_LIMIT.as_secs())]
    Stuck,
    /// A frame that is no text.
    #[error("the agent sent a frame that is no text")]
    Binary,
    /// A frame beyond the limit.
    #[error("the agent sent a frame of more than {} KiB", wire::MAX_FRAME / 1024)]
    TooLong,
    /// Frame after frame that says nothing.
    #[error("the agent sent more than {} frames that say nothing in {} s", IDLE_FRAMES, IDLE_WINDOW.as_secs())]
    Flood,
    /// A report that can't be true. It says no more: this goes into the record, and a report may hold output.
    #[error("the agent sent a report that can't be true: {}", .0.sentence())]
    Report(engine::Doubt),
    /// The endpoint was removed, or its agent connected anew.
    #[error("the endpoint was removed, or connected anew")]
    Replaced,
    /// The record can't be written, so nothing can be acknowledged.
    #[error("the record can't be written")]
    Unwritable,
    /// The agent was told why it is not let in.
    #[error("rejected: {0}")]
    Rejected(wire::RejectReason),
    /// The enrolment is done.
    #[error("the enrolment is done")]
    Enrolled,
    /// The server stops.
    #[error("the server stops")]
    Stopping,
    /// The agent said that it stops, and why.
    #[error("{}", .0.sentence())]
    Goodbye(wire::GoodbyeReason),
    /// The endpoint is removed, and its agent has ended what it had to.
    #[error("the agent retired")]
    Retired,
}

impl End {
    /// What the agent is told with the closing frame: a code (RFC 6455, section 7.4.1) and nothing internal.
    fn closing(&self) -> (u16, &'static str) {
        match self {
            Self::Left | Self::Enrolled | Self::Goodbye(_) | Self::Retired => (close_code::NORMAL, ""),
            Self::Violation(_) | Self::Flood | Self::Report(_) | Self::Rejected(_) => {
                (close_code::POLICY, "against the protocol")
            }
            Self::TooLong => (close_code::SIZE, "against the protocol"),
            Self::Binary => (close_code::UNSUPPORTED, "text frames only"),
            Self::Stuck | Self::Replaced => (close_code::POLICY, "superseded"),
            Self::Unwritable => (close_code::AGAIN, "try again later"),
            Self::Stopping => (close_code::RESTART, "the server restarts"),
        }
    }
}

/// The socket.
pub(super) struct AgentSocket {
    socket: WebSocket,
    state: ServerLinkState,
    began: Instant,
    /// Frames that said nothing, since when.
    idle: (Instant, u32),
    /// Who waits for the agent's answer to a ping.
    probe: Option<oneshot::Sender<()>>,
}

/// What a ping of ours carries, so that an answer to it is told from any other pong.
const PROBE: &[u8] = b"countersign";

impl AgentSocket {
    /// A connection that was just accepted.
    pub(super) fn new(socket: WebSocket) -> Self {
        Self {
            socket,
            state: ServerLinkState::new(Duration::ZERO),
            began: Instant::now(),
            idle: (Instant::now(), 0),
            probe: None,
        }
    }

    /// Sends the challenge.
    pub(super) async fn open(&mut self, challenge: &Challenge) -> Result<(), End> {
        let frame = self.state.open(challenge, self.began.elapsed())?;
        self.write(frame).await
    }

    /// Waits for the agent's next message; keeps the heartbeat going meanwhile. May be dropped and called again. In a box, since
    /// the place of what is waited for is held all the while.
    pub(super) async fn receive(&mut self) -> Result<Box<ServerEvent>, End> {
        loop {
            let due = self.began + self.state.next_tick();
            let message = tokio::select! {
                message = self.socket.recv() => message,
                () = sleep_until(due) => {
                    Box::pin(self.tick()).await?;
                    continue;
                }
            };
            match message {
                Some(Ok(Message::Text(frame))) => match self.heard(frame.as_str())? {
                    Some(event) => return Ok(event),
                    None => Box::pin(self.tick()).await?,
                },
                Some(Ok(Message::Binary(_))) => return Err(End::Binary),
                Some(Ok(Message::Pong(sent))) if sent.as_ref() == PROBE => {
                    if let Some(asker) = self.probe.take() {
                        // An asker that waits no more has made up its mind.
                        let _ = asker.send(());
                    }
                }
                // The WebSocket layer answers pings by itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => self.count_idle()?,
                Some(Err(error)) if is_too_long(&error) => return Err(End::TooLong),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Left),
            }
        }
    }

    /// What a frame says; none where it says only that the agent is there.
    fn heard(&mut self, frame: &str) -> Result<Option<Box<ServerEvent>>, End> {
        let event = self.state.receive(frame, self.began.elapsed())?;
        if event == ServerEvent::Heartbeat {
            self.count_idle()?;
            return Ok(None);
        }
        let goes_on = event == ServerEvent::Part;
        Ok((!goes_on).then(|| Box::new(event)))
    }

    /// The protocol that the agent chose.
    pub(super) fn protocol(&self) -> u32 {
        self.state.protocol()
    }

    /// Pings the agent; `asker` hears when it answered.
    pub(super) async fn ping(&mut self, asker: oneshot::Sender<()>) -> Result<(), End> {
        self.probe = Some(asker);
        self.pass(Message::Ping(Bytes::from_static(PROBE))).await
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        let frame = self.state.send(message, self.began.elapsed())?;
        self.write(frame).await
    }

    /// Closes the connection, saying why.
    pub(super) async fn close(&mut self, end: &End) {
        let (code, reason) = end.closing();
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        };
        // Whoever is gone already need not be told.
        let _ = timeout(SEND_LIMIT, self.socket.send(Message::Close(Some(frame)))).await;
    }

    /// Counts a frame that said nothing.
    fn count_idle(&mut self) -> Result<(), End> {
        let (since, frames) = &mut self.idle;
        if since.elapsed() > IDLE_WINDOW {
            self.idle = (Instant::now(), 1);
            return Ok(());
        }
        *frames += 1;
        if *frames > IDLE_FRAMES { Err(End::Flood) } else { Ok(()) }
    }

    async fn tick(&mut self) -> Result<(), End> {
        match self.state.tick(self.began.elapsed())? {
            Tick::Idle => Ok(()),
            Tick::Send(frame) => self.write(frame).await,
        }
    }

    async fn write(&mut self, frame: String) -> Result<(), End> {
        self.pass(Message::text(frame)).await
    }

    async fn pass(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_LIMIT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => Err(End::Stuck),
        }
    }
}

/// Whether the WebSocket layer gave up because of a limit. Axum hands its errors out as text only.
fn is_too_long(error: &axum::Error) -> bool {
    error.to_string().starts_with("Space limit exceeded")
}
