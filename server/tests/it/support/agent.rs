//! An agent in the test's own hands: the real protocol over a real socket with a real key, and nothing that runs by itself.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::action::{Outcome, RefusalReason, Shell};
use domain::digest::Digest;
use domain::ids::{ActionId, EndpointId};
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use engine::Deps;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use wire::{
    About, AgentEvent, AgentLinkState, AgentMessage, Capabilities, Challenge, Enrol, Enrolled, Finish, Hello,
    KeyRotation, Order, OutputDigest, Ran, RejectReason, Report, ReportBody, SignedOrder, Stream,
};

/// How long anything may take. Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An enrolled machine: what an agent keeps on its disk.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) key: SigningKey,
    pub(crate) endpoint: EndpointId,
    pub(crate) order_key: VerifyingKey,
    /// Which start of the agent it is.
    pub(crate) instance: String,
    /// The newest protocol that it speaks.
    pub(crate) speaks: u32,
    /// What it says it can do.
    pub(crate) capabilities: Capabilities,
    /// How far its clock is ahead.
    pub(crate) ahead: Duration,
}

/// A connected agent.
#[must_use = "dropped, it is no longer connected"]
pub(crate) struct FakeAgent {
    pub(crate) device: Device,
    socket: Socket,
    state: AgentLinkState,
    began: Instant,
    /// Events that came while something else was waited for.
    early: VecDeque<AgentEvent>,
}

/// An order that arrived, and how far the agent is with reporting on it.
pub(crate) struct Received {
    pub(crate) order: Order,
    pub(crate) signed: SignedOrder,
    next: u64,
    output: OutputDigest,
    stdout_bytes: u64,
    stderr_bytes: u64,
    lines: u64,
    chunks: u64,
}

/// A random device key.
pub(crate) fn new_key() -> SigningKey {
    SigningKey::from_bytes(&Deps::system().bytes::<32>())
}

/// A start of an agent's process.
pub(crate) fn new_instance() -> String {
    domain::digest::hex(&Deps::system().bytes::<16>())
}

/// What the fake agents say they can do: all that the tests ask of them.
fn capabilities() -> Capabilities {
    let verbs = [
        "disk.usage",
        "file.read",
        "file.tail",
        "log.read",
        "net.probe",
        "process.list",
        "registry.read",
        "registry.write",
        "service.restart",
        "service.status",
        "system.info",
    ];
    let shells = Shell::ALL.map(|s| format!("shell:{}", s.word()));
    Capabilities::new(verbs.map(|v| format!("verb:{v}")).into_iter().chain(shells)).unwrap()
}

impl Device {
    /// Trades a token for an identity.
    pub(crate) async fn enrol(address: SocketAddr, token: &str, hostname: &str) -> Result<Self, RejectReason> {
        let key = new_key();
        let enrolled = Self::enrol_with(address, |challenge| {
            let enrol = Enrol {
                protocol: wire::PROTOCOL,
                capabilities: Some(capabilities()),
                token: token.into(),
                public_key: String::new(),
                hostname: hostname.into(),
                os: "Test Linux 1".into(),
                agent_version: "0.0.0-test".into(),
                signature: String::new(),
            };
            enrol.sign(challenge, &key).unwrap()
        });
        Ok(Self::of(key.clone(), &enrolled.await?))
    }

    /// What a machine keeps of its enrolment.
    pub(crate) fn of(key: SigningKey, enrolled: &Enrolled) -> Self {
        Self {
            key,
            endpoint: enrolled.endpoint,
            order_key: wire::parse_public_key(&enrolled.order_key).unwrap(),
            instance: new_instance(),
            speaks: wire::PROTOCOL,
            capabilities: capabilities(),
            ahead: Duration::ZERO,
        }
    }

    /// A copy of its data folder, started on another machine.
    pub(crate) fn copy(&self) -> Self {
        Self {
            instance: new_instance(),
            ..self.clone()
        }
    }

