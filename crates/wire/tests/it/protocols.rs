//! Protocol 2 beside protocol 1: what it signs, and that neither side shows the other what it can't read.

use std::time::Duration;

use domain::action::RefusalReason;
use domain::digest::Digest;
use wire::{
    About, AgentEvent, AgentLinkState, AgentMessage, BrokenChain, Capabilities, Challenge, DecodeError, Enrol, Finish,
    Hello, KeyRotation, MAX_EVIDENCE, Order, REDACTION, Ran, RejectReason, Report, ReportBody, ServerEvent,
    ServerLinkState, ServerMessage, SignError, SignedOrder, Violation, Welcome,
};

use crate::samples::{self, at, device_key, id, order_key, v2};

const T: Duration = Duration::from_secs(100);

/// Both sides after the handshake: of an agent that says `hello` to a server that offers `challenge`.
pub(crate) fn ready(challenge: Challenge, hello: Hello, welcome: Welcome) -> (AgentLinkState, ServerLinkState) {
    let (mut agent, mut server) = (AgentLinkState::new(T), ServerLinkState::new(T));
    agent.receive(&server.open(&challenge, T).unwrap(), T).unwrap();
    let frame = agent.send(&AgentMessage::Hello(hello.clone()), T).unwrap();
    assert_eq!(server.receive(&frame, T), Ok(ServerEvent::Hello(hello)));
    let frame = server.send(&ServerMessage::Welcome(welcome.clone()), T).unwrap();
    assert_eq!(agent.receive(&frame, T), Ok(AgentEvent::Ready(welcome)));
    (agent, server)
}

fn both_new() -> (AgentLinkState, ServerLinkState) {
    ready(v2::challenge(), v2::hello(), v2::welcome())
}

fn old_welcome() -> Welcome {
    Welcome {
        capabilities: None,
        ..v2::welcome()
    }
}

#[test]
fn new_and_new_speak_protocol_2() {
    let (mut agent, mut server) = both_new();
    assert_eq!((agent.protocol(), server.protocol()), (2, 2));
    for (message, event) in [
        (ServerMessage::Retire, AgentEvent::Retire),
        (
            ServerMessage::KeyRotation(v2::rotation()),
            AgentEvent::KeyRotation(v2::rotation()),
        ),
        (
            ServerMessage::Order(v2::signed_order()),
            AgentEvent::Order(v2::signed_order()),
        ),
    ] {
        let frame = server.send(&message, T).unwrap();
        assert_eq!(agent.receive(&frame, T), Ok(event));
    }
    let frame = agent.send(&AgentMessage::KeyPinned { generation: 2 }, T).unwrap();
    assert_eq!(server.receive(&frame, T), Ok(ServerEvent::KeyPinned(2)));
}

/// R30: an agent is told what to redact with if it says that it can be, and its debug form holds neither key nor words.
#[test]
fn what_to_redact_with_goes_to_agents_that_say_that_they_take_it() {
    let message = ServerMessage::Redaction(v2::redaction());
    let (_, mut server) = both_new();
    assert_eq!(server.send(&message, T), Err(Violation::NotInProtocol("redaction")));

    let mut hello = v2::hello();
    let about = hello.about.as_mut().unwrap();
    about.capabilities = Capabilities::new(about.capabilities.words().chain([REDACTION])).unwrap();
    let hello = hello.sign(&v2::challenge(), &device_key()).unwrap();
    let (mut agent, mut server) = ready(v2::challenge(), hello, v2::welcome());
    let frame = server.send(&message, T).unwrap();
    assert_eq!(
        agent.receive(&frame, T),
        Ok(AgentEvent::Redaction(Box::new(v2::redaction())))
    );
    let shown = format!("{:?}", v2::redaction());
    assert!(!shown.contains("0f0f") && !shown.contains("Straße"), "{shown}");

    let mut broken = v2::redaction();
    broken.session_key.pop();
    let frame = ServerMessage::Redaction(broken).encode().unwrap();
    assert!(matches!(
        ServerMessage::decode(&frame),
        Err(DecodeError::Limits("redaction"))
    ));
}

/// An old agent with a new server: it is served as ever, and neither side says what protocol 1 has not.
#[test]
fn an_old_agent_is_served_as_ever() {
    // Its own hello is signed over the new server's challenge, with the bytes of protocol 1.
    let hello = Hello {
        signature: String::new(),
        ..samples::hello()
    };
    let hello = hello.sign(&v2::challenge(), &device_key()).unwrap();
    hello.verify(&v2::challenge(), &device_key().verifying_key()).unwrap();
    let (_, mut server) = ready(v2::challenge(), hello, old_welcome());
    assert_eq!(server.protocol(), 1);
    assert!(server.send(&ServerMessage::Order(samples::signed_order()), T).is_ok());
    for message in [
        ServerMessage::Order(v2::signed_order()),
        ServerMessage::Retire,
        ServerMessage::KeyRotation(v2::rotation()),
        v2::server_messages().remove(3),
    ] {
        assert_eq!(server.send(&message, T), Err(Violation::NotInProtocol(message.name())));
    }
    let mut frames = v2::agent_messages().into_iter().skip(2).map(|m| m.encode().unwrap());
    let refused = server.receive(&frames.next().unwrap(), T);
    assert_eq!(
        refused,
        Err(Violation::NotInProtocol("report")),
        "nor does it take such"
    );
}

