//! A server made of `wire`, and agents started from the built executable.

mod front;
mod process;
pub(crate) mod script;
mod story;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use domain::action::{Basis, Command};
use domain::ids::{ActionId, EndpointId, OrgId};
use ed25519_dalek::{SigningKey, VerifyingKey};
use futures_util::{SinkExt, StreamExt};
use gate::scope::Scope;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::{
    Challenge, Enrol, Enrolled, EnrolledMore, Order, OrderRedaction, Report, ReportBody, ServerEvent, ServerLinkState,
    ServerMessage, SignedOrder, Stream, Welcome,
};

pub(crate) use front::{Authority, Front, Mode, Proxy};
pub(crate) use process::{Agent, cli};
pub(crate) use story::Story;

/// Nothing in these tests takes this long unless it never happens.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A card number that must never be found anywhere (a test number that passes Luhn).
pub(crate) const CANARY: &str = "4242424242424242";

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(n: u32) -> T {
    format!("01890000-0000-7000-8000-{n:012x}").parse().unwrap()
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(100);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn monotonic() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Waits until `holds`; panics with `what` when it never does.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let tried = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, tried)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}

/// A server with one endpoint.
pub(crate) struct Server {
    listener: TcpListener,
    pub(crate) order_key: SigningKey,
    pub(crate) org: OrgId,
    pub(crate) endpoint: EndpointId,
    pub(crate) device_key: Option<VerifyingKey>,
    /// The newest protocol that it speaks.
    pub(crate) speaks: u32,
}

/// One connection, from the server's side.
pub(crate) struct Link {
    /// What the agent said of updates while a report was waited for.
    pub(crate) early: Vec<wire::UpdateState>,
    challenge: Challenge,
    state: ServerLinkState,
    socket: WebSocketStream<TcpStream>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            listener,
            order_key: SigningKey::from_bytes(&[2; 32]),
            org: id(1),
            endpoint: id(2),
            device_key: None,
            speaks: wire::PROTOCOL,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// A connection that was challenged.
    pub(crate) async fn accept(&self) -> Link {
        let (stream, _) = timeout(PATIENCE, self.listener.accept())
            .await
            .expect("an agent connects")
            .unwrap();
        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let nonce = format!("{:064x}", next());
        let challenge = Challenge {
            protocol_min: 1,
            protocol_max: self.speaks,
            nonce,
            server_time: agent::clock::now(),
        };
        let mut link = Link {
            early: vec![],
            state: ServerLinkState::new(monotonic()),
            challenge,
            socket,
        };
        let frame = link.state.open(&link.challenge, monotonic()).unwrap();
        link.frame(frame).await;
        link
    }

    /// A connection over which orders and reports flow.
    pub(crate) async fn ready(&self) -> Link {
        let mut link = self.accept().await;
        let ServerEvent::Hello(hello) = link.event().await else {
            panic!("not a hello")
        };
        assert_eq!(hello.endpoint, self.endpoint);
        hello
            .verify(&link.challenge, &self.device_key.expect("enrolled"))
            .unwrap();
        link.welcome().await;
        link
    }

    /// The same, of an agent that may be ended at any moment; none when it was.
    pub(crate) async fn try_ready(&self) -> Option<Link> {
        let (stream, _) = timeout(PATIENCE, self.listener.accept())
            .await
            .expect("an agent connects")
            .ok()?;
        let challenge = Challenge {
            protocol_min: 1,
            protocol_max: self.speaks,
            nonce: format!("{:064x}", next()),
            server_time: agent::clock::now(),
        };
        let mut link = Link {
            early: vec![],
            state: ServerLinkState::new(monotonic()),
            challenge,
            socket: tokio_tungstenite::accept_async(stream).await.ok()?,
        };
        let frame = link.state.open(&link.challenge, monotonic()).unwrap();
        link.socket.send(Message::text(frame)).await.ok()?;
        let Some(ServerEvent::Hello(_)) = link.next_event().await else {
            return None;
        };
        let welcome = ServerMessage::Welcome(Welcome {
            server_time: agent::clock::now(),
            heartbeat_seconds: 60,
            capabilities: (self.speaks >= 2).then(Default::default),
        });
        link.try_send(&welcome).await.then_some(link)
    }