    /// The same with an enrolment of the caller's making.
    pub(crate) async fn enrol_with(
        address: SocketAddr,
        make: impl FnOnce(&Challenge) -> Enrol,
    ) -> Result<Enrolled, RejectReason> {
        let (mut link, challenge) = Link::open(address).await;
        link.send(&AgentMessage::Enrol(make(&challenge))).await;
        match link.event().await {
            Some(AgentEvent::Enrolled(enrolled)) => Ok(enrolled),
            Some(AgentEvent::Rejected(rejected)) => Err(rejected.reason),
            other => panic!("neither enrolled nor rejected: {other:?}"),
        }
    }

    /// Connects with the device key.
    pub(crate) async fn connect(&self, address: SocketAddr) -> Result<FakeAgent, RejectReason> {
        self.connect_with(address, |hello, challenge| hello.sign(challenge, &self.key).unwrap())
            .await
    }

    /// The same, with a hello that the caller signs, or doesn't.
    pub(crate) async fn connect_with(
        &self,
        address: SocketAddr,
        sign: impl FnOnce(Hello, &Challenge) -> Hello,
    ) -> Result<FakeAgent, RejectReason> {
        let (mut link, challenge) = Link::open(address).await;
        let hello = Hello {
            protocol: self.speaks,
            endpoint: self.endpoint,
            agent_version: "0.0.0-test".into(),
            agent_time: Deps::system().now().plus(self.ahead),
            about: (self.speaks >= 2).then(|| About {
                os: "Test Linux 2".into(),
                capabilities: self.capabilities.clone(),
                instance: self.instance.clone(),
            }),
            signature: String::new(),
        };
        link.send(&AgentMessage::Hello(sign(hello, &challenge))).await;
        match link.event().await {
            Some(AgentEvent::Ready(_)) => Ok(FakeAgent {
                device: self.clone(),
                socket: link.socket,
                state: link.state,
                began: link.began,
                early: VecDeque::new(),
            }),
            Some(AgentEvent::Rejected(rejected)) => Err(rejected.reason),
            other => panic!("neither welcome nor rejected: {other:?}"),
        }
    }
}

/// A socket during the handshake.
struct Link {
    socket: Socket,
    state: AgentLinkState,
    began: Instant,
}

impl Link {
    async fn open(address: SocketAddr) -> (Self, Challenge) {
        let socket = connect(address, &[]).await.expect("the server takes WebSockets");
        let mut link = Self {
            socket,
            state: AgentLinkState::new(Duration::ZERO),
            began: Instant::now(),
        };
        match link.event().await {
            Some(AgentEvent::Challenged { challenge, .. }) => (link, challenge),
            other => panic!("no challenge: {other:?}"),
        }
    }

