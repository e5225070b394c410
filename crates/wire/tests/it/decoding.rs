//! What holds for all bytes, whoever made them. Used by the replays in `fuzz.rs` and by the libFuzzer targets in `/fuzz`.
//! Each says whether something in its input was taken.

use std::time::Duration;

use domain::action::RefusalReason;
use domain::digest::hex;
use domain::timestamp::Timestamp;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use wire::{
    AgentLinkState, AgentMessage, Challenge, PROTOCOL, PROTOCOL_MIN, ServerLinkState, ServerMessage, SignError,
    SignedManifest, SignedOrder, Version, Violation, parse_public_key, public_key_text,
};

/// Decodes `frame` as both sides would. Nothing panics; what is taken is written again to bytes that read as the same
/// message and that are their own encoding, so that no two readings of a message exist.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn frame(frame: &str) -> bool {
    let to_agent = ServerMessage::decode(frame);
    if let Ok(message) = &to_agent {
        let bytes = message.encode().expect("what fitted a frame fits one");
        let again = ServerMessage::decode(&bytes).expect("its own bytes are a message");
        assert!(again == *message, "read differently the second time");
        assert!(
            again.encode().expect("it fitted before") == bytes,
            "written differently"
        );
        if let ServerMessage::Order(order) = message {
            check_order(order);
        }
    }
    let to_server = AgentMessage::decode(frame);
    if let Ok(message) = &to_server {
        let bytes = message.encode().expect("what fitted a frame fits one");
        let again = AgentMessage::decode(&bytes).expect("its own bytes are a message");
        assert!(again == *message, "read differently the second time");
        assert!(
            again.encode().expect("it fitted before") == bytes,
            "written differently"
        );
    }
    to_agent.is_ok() || to_server.is_ok()
}

/// No order is genuine for a key that nobody holds.
fn check_order(order: &SignedOrder) {
    let _ = (order.claimed_action(), order.claimed_version(), order.digest());
    if let Ok(key) = VerifyingKey::from_bytes(&[0x58; 32]) {
        assert!(order.open(&key) == Err(RefusalReason::BadSignature));
    }
}

/// Reads `text` as an order, a release and what stands in them, all signed with the right key: what is taken is what
/// signing it anew would give, byte for byte.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn signed(text: &str) -> bool {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = |purpose: &str| hex(&key.sign(format!("{purpose}{text}").as_bytes()).to_bytes());
    let order = SignedOrder {
        order: text.to_owned(),
        signature: signature("countersign order v1\n"),
    };
    let opened = order.open(&key.verifying_key());
    assert!(
        opened != Err(RefusalReason::BadSignature),
        "it is signed with the right key"
    );
    if let Ok(opened) = &opened {
        match SignedOrder::sign(opened, &key) {
            Ok(again) => assert!(again == order, "signed differently"),
            Err(e) => assert!(matches!(e, SignError::TooLarge(_)), "{e}"),
        }
        assert_eq!(order.claimed_action(), Some(opened.action));
        assert_eq!(order.claimed_version(), opened.v);
        let other = SigningKey::from_bytes(&[8; 32]);
        assert!(order.open(&other.verifying_key()) == Err(RefusalReason::BadSignature));
        let anew = order.sign_anew(&key.verifying_key(), &other);
        let anew = anew.expect("the old key signed it");
        assert!(anew.open(&other.verifying_key()).as_ref() == Ok(opened));
    }
    let release = SignedManifest {
        manifest: text.to_owned(),
        signature: signature("countersign release v1\n"),
    };
    let manifest = release.open(&key.verifying_key());
    assert!(manifest == release.claimed(), "the signature is right");
    if let Ok(manifest) = &manifest {
        let again = SignedManifest::sign(manifest, &key).expect("it was signed before");
        assert!(again == release, "signed differently");
    }
    let version = text.parse::<Version>();
    if let Ok(version) = version {
        assert_eq!(version.to_string(), text);
    }
    let public = parse_public_key(text);
    if let Some(public) = &public {
        assert_eq!(public_key_text(public), text);
    }
    opened.is_ok() || manifest.is_ok() || version.is_ok() || public.is_some()
}

/// Takes each line of `text` as the next frame between two sides: what the server may say is said by one and heard by the
/// other, and the other way about. What a side says in its turn, the other decodes, and after a violation a side takes and
/// says nothing.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn conversation(text: &str) -> bool {
    let mut now = Duration::from_secs(100);
    let challenge = Challenge {
        protocol_min: PROTOCOL_MIN,
        protocol_max: PROTOCOL,
        nonce: "0a".repeat(32),
        server_time: Timestamp(0),
    };
    let (mut agent, mut server) = (AgentLinkState::new(now), ServerLinkState::new(now));
    let _ = server.open(&challenge, now);
    let (mut agent_broke, mut server_broke, mut ready) = (false, false, false);
    for line in text.lines().take(64) {
        now += Duration::from_secs(1);
        // Who uses the server's side welcomes an agent whose proof holds, and it holds for a protocol that was offered alone.
        let offered = (PROTOCOL_MIN..=PROTOCOL).contains(&server.protocol());
        if let Ok(message) = ServerMessage::decode(line)
            && (offered || !matches!(message, ServerMessage::Welcome(_)))
            && let Ok(frame) = server.send(&message, now)
        {
            assert!(!server_broke, "said after a violation");
            assert!(ServerMessage::decode(&frame).as_ref() == Ok(&message));
        }
        // And who uses the agent's side answers with the protocol that was agreed on.
        let named = |message: &AgentMessage| {
            let hello = matches!(message, AgentMessage::Hello(hello) if hello.protocol != agent.protocol());
            let enrol = matches!(message, AgentMessage::Enrol(enrol) if enrol.protocol != agent.protocol());
            !hello && !enrol
        };
        if let Ok(message) = AgentMessage::decode(line)
            && named(&message)
            && let Ok(frame) = agent.send(&message, now)
        {
            assert!(!agent_broke, "said after a violation");
            assert!(AgentMessage::decode(&frame).as_ref() == Ok(&message));
        }
        // Each line goes to the side that it can be for; one that is for neither, to both.
        let (for_agent, for_server) = (ServerMessage::decode(line), AgentMessage::decode(line));
        if for_agent.is_ok() || for_server.is_err() {
            let heard = agent.receive(line, now);
            assert!(
                !agent_broke || heard == Err(Violation::Closed),
                "heard after a violation"
            );
            agent_broke |= heard.is_err();
        }
        if for_server.is_ok() || for_agent.is_err() {
            let heard = server.receive(line, now);
            assert!(
                !server_broke || heard == Err(Violation::Closed),
                "heard after a violation"
            );
            server_broke |= heard.is_err();
        }
        assert!(!agent_broke || !agent.is_ready(), "ready after a violation");
        assert!(!server_broke || !server.is_ready(), "ready after a violation");
        for (protocol, is_ready) in [
            (agent.protocol(), agent.is_ready()),
            (server.protocol(), server.is_ready()),
        ] {
            assert!(!is_ready || (PROTOCOL_MIN..=PROTOCOL).contains(&protocol), "{protocol}");
            ready |= is_ready;
        }
        let _ = (agent.next_tick(), server.next_tick(), agent.tick(now), server.tick(now));
    }
    ready
}
