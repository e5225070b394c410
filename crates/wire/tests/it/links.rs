//! Both sides of a link against each other, and against what is out of turn.

use std::time::Duration;

use wire::link::{HANDSHAKE_LIMIT, MISSED_HEARTBEATS};
use wire::{
    AgentEvent, AgentLinkState, AgentMessage, RejectReason, Rejected, ServerEvent, ServerLinkState, ServerMessage,
    SignedOrder, Tick, Violation, Welcome,
};

use crate::samples::{self, at, challenge, enrol, hello, id, signed_order};

const T: Duration = Duration::from_secs(100);

fn seconds(n: u64) -> Duration {
    T + Duration::from_secs(n)
}

fn challenged() -> (AgentLinkState, ServerLinkState) {
    let (mut agent, mut server) = (AgentLinkState::new(T), ServerLinkState::new(T));
    let event = agent.receive(&server.open(&challenge(), T).unwrap(), T).unwrap();
    assert_eq!(
        event,
        AgentEvent::Challenged {
            challenge: challenge(),
            protocol: 1
        }
    );
    (agent, server)
}

fn ready() -> (AgentLinkState, ServerLinkState) {
    let (mut agent, mut server) = challenged();
    let frame = agent.send(&AgentMessage::Hello(hello()), T).unwrap();
    assert_eq!(server.receive(&frame, T).unwrap(), ServerEvent::Hello(hello()));
    let welcome = Welcome {
        server_time: at(0),
        heartbeat_seconds: 10,
        capabilities: None,
    };
    let frame = server.send(&ServerMessage::Welcome(welcome.clone()), T).unwrap();
    assert_eq!(agent.receive(&frame, T).unwrap(), AgentEvent::Ready(welcome));
    assert!(agent.is_ready() && server.is_ready());
    (agent, server)
}

#[test]
fn orders_reports_and_acknowledgements_flow_once_both_are_ready() {
    let (mut agent, mut server) = ready();
    let order = server.send(&ServerMessage::Order(signed_order()), T).unwrap();
    assert_eq!(agent.receive(&order, T).unwrap(), AgentEvent::Order(signed_order()));
    for report in samples::reports() {
        let frame = agent.send(&AgentMessage::Report(report.clone()), T).unwrap();
        assert_eq!(server.receive(&frame, T).unwrap(), ServerEvent::Report(report.clone()));
        let ack = server
            .send(
                &ServerMessage::Ack {
                    action: report.action,
                    n: report.n,
                },
                T,
            )
            .unwrap();
        assert_eq!(
            agent.receive(&ack, T).unwrap(),
            AgentEvent::Ack {
                action: report.action,
                n: report.n
            }
        );
    }
    let cancel = server.send(&ServerMessage::Cancel { action: id(4) }, T).unwrap();
    assert_eq!(agent.receive(&cancel, T).unwrap(), AgentEvent::Cancel(id(4)));
}

#[test]
fn an_enrolment_ends_the_link() {
    let (mut agent, mut server) = challenged();
    let frame = agent.send(&AgentMessage::Enrol(enrol()), T).unwrap();
    assert_eq!(server.receive(&frame, T).unwrap(), ServerEvent::Enrol(enrol()));
    let enrolled = samples::server_messages()
        .into_iter()
        .find(|m| matches!(m, ServerMessage::Enrolled(_)))
        .unwrap();
    let frame = server.send(&enrolled, T).unwrap();
    assert!(matches!(agent.receive(&frame, T), Ok(AgentEvent::Enrolled(_))));
    assert_eq!(agent.send(&AgentMessage::Heartbeat, T), Err(Violation::Closed));
    assert_eq!(server.send(&ServerMessage::Heartbeat, T), Err(Violation::Closed));
}

