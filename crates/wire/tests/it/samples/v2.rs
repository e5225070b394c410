//! The messages that protocol 2 adds or says more in.

use domain::digest::Digest;
use domain::finding::FindingKind;
use domain::redaction::{NamedPattern, RedactionSettings};
use ed25519_dalek::SigningKey;
use wire::{
    About, ActionRedaction, AgentMessage, Capabilities, Challenge, Enrol, Enrolled, EnrolledMore, Finish,
    GoodbyeReason, Hello, KeyRotation, Manifest, Order, Ran, RejectReason, Rejected, Report, ReportBody, ReportPart,
    ServerMessage, SignedManifest, SignedOrder, UpdatePart, UpdateStage, UpdateState, UpdateWant, Welcome,
};

use super::{at, device_key, id, order_key};

pub(crate) fn next_order_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities::new(["verb:file.read", "verb:file.tail", "shell:sh"]).unwrap()
}

pub(crate) fn challenge() -> Challenge {
    Challenge {
        protocol_max: 2,
        ..super::challenge()
    }
}

pub(crate) fn enrol() -> Enrol {
    let enrol = Enrol {
        protocol: 2,
        capabilities: Some(capabilities()),
        ..super::enrol()
    };
    enrol.sign(&challenge(), &device_key()).unwrap()
}

pub(crate) fn hello() -> Hello {
    let hello = Hello {
        protocol: 2,
        about: Some(About {
            os: "Debian GNU/Linux 12".into(),
            capabilities: capabilities(),
            instance: "0e".repeat(16),
        }),
        ..super::hello()
    };
    hello.sign(&challenge(), &device_key()).unwrap()
}

pub(crate) fn welcome() -> Welcome {
    Welcome {
        server_time: at(0),
        heartbeat_seconds: 10,
        capabilities: Some(Capabilities::new(["order-key.rotation", "retire"]).unwrap()),
    }
}

pub(crate) fn order() -> Order {
    Order {
        v: 2,
        evidence: Some("{\"type\":\"webauthn.get\"}".into()),
        ..super::order()
    }
}

pub(crate) fn signed_order() -> SignedOrder {
    SignedOrder::sign(&order(), &order_key()).unwrap()
}

pub(crate) fn rotation() -> KeyRotation {
    let rotation = KeyRotation {
        org: id(2),
        generation: 2,
        order_key: wire::public_key_text(&next_order_key().verifying_key()),
        log_key: "countersign/x+0d+AA==".into(),
        not_before: at(0),
        signature: String::new(),
    };
    rotation.sign(&order_key()).unwrap()
}

pub(crate) fn release_key() -> SigningKey {
    SigningKey::from_bytes(&[4; 32])
}

pub(crate) fn manifest() -> Manifest {
    Manifest {
        v: 1,
        version: "0.2.0".parse().unwrap(),
        target: "x86_64-unknown-linux-gnu".into(),
        size: 131_076,
        sha256: Digest::of(&[b"the program"]),
        minimum: "0.1.0".parse().unwrap(),
        not_before: Some(at(0)),
    }
}

pub(crate) fn release() -> SignedManifest {
    SignedManifest::sign(&manifest(), &release_key()).unwrap()
}

pub(crate) fn finish() -> Finish {
    let finish = Finish {
        ran: Some(Box::new(Ran {
            command: order().command_digest,
            statement: Some(Digest::of(&[b"statement"])),
            agent_version: "0.2.0".into(),
            receipt: String::new(),
        })),
        ..super::finish()
    };
    finish.sign(id(4), &signed_order().digest(), &device_key()).unwrap()
}

pub(crate) fn redaction() -> ActionRedaction {
    ActionRedaction {
        action: id(4),
        session_key: "0f".repeat(32),
        settings: RedactionSettings {
            ip_addresses: true,
            mac_addresses: false,
            merchant_ids: vec!["4711-88".into()],
            terms: vec!["Straße 7".into()],
            patterns: vec![NamedPattern {
                name: "loyalty".into(),
                pattern: "LC-######".into(),
            }],
            off: vec![FindingKind::Email],
        },
    }
}

pub(crate) fn server_messages() -> Vec<ServerMessage> {
    let enrolled = Enrolled {
        endpoint: id(1),
        org: id(2),
        name: "POS-07".into(),
        order_key: "0c".repeat(32),
        log_key: "countersign/x+0d+AA==".into(),
        more: Some(EnrolledMore {
            order_generation: 1,
            confirmation: true,
        }),
    };
    vec![
        ServerMessage::Challenge(challenge()),
        ServerMessage::Welcome(welcome()),
        ServerMessage::Enrolled(enrolled),
        ServerMessage::Rejected(Rejected {
            reason: RejectReason::CloneDetected,
            retry_after_seconds: None,
        }),
        ServerMessage::Order(signed_order()),
        ServerMessage::Retire,
        ServerMessage::KeyRotation(rotation()),
        ServerMessage::UpdateOffer(release()),
        ServerMessage::UpdatePart(UpdatePart::new(release().digest(), 131_072, b"\x7fELF")),
        ServerMessage::UpdateNoted {
            release: release().digest(),
            stage: UpdateStage::Committed,
        },
        ServerMessage::Redaction(redaction()),
    ]
}

pub(crate) fn agent_messages() -> Vec<AgentMessage> {
    let goodbye = |reason| AgentMessage::Goodbye { reason };
    vec![
        AgentMessage::Enrol(enrol()),
        AgentMessage::Hello(hello()),
        AgentMessage::Report(Report {
            action: id(4),
            n: 2,
            body: ReportBody::Finished(finish()),
        }),
        AgentMessage::Retired,
        goodbye(GoodbyeReason::Stopped),
        goodbye(GoodbyeReason::Update),
        goodbye(GoodbyeReason::Shutdown),
        AgentMessage::KeyPinned { generation: 2 },
        AgentMessage::UpdateWant(UpdateWant {
            release: release().digest(),
            offset: 131_072,
        }),
        AgentMessage::UpdateState(UpdateState::new(
            release().digest(),
            UpdateStage::RolledBack,
            "0.1.0".parse().unwrap(),
            "It did not connect within 300 s.",
        )),
        AgentMessage::ReportPart(ReportPart {
            action: id(4),
            n: 1,
            text: "paid at é\n".repeat(100),
        }),
        AgentMessage::ReportRest(super::reports().remove(1)),
    ]
}