    async fn send(&mut self, message: &AgentMessage) {
        let frame = self.state.send(message, self.began.elapsed()).unwrap();
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    async fn event(&mut self) -> Option<AgentEvent> {
        event(&mut self.socket, &mut self.state, self.began).await
    }
}

/// Opens the agents' socket, with further headers; the status where it is refused.
pub(crate) async fn connect(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = format!("ws://{address}/agent/link").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    // Small, so that who reads nothing is soon noticed: some systems let a connection's buffer grow to tens of megabytes.
    let tcp = tokio::net::TcpSocket::new_v4().unwrap();
    tcp.set_recv_buffer_size(64 * 1024).unwrap();
    let tcp = MaybeTlsStream::Plain(tcp.connect(address).await.unwrap());
    match tokio_tungstenite::client_async(request, tcp).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The next event; `None` when the socket was closed.
async fn event(socket: &mut Socket, state: &mut AgentLinkState, began: Instant) -> Option<AgentEvent> {
    loop {
        let message = timeout(PATIENCE, socket.next())
            .await
            .expect("the server says something");
        match message {
            Some(Ok(Message::Text(frame))) => return Some(state.receive(frame.as_str(), began.elapsed()).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

impl FakeAgent {
    pub(crate) fn endpoint(&self) -> EndpointId {
        self.device.endpoint
    }

    /// The next order, which must be genuine.
    pub(crate) async fn next_order(&mut self) -> Received {
        let found = self.wait_for(|e| match e {
            AgentEvent::Order(signed) => Ok(signed),
            other => Err(other),
        });
        let signed = found.await;
        let order = signed
            .open(&self.device.order_key)
            .expect("the server's order is genuine");
        assert_eq!(order.endpoint, self.device.endpoint);
        Received {
            order,
            signed,
            next: 0,
            output: OutputDigest::new(),
            stdout_bytes: 0,
            stderr_bytes: 0,
            lines: 0,
            chunks: 0,
        }
    }

    /// What the server says next about redacting an action's output.
    pub(crate) async fn next_redaction(&mut self) -> wire::ActionRedaction {
        self.wait_for(|e| match e {
            AgentEvent::Redaction(redaction) => Ok(*redaction),
            other => Err(other),
        })
        .await
    }

    /// The next order key that the server tells of.
    pub(crate) async fn next_rotation(&mut self) -> KeyRotation {
        self.wait_for(|e| match e {
            AgentEvent::KeyRotation(rotation) => Ok(rotation),
            other => Err(other),
        })
        .await
    }

    /// Waits until the server says that the endpoint is to retire.
    pub(crate) async fn told_to_retire(&mut self) {
        self.wait_for(|e| match e {
            AgentEvent::Retire => Ok(()),
            other => Err(other),
        })
        .await;
    }

    /// Says something that is no report.
    pub(crate) async fn say(&mut self, message: AgentMessage) {
        let frame = self.state.send(&message, self.began.elapsed()).unwrap();
        self.send_frame(&frame).await;
    }

    /// The action of the next cancel.
    pub(crate) async fn next_cancel(&mut self) -> ActionId {
        self.wait_for(|e| match e {
            AgentEvent::Cancel(action) => Ok(action),
            other => Err(other),
        })
        .await
    }

    /// Takes the order, prints `output` and succeeds: the whole life of an action that goes well.
    pub(crate) async fn run(&mut self, output: &str) -> ActionId {
        let mut received = self.next_order().await;
        self.start(&mut received).await;
        self.print(&mut received, output).await;
        self.finish(&mut received, Outcome::Succeeded, Some(0)).await;
        received.order.action
    }

    /// The next release that is offered.
    pub(crate) async fn next_offer(&mut self) -> wire::SignedManifest {
        self.wait_for(|e| match e {
            AgentEvent::UpdateOffer(signed) => Ok(signed),
            other => Err(other),
        })
        .await
    }

    /// The next piece of a release.
    pub(crate) async fn next_part(&mut self) -> wire::UpdatePart {
        self.wait_for(|e| match e {
            AgentEvent::UpdatePart(part) => Ok(part),
            other => Err(other),
        })
        .await
    }

    /// What the server noted next of an update.
    pub(crate) async fn next_noted(&mut self) -> (Digest, wire::UpdateStage) {
        self.wait_for(|e| match e {
            AgentEvent::UpdateNoted { release, stage } => Ok((release, stage)),
            other => Err(other),
        })
        .await
    }

    /// Says that it starts, and waits until that is in the record.
    pub(crate) async fn start(&mut self, received: &mut Received) {
        let body = ReportBody::Started {
            at: Deps::system().now(),
            resource: "test".into(),
        };
        self.report(received, body).await;
    }

    /// Says that it won't run it.
    pub(crate) async fn refuse(&mut self, received: &mut Received, reason: RefusalReason) {
        self.report(
            received,
            ReportBody::Refused {
                reason,
                detail: "by the test".into(),
            },
        )
        .await;
    }

    /// Sends a piece of standard output as it is, without redacting it: what a faulty or hostile agent might do.
    pub(crate) async fn print(&mut self, received: &mut Received, text: &str) {
        let body = received.output(Stream::Stdout, text);
        self.report(received, body).await;
    }

    /// Says how it ended, with a receipt.
    pub(crate) async fn finish(&mut self, received: &mut Received, outcome: Outcome, exit: Option<i64>) {
        let finish = received.finish(outcome, exit, &self.device.key);
        let body = ReportBody::Finished(finish);
        self.report(received, body).await;
    }

    /// Sends a report and waits for its acknowledgement.
    pub(crate) async fn report(&mut self, received: &mut Received, body: ReportBody) {
        let n = received.next;
        received.next += 1;
        self.send_report(Report {
            action: received.order.action,
            n,
            body,
        })
        .await;
        self.acknowledged(received.order.action, n).await;
    }

    /// Sends a report and waits for nothing.
    pub(crate) async fn send_report(&mut self, report: Report) {
        let report = report.for_protocol(self.state.protocol());
        self.say(AgentMessage::Report(report)).await;
    }

    /// Sends anything at all.
    pub(crate) async fn send_frame(&mut self, frame: &str) {
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    /// The same; whether the connection still takes it.
    pub(crate) async fn try_send_frame(&mut self, frame: &str) -> bool {
        self.socket.send(Message::text(frame)).await.is_ok()
    }

    /// Waits until report `n` of the action, or a later one, is acknowledged.
    pub(crate) async fn acknowledged(&mut self, action: ActionId, n: u64) {
        self.wait_for(|e| match e {
            AgentEvent::Ack { action: a, n: m } if a == action && m >= n => Ok(()),
            other => Err(other),
        })
        .await;
    }

    /// Waits until the server closes the connection; gives the reason of a rejection before that.
    pub(crate) async fn closed(mut self) -> Option<RejectReason> {
        let mut reason = None;
        while let Some(event) = event(&mut self.socket, &mut self.state, self.began).await {
            if let AgentEvent::Rejected(rejected) = event {
                reason = Some(rejected.reason);
            }
        }
        reason
    }

    /// Whether an order arrives before the server's next sign of life that the test causes: a report is acknowledged only
    /// after everything the server had to send before it.
    pub(crate) fn orders_waiting(&self) -> usize {
        self.early.iter().filter(|e| matches!(e, AgentEvent::Order(_))).count()
    }

    /// Closes the connection as an agent that stops does.
    pub(crate) async fn leave(mut self) -> Device {
        let _ = self.socket.close(None).await;
        while event(&mut self.socket, &mut self.state, self.began).await.is_some() {}
        self.device
    }

    async fn wait_for<T>(&mut self, mut wanted: impl FnMut(AgentEvent) -> Result<T, AgentEvent>) -> T {
        let mut seen = VecDeque::new();
        while let Some(event) = self.early.pop_front() {
            match wanted(event) {
                Ok(found) => {
                    seen.append(&mut self.early);
                    self.early = seen;
                    return found;
                }
                Err(other) => seen.push_back(other),
            }
        }
        self.early = seen;
        loop {
            let next = event(&mut self.socket, &mut self.state, self.began)
                .await
                .expect("the connection lasts");
            match wanted(next) {
                Ok(found) => return found,
                Err(AgentEvent::Heartbeat) => {}
                Err(other) => self.early.push_back(other),
            }
        }
    }
}

impl Received {
    /// The body of an output report, counted.
    pub(crate) fn output(&mut self, stream: Stream, text: &str) -> ReportBody {
        self.output.push(stream, text);
        let lines = text.lines().count() as u64;
        match stream {
            Stream::Stdout => self.stdout_bytes += text.len() as u64,
            Stream::Stderr => self.stderr_bytes += text.len() as u64,
        }
        self.lines += lines;
        self.chunks += 1;
        ReportBody::Output {
            stream,
            text: text.into(),
            raw_bytes: text.len() as u64,
            lines,
            findings: vec![],
        }
    }

    /// The number of the next report.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The signed end.
    pub(crate) fn finish(&self, outcome: Outcome, exit: Option<i64>, key: &SigningKey) -> Finish {
        let now = Deps::system().now();
        let finish = Finish {
            outcome,
            exit,
            started: now,
            finished: Timestamp(now.0 + 1_000_000),
            duration_ms: 1,
            stdout_bytes: self.stdout_bytes,
            stderr_bytes: self.stderr_bytes,
            lines: self.lines,
            chunks: self.chunks,
            findings: Default::default(),
            output: self.output_digest(),
            note: String::new(),
            receipt: String::new(),
            ran: Some(Box::new(Ran {
                command: self.order.command_digest,
                statement: self.order.statement,
                agent_version: "0.0.0-test".into(),
                receipt: String::new(),
            })),
        };
        finish.sign(self.order.action, &self.signed.digest(), key).unwrap()
    }

    /// The digest of what was printed so far.
    pub(crate) fn output_digest(&self) -> Digest {
        self.output.digest()
    }
}