/// R16: before the agent proved its key, nothing else is taken from it or sent to it.
#[test]
fn what_is_out_of_turn_ends_the_link() {
    for message in samples::agent_messages() {
        let frame = message.encode().unwrap();
        let (_, mut fresh) = challenged();
        let fine = matches!(message, AgentMessage::Enrol(_) | AgentMessage::Hello(_));
        assert_eq!(fresh.receive(&frame, T).is_ok(), fine, "{}", message.name());
        if !fine {
            assert_eq!(
                fresh.receive(&hello_frame(), T),
                Err(Violation::Closed),
                "and it stays closed"
            );
        }
        let (_, mut up) = ready();
        assert_eq!(up.receive(&frame, T).is_ok(), !fine, "{}", message.name());
    }
    for message in samples::server_messages() {
        let frame = message.encode().unwrap();
        let rejected = matches!(message, ServerMessage::Rejected(_));
        let mut fresh = AgentLinkState::new(T);
        assert_eq!(
            fresh.receive(&frame, T).is_ok(),
            rejected || matches!(message, ServerMessage::Challenge(_)),
            "{}",
            message.name()
        );
        let (mut up, _) = ready();
        let first = matches!(
            message,
            ServerMessage::Challenge(_) | ServerMessage::Welcome(_) | ServerMessage::Enrolled(_)
        );
        assert_eq!(up.receive(&frame, T).is_ok(), !first, "{}", message.name());
        let (_, mut server) = challenged();
        assert_eq!(server.send(&message, T).is_ok(), rejected, "{}", message.name());
    }
}

fn hello_frame() -> String {
    AgentMessage::Hello(hello()).encode().unwrap()
}

#[test]
fn an_agent_says_nothing_before_it_is_asked() {
    let mut agent = AgentLinkState::new(T);
    assert_eq!(
        agent.send(&AgentMessage::Hello(hello()), T),
        Err(Violation::OutOfTurn("hello"))
    );
    let (mut agent, _) = challenged();
    assert_eq!(
        agent.send(&AgentMessage::Heartbeat, T),
        Err(Violation::OutOfTurn("heartbeat"))
    );
}

#[test]
fn a_server_of_another_protocol_is_left() {
    let other = wire::Challenge {
        protocol_min: 7,
        protocol_max: 9,
        ..challenge()
    };
    let frame = ServerLinkState::new(T).open(&other, T).unwrap();
    assert_eq!(
        AgentLinkState::new(T).receive(&frame, T),
        Err(Violation::Protocol { min: 7, max: 9 })
    );
}

#[test]
fn an_order_that_names_no_action_ends_the_link() {
    let (mut agent, mut server) = ready();
    let nameless = ServerMessage::Order(SignedOrder {
        order: "{}".into(),
        signature: String::new(),
    });
    let frame = server.send(&nameless, T).unwrap();
    assert_eq!(agent.receive(&frame, T), Err(Violation::NamelessOrder));
}

#[test]
fn a_rejection_ends_the_link_at_any_time() {
    let (mut agent, mut server) = ready();
    let rejected = Rejected {
        reason: RejectReason::Removed,
        retry_after_seconds: None,
    };
    let frame = server.send(&ServerMessage::Rejected(rejected.clone()), T).unwrap();
    assert_eq!(agent.receive(&frame, T), Ok(AgentEvent::Rejected(rejected)));
    assert_eq!(agent.tick(T), Err(Violation::Closed));
}

#[test]
fn heartbeats_keep_a_quiet_link_and_silence_ends_it() {
    let (mut agent, mut server) = ready();
    assert_eq!(agent.tick(seconds(9)), Ok(Tick::Idle));
    assert_eq!(agent.next_tick(), seconds(10));
    let Ok(Tick::Send(frame)) = agent.tick(seconds(10)) else {
        panic!("a heartbeat is due")
    };
    assert_eq!(server.receive(&frame, seconds(10)), Ok(ServerEvent::Heartbeat));
    assert_eq!(agent.tick(seconds(10)), Ok(Tick::Idle));
    let silent = u64::from(MISSED_HEARTBEATS) * 10;
    assert!(server.tick(seconds(10 + silent)).is_ok());
    assert_eq!(server.tick(seconds(11 + silent)), Err(Violation::Silent));
    assert_eq!(agent.tick(seconds(silent + 1)), Err(Violation::Silent));
    assert_eq!(
        agent.receive(&ServerMessage::Heartbeat.encode().unwrap(), seconds(silent + 1)),
        Err(Violation::Closed)
    );
}

#[test]
fn a_handshake_that_takes_too_long_ends_the_link() {
    let (mut agent, mut server) = challenged();
    let late = T + HANDSHAKE_LIMIT + Duration::from_millis(1);
    assert_eq!(agent.tick(T + HANDSHAKE_LIMIT), Ok(Tick::Idle));
    assert_eq!(agent.next_tick(), late);
    assert_eq!(agent.tick(late), Err(Violation::HandshakeTimeout));
    assert_eq!(server.tick(late), Err(Violation::HandshakeTimeout));
}