    /// Answers an enrolment.
    pub(crate) async fn enrol(&mut self) -> Enrol {
        let mut link = self.accept().await;
        let ServerEvent::Enrol(enrol) = link.event().await else {
            panic!("not an enrolment")
        };
        self.device_key = Some(enrol.verify(&link.challenge).unwrap());
        let order_key = wire::public_key_text(&self.order_key.verifying_key());
        let enrolled = Enrolled {
            endpoint: self.endpoint,
            org: self.org,
            name: enrol.hostname.clone(),
            order_key,
            log_key: "log".into(),
            more: (enrol.protocol >= 2).then_some(EnrolledMore {
                order_generation: 1,
                confirmation: true,
            }),
        };
        link.send(ServerMessage::Enrolled(enrolled)).await;
        enrol
    }

    /// An enrolled agent that does not run yet.
    pub(crate) async fn enrolled_agent(&mut self) -> Agent {
        let url = self.url();
        let agent = Agent::new();
        self.enrol_at(&agent, &url, &[]).await;
        agent
    }

    /// Enrols an agent at an address that leads here.
    pub(crate) async fn enrol_at(&mut self, agent: &Agent, url: &str, more: &[&str]) {
        let args = ["enrol", "--url", url, "--token", "token", "--name", "POS-07"];
        let args: Vec<String> = args.iter().chain(more).map(|a| (*a).to_owned()).collect();
        let data = agent.data();
        let enrolling = tokio::task::spawn_blocking(move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            cli(&args, &data)
        });
        self.enrol().await;
        let ran = enrolling.await.unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }

    /// An enrolled agent that runs, and its connection.
    pub(crate) async fn agent(&mut self) -> (Agent, Link) {
        let mut agent = self.enrolled_agent().await;
        agent.run();
        let link = self.ready().await;
        (agent, link)
    }

    /// An order for a command, with exactly its scope.
    pub(crate) fn order(&self, command: Command) -> Order {
        let n = next();
        let now = agent::clock::now();
        Order {
            v: wire::order_version(self.speaks),
            org: self.org,
            endpoint: self.endpoint,
            session: id(3),
            action: id(n),
            command_digest: command.digest(),
            scope: Scope::exactly(&command).unwrap().to_string(),
            command,
            basis: Basis::Policy {
                rule: "test".into(),
                version: 1,
            },
            decision_leaf: 1,
            statement: None,
            redaction: OrderRedaction::default(),
            time_limit_seconds: 600,
            not_before: now,
            expires: now.plus(Duration::from_secs(600)),
            nonce: format!("{n:032x}"),
            evidence: None,
        }
    }

    /// An order for a script of the system's own shell.
    pub(crate) fn script(&self, text: &str) -> Order {
        self.order(if cfg!(windows) {
            script::cmd(text)
        } else {
            script::sh(text)
        })
    }

    pub(crate) fn sign(&self, order: &Order) -> SignedOrder {
        SignedOrder::sign(order, &self.order_key).unwrap()
    }

    pub(crate) async fn send_order(&self, link: &mut Link, order: &Order) {
        link.send(ServerMessage::Order(self.sign(order))).await;
    }

    /// Sends an order and takes all of its reports, each acknowledged.
    pub(crate) async fn story(&self, link: &mut Link, order: &Order) -> Story {
        self.send_order(link, order).await;
        let story = link.story(order.action, true).await;
        story.check(self, order);
        story
    }
}

impl Link {
    /// Has the system take little in advance, so that the agent notices how fast it is read.
    #[cfg(unix)]
    pub(crate) fn narrow(&self) {
        let stream = socket2::SockRef::from(self.socket.get_ref());
        stream.set_recv_buffer_size(8 * 1024).unwrap();
    }

    /// Sends anything at all.
    pub(crate) async fn frame(&mut self, frame: String) {
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: ServerMessage) {
        let frame = match &message {
            // Also such as no good server sends.
            ServerMessage::Order(_) => message.encode().unwrap(),
            ServerMessage::Challenge(_)
            | ServerMessage::Welcome(_)
            | ServerMessage::Enrolled(_)
            | ServerMessage::Rejected(_)
            | ServerMessage::Cancel { .. }
            | ServerMessage::Ack { .. }
            | ServerMessage::Heartbeat
            | ServerMessage::Retire
            | ServerMessage::Redaction(_)
            | ServerMessage::KeyRotation(_)
            | ServerMessage::UpdateOffer(_)
            | ServerMessage::UpdatePart(_)
            | ServerMessage::UpdateNoted { .. } => self.state.send(&message, monotonic()).unwrap(),
        };
        self.frame(frame).await;
    }

