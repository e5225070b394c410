//! One of each message, always the same: of protocol 1 here, what protocol 2 adds in `v2`.

pub(crate) mod v2;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::action::{Basis, Command, Outcome, RefusalReason, Verb};
use domain::digest::Digest;
use domain::finding::{Finding, FindingKind};
use domain::ids::ActionId;
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use wire::{
    AgentMessage, Challenge, Enrol, Enrolled, Finish, Hello, Order, OrderRedaction, OutputDigest, RejectReason,
    Rejected, Report, ReportBody, ServerMessage, SignedOrder, Stream, Welcome,
};

pub(crate) fn device_key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

pub(crate) fn order_key() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(n: u8) -> T {
    format!("01890000-0000-7000-8000-0000000000{n:02x}").parse().unwrap()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp(1_772_333_229_000_000_000 + seconds * 1_000_000_000)
}

pub(crate) fn challenge() -> Challenge {
    Challenge {
        protocol_min: 1,
        protocol_max: 1,
        nonce: "0a".repeat(32),
        server_time: at(0),
    }
}

pub(crate) fn enrol() -> Enrol {
    let enrol = Enrol {
        protocol: 1,
        token: "token".into(),
        public_key: String::new(),
        hostname: "POS-REGISTER-07".into(),
        os: "Debian GNU/Linux 12".into(),
        agent_version: "0.1.0".into(),
        capabilities: None,
        signature: String::new(),
    };
    enrol.sign(&challenge(), &device_key()).unwrap()
}

pub(crate) fn hello() -> Hello {
    let hello = Hello {
        protocol: 1,
        endpoint: id(1),
        agent_version: "0.1.0".into(),
        agent_time: at(1),
        about: None,
        signature: String::new(),
    };
    hello.sign(&challenge(), &device_key()).unwrap()
}

pub(crate) fn order() -> Order {
    let command = Command::Verb(Verb::FileTail {
        path: "/var/log/pos/é.log".into(),
        lines: 20,
    });
    Order {
        v: 1,
        org: id(2),
        endpoint: id(1),
        session: id(3),
        action: id(4),
        command_digest: command.digest(),
        command,
        scope: "file.tail(\"/var/log/pos/*.log\"){lines=20}".into(),
        basis: Basis::Grant {
            grant: id(5),
            request: id(6),
        },
        decision_leaf: 42,
        statement: Some(Digest::of(&[b"statement"])),
        redaction: OrderRedaction {
            ip_addresses: true,
            merchant_ids: vec!["4711".into()],
        },
        time_limit_seconds: 60,
        not_before: at(0),
        expires: at(60),
        nonce: "0b".repeat(16),
        evidence: None,
    }
}

pub(crate) fn signed_order() -> SignedOrder {
    // Once: signing takes long without optimisation, and properties ask often.
    static SIGNED: LazyLock<SignedOrder> = LazyLock::new(|| SignedOrder::sign(&order(), &order_key()).unwrap());
    SIGNED.clone()
}

pub(crate) fn finish() -> Finish {
    let mut output = OutputDigest::new();
    output.push(Stream::Stdout, "paid with [card]\n");
    let finish = Finish {
        outcome: Outcome::Failed,
        exit: Some(-1),
        started: at(2),
        finished: at(3),
        duration_ms: 1000,
        stdout_bytes: 30,
        stderr_bytes: 0,
        lines: 1,
        chunks: 1,
        findings: BTreeMap::from([(FindingKind::Card, 1)]),
        output: output.digest(),
        note: "It was ended by signal 9.".into(),
        receipt: String::new(),
        ran: None,
    };
    finish.sign(id(4), &signed_order().digest(), &device_key()).unwrap()
}

pub(crate) fn reports() -> Vec<Report> {
    let finding = Finding {
        kind: FindingKind::Card,
        rule: "card.luhn".into(),
        start: 10,
        len: 6,
        engine: 1,
    };
    let text = "paid with [card]\n".to_owned();
    let bodies = [
        ReportBody::Started {
            at: at(2),
            resource: "/var/log/pos/é.log".into(),
        },
        ReportBody::Output {
            stream: Stream::Stdout,
            text,
            raw_bytes: 30,
            lines: 1,
            findings: vec![finding],
        },
        ReportBody::Finished(finish()),
        ReportBody::Refused {
            reason: RefusalReason::OutOfScope,
            detail: "It leads to /etc/shadow.".into(),
        },
    ];
    let action: ActionId = id(4);
    (0..).zip(bodies).map(|(n, body)| Report { action, n, body }).collect()
}

pub(crate) fn server_messages() -> Vec<ServerMessage> {
    let enrolled = Enrolled {
        endpoint: id(1),
        org: id(2),
        name: "POS-07".into(),
        order_key: "0c".repeat(32),
        log_key: "countersign/x+0d+AA==".into(),
        more: None,
    };
    vec![
        ServerMessage::Challenge(challenge()),
        ServerMessage::Welcome(Welcome {
            server_time: at(0),
            heartbeat_seconds: 15,
            capabilities: None,
        }),
        ServerMessage::Enrolled(enrolled),
        ServerMessage::Rejected(Rejected {
            reason: RejectReason::RecordUnavailable,
            retry_after_seconds: Some(5),
        }),
        ServerMessage::Order(signed_order()),
        ServerMessage::Cancel { action: id(4) },
        ServerMessage::Ack { action: id(4), n: 2 },
        ServerMessage::Heartbeat,
    ]
}

pub(crate) fn agent_messages() -> Vec<AgentMessage> {
    let mut messages = vec![
        AgentMessage::Enrol(enrol()),
        AgentMessage::Hello(hello()),
        AgentMessage::Heartbeat,
    ];
    messages.extend(reports().into_iter().map(AgentMessage::Report));
    messages
}