/// A new agent with an old server, whose challenge ends at 1: it speaks 1, down to the receipts that it has in its spool.
#[test]
fn a_new_agent_speaks_as_the_old_server_does() {
    let (mut agent, mut server) = ready(samples::challenge(), samples::hello(), old_welcome());
    assert_eq!(agent.protocol(), 1);
    let report = Report {
        action: id(4),
        n: 2,
        body: ReportBody::Finished(v2::finish()),
    };
    let said = agent.send(&AgentMessage::Report(report.clone()), T);
    assert_eq!(said, Err(Violation::NotInProtocol("report")));
    let old = report.for_protocol(agent.protocol());
    let frame = agent.send(&AgentMessage::Report(old.clone()), T).unwrap();
    assert_eq!(server.receive(&frame, T), Ok(ServerEvent::Report(old.clone())));
    let ReportBody::Finished(finish) = old.body else {
        panic!("it is the end")
    };
    assert!(finish.verify_receipt(id(4), &v2::signed_order().digest(), &device_key().verifying_key()));
    let goodbye = v2::agent_messages().remove(4);
    assert_eq!(agent.send(&goodbye, T), Err(Violation::NotInProtocol("goodbye")));
}

/// What is new in the handshake is refused where the protocol that it names has not got it, and missed where it has.
#[test]
fn the_handshake_holds_what_its_protocol_has() {
    let (old, new) = (samples::hello(), v2::hello());
    let hellos = [
        Hello {
            about: None,
            ..new.clone()
        },
        Hello {
            protocol: 1,
            ..new.clone()
        },
        Hello {
            about: new.about.map(|a| About {
                instance: "x".into(),
                ..a
            }),
            ..old
        },
    ];
    for hello in hellos {
        assert!(AgentMessage::decode(&AgentMessage::Hello(hello).encode().unwrap()).is_err());
    }
    let enrols = [
        Enrol {
            capabilities: None,
            ..v2::enrol()
        },
        Enrol {
            protocol: 1,
            ..v2::enrol()
        },
    ];
    for enrol in enrols {
        assert!(AgentMessage::decode(&AgentMessage::Enrol(enrol).encode().unwrap()).is_err());
    }
    let (mut agent, mut server) = (AgentLinkState::new(T), ServerLinkState::new(T));
    agent.receive(&server.open(&v2::challenge(), T).unwrap(), T).unwrap();
    let frame = agent.send(&AgentMessage::Hello(v2::hello()), T).unwrap();
    server.receive(&frame, T).unwrap();
    let welcome = ServerMessage::Welcome(old_welcome());
    assert_eq!(server.send(&welcome, T), Err(Violation::NotInProtocol("welcome")));
}

/// R22: what a proof says of the agent is signed with it, for protocol 2 alone.
#[test]
fn a_proof_covers_what_the_agent_says_of_itself() {
    let key = device_key().verifying_key();
    v2::hello().verify(&v2::challenge(), &key).unwrap();
    let about = v2::hello().about.unwrap();
    let changed = [
        About {
            os: "other".into(),
            ..about.clone()
        },
        About {
            instance: "0f".repeat(16),
            ..about.clone()
        },
        About {
            capabilities: Default::default(),
            ..about
        },
    ];
    for about in changed {
        let hello = Hello {
            about: Some(about),
            ..v2::hello()
        };
        assert_eq!(hello.verify(&v2::challenge(), &key), Err(RejectReason::BadSignature));
    }
    let stripped = Hello {
        about: None,
        protocol: 1,
        ..v2::hello()
    };
    assert_eq!(stripped.verify(&v2::challenge(), &key), Err(RejectReason::BadSignature));
    let enrol = Enrol {
        capabilities: Some(Default::default()),
        ..v2::enrol()
    };
    assert_eq!(enrol.verify(&v2::challenge()), Err(RejectReason::BadSignature));
}