    /// Lets the agent in.
    pub(crate) async fn welcome(&mut self) {
        self.send(ServerMessage::Welcome(Welcome {
            server_time: agent::clock::now(),
            heartbeat_seconds: 60,
            capabilities: (self.state.protocol() >= 2).then(|| wire::Capabilities::new([wire::PARTS]).unwrap()),
        }))
        .await;
    }

    /// Sends a message; gives whether the agent was still there.
    pub(crate) async fn try_send(&mut self, message: &ServerMessage) -> bool {
        let frame = self.state.send(message, monotonic()).unwrap();
        self.socket.send(Message::text(frame)).await.is_ok()
    }

    pub(crate) async fn event(&mut self) -> ServerEvent {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("the agent says something")
                .unwrap()
                .unwrap();
            if let Message::Text(text) = message {
                return self.state.receive(text.as_str(), monotonic()).unwrap();
            }
        }
    }

    /// The next event; none when the agent ended the connection.
    pub(crate) async fn next_event(&mut self) -> Option<ServerEvent> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something happens") {
                Some(Ok(Message::Text(text))) => {
                    return Some(self.state.receive(text.as_str(), monotonic()).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub(crate) async fn report(&mut self) -> Report {
        loop {
            match self.event().await {
                ServerEvent::Report(report) => return report,
                ServerEvent::Part | ServerEvent::Heartbeat => {}
                ServerEvent::UpdateState(state) => self.early.push(state),
                other @ (ServerEvent::Enrol(_)
                | ServerEvent::Hello(_)
                | ServerEvent::Retired
                | ServerEvent::Goodbye(_)
                | ServerEvent::KeyPinned(_)
                | ServerEvent::UpdateWant(_)) => panic!("out of turn: {other:?}"),
            }
        }
    }

    pub(crate) async fn ack(&mut self, report: &Report) {
        self.send(ServerMessage::Ack {
            action: report.action,
            n: report.n,
        })
        .await;
    }

    /// The reports of one action, to its end. Those of others are a mistake.
    pub(crate) async fn story(&mut self, action: ActionId, ack: bool) -> Story {
        let mut reports: Vec<Report> = vec![];
        loop {
            let report = self.report().await;
            assert_eq!(report.action, action);
            assert_eq!(report.n, reports.len() as u64, "without gaps");
            if ack {
                self.ack(&report).await;
            }
            let over = matches!(report.body, ReportBody::Finished(_) | ReportBody::Refused { .. });
            reports.push(report);
            if over {
                return Story { reports };
            }
        }
    }

    /// Adds what is missing of a story, to its end; none is acknowledged.
    pub(crate) async fn rest(&mut self, story: &mut Story, action: ActionId) {
        while !matches!(story.reports.last().map(|r| &r.body), Some(ReportBody::Finished(_))) {
            let report = self.report().await;
            assert_eq!((report.action, report.n), (action, story.reports.len() as u64));
            story.reports.push(report);
        }
    }

    /// The next that says something.
    pub(crate) async fn word(&mut self) -> ServerEvent {
        loop {
            let event = self.event().await;
            if !matches!(event, ServerEvent::Part | ServerEvent::Heartbeat) {
                return event;
            }
        }
    }

    /// Reports of one action until its standard output holds `text`; none is acknowledged.
    pub(crate) async fn until(&mut self, action: ActionId, text: &str) -> Story {
        let mut story = Story { reports: vec![] };
        while !story.text(Stream::Stdout).contains(text) {
            let report = self.report().await;
            assert_eq!(report.action, action);
            story.reports.push(report);
        }
        story
    }

    /// The code and reason with which the agent ends the connection; none when it gives none.
    #[cfg(unix)]
    pub(crate) async fn goodbye(&mut self) -> Option<(u16, String)> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something happens") {
                Some(Ok(Message::Close(frame))) => return frame.map(|f| (f.code.into(), f.reason.to_string())),
                Some(Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Whether the agent ends the connection, rather than to say anything more than heartbeats.
    pub(crate) async fn is_ended_by_agent(&mut self) -> bool {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something happens") {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return true,
                Some(Ok(Message::Text(text))) if text.contains("heartbeat") => {}
                Some(Ok(Message::Text(text))) if text.contains("goodbye") && self.state.protocol() >= 2 => {}
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_)) => return false,
            }
        }
    }
}