/// R10: a receipt of protocol 2 binds command, statement and agent version as well.
#[test]
fn a_receipt_names_what_was_run() {
    let (key, order) = (device_key().verifying_key(), v2::signed_order().digest());
    assert!(v2::finish().verify_receipt(id(4), &order, &key));
    let ran = *v2::finish().ran.unwrap();
    for other in [
        Ran {
            command: Digest::of(&[]),
            ..ran.clone()
        },
        Ran {
            statement: None,
            ..ran.clone()
        },
        Ran {
            agent_version: "0.3.0".into(),
            ..ran.clone()
        },
        Ran {
            receipt: v2::finish().receipt,
            ..ran
        },
    ] {
        let finish = Finish {
            ran: Some(Box::new(other)),
            ..v2::finish()
        };
        assert!(!finish.verify_receipt(id(4), &order, &key));
    }
    let finish = Finish {
        exit: Some(0),
        ..v2::finish()
    };
    assert!(!finish.verify_receipt(id(4), &order, &key));
}

/// R24: evidence travels in an order of version 2, under its signature, and in no other.
#[test]
fn evidence_is_signed_and_bounded() {
    let key = order_key().verifying_key();
    assert_eq!(v2::signed_order().open(&key), Ok(v2::order()));
    assert_eq!(
        (
            v2::signed_order().claimed_version(),
            samples::signed_order().claimed_version()
        ),
        (2, 1)
    );
    let sign = |order: Order| SignedOrder::sign(&order, &order_key());
    assert_eq!(sign(Order { v: 1, ..v2::order() }), Err(SignError::Version));
    let much = Some("x".repeat(MAX_EVIDENCE + 1));
    assert_eq!(
        sign(Order {
            evidence: much,
            ..v2::order()
        }),
        Err(SignError::Version)
    );
    let mut changed = v2::signed_order();
    changed.order = changed.order.replace("webauthn.get", "webauthn.got");
    assert_eq!(changed.open(&key), Err(RefusalReason::BadSignature));
}

/// R10, R22: a new order key is followed only from the one that is pinned, for one's own org, in time.
#[test]
fn a_new_order_key_is_signed_with_the_old_one() {
    let pinned = order_key().verifying_key();
    let next = v2::next_order_key().verifying_key();
    assert_eq!(v2::rotation().follow(id(2), &pinned, at(0)), Ok(next));
    assert_eq!(
        v2::rotation().follow(id(2), &next, at(0)),
        Err(BrokenChain::BadSignature)
    );
    assert_eq!(v2::rotation().follow(id(3), &pinned, at(0)), Err(BrokenChain::OtherOrg));
    assert_eq!(
        v2::rotation().follow(id(2), &pinned, at(-1)),
        Err(BrokenChain::TooEarly)
    );
    let changed = [
        KeyRotation {
            generation: 3,
            ..v2::rotation()
        },
        KeyRotation {
            order_key: wire::public_key_text(&pinned),
            ..v2::rotation()
        },
        KeyRotation {
            log_key: String::new(),
            ..v2::rotation()
        },
        KeyRotation {
            not_before: at(-9),
            ..v2::rotation()
        },
    ];
    for rotation in changed {
        assert_eq!(rotation.follow(id(2), &pinned, at(0)), Err(BrokenChain::BadSignature));
    }
    let weak = KeyRotation {
        order_key: "00".repeat(32),
        ..v2::rotation()
    };
    let weak = weak.sign(&order_key()).unwrap();
    assert_eq!(weak.follow(id(2), &pinned, at(0)), Err(BrokenChain::Malformed));
}

/// R10: an order is signed anew only where the server itself had signed it.
#[test]
fn an_order_is_signed_anew_only_from_its_own_key() {
    let (old, new) = (order_key().verifying_key(), v2::next_order_key());
    let anew = samples::signed_order().sign_anew(&old, &new).unwrap();
    assert_eq!(anew.open(&new.verifying_key()), Ok(samples::order()));
    assert_eq!(anew.digest(), samples::signed_order().digest());
    let mut changed = samples::signed_order();
    changed.order = changed.order.replace("20", "90");
    assert_eq!(changed.sign_anew(&old, &new), None);
}

/// After its last word an agent says nothing more, and still hears what was on its way.
#[test]
fn after_goodbye_nothing_more_is_said() {
    for last in [AgentMessage::Retired, v2::agent_messages().remove(4)] {
        let (mut agent, mut server) = both_new();
        let frame = agent.send(&last, T).unwrap();
        assert!(matches!(
            server.receive(&frame, T),
            Ok(ServerEvent::Retired | ServerEvent::Goodbye(_))
        ));
        let late = AgentMessage::Report(samples::reports().remove(0));
        assert_eq!(agent.send(&late, T), Err(Violation::OutOfTurn("report")));
        let ack = ServerMessage::Ack { action: id(4), n: 2 };
        let frame = server.send(&ack, T).unwrap();
        assert_eq!(agent.receive(&frame, T), Ok(AgentEvent::Ack { action: id(4), n: 2 }));
        assert_eq!(
            server.receive(&late.encode().unwrap(), T),
            Err(Violation::OutOfTurn("report"))
        );
    }
}
