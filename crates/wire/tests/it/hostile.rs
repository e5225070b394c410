//! Input from a peer that means harm: decoding never panics, takes nothing that it would not write, and says why.

use std::sync::LazyLock;

use proptest::prelude::*;
use wire::{AgentMessage, DecodeError, EncodeError, MAX_FRAME, Report, ReportBody, ServerMessage, Stream};

use crate::samples;

static FRAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let server = samples::server_messages().into_iter().map(|m| m.encode().unwrap());
    server
        .chain(samples::agent_messages().into_iter().map(|m| m.encode().unwrap()))
        .collect()
});

/// What is taken is written again to the same meaning.
fn check(frame: &str) -> Result<(), TestCaseError> {
    if let Ok(message) = ServerMessage::decode(frame) {
        prop_assert_eq!(&ServerMessage::decode(&message.encode().unwrap()).unwrap(), &message);
        if let ServerMessage::Order(order) = &message {
            let _ = (
                order.open(&samples::order_key().verifying_key()),
                order.claimed_action(),
                order.digest(),
            );
        }
    }
    if let Ok(message) = AgentMessage::decode(frame) {
        prop_assert_eq!(AgentMessage::decode(&message.encode().unwrap()).unwrap(), message);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,200}") {
        check(&text)?;
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn changed_frames_are_survived(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in "\\PC{0,3}", cut in 0_usize..4,
    ) {
        let mut frame = which.get(&FRAMES).clone();
        let from = frame.floor_char_boundary(at.index(frame.len()));
        let to = frame.floor_char_boundary((from + cut).min(frame.len()));
        frame.replace_range(from..to.max(from), &with);
        check(&frame)?;
    }

    /// R10: an order changed at any byte is not the server's.
    #[test]
    fn a_changed_order_is_never_opened(at in any::<prop::sample::Index>(), with in "\\PC") {
        let mut signed = samples::signed_order();
        let from = signed.order.floor_char_boundary(at.index(signed.order.len()));
        let to = signed.order.ceil_char_boundary(from + 1);
        prop_assume!(signed.order[from..to] != with);
        signed.order.replace_range(from..to, &with);
        prop_assert!(signed.open(&samples::order_key().verifying_key()).is_err());
    }
}

#[test]
fn unknown_words_fields_and_shapes_are_refused() {
    for frame in [
        "",
        "null",
        "[]",
        "{}",
        "\"heartbeat\"",
        r#"{"type":"shell"}"#,
        r#"{"type":"heartbeat","x":1}"#,
        r#"{"type":"heartbeat","type":"heartbeat"}"#,
        r#"{"type":"cancel","action":"01890000-0000-7000-8000-000000000004","force":true}"#,
        r#"{"type":"cancel","action":"no id"}"#,
        r#"{"type":"ack","action":"01890000-0000-7000-8000-000000000004","n":-1}"#,
        r#"{"type":"ack","action":"01890000-0000-7000-8000-000000000004","n":1.5}"#,
        r#"{"type":"welcome","server_time":"2026-03-01T02:47:09Z","heartbeat_seconds":0}"#,
        r#"{"type":"challenge","protocol_min":2,"protocol_max":1,"nonce":"","server_time":"2026-03-01T02:47:09Z"}"#,
        r#"{"type":"report","action":"01890000-0000-7000-8000-000000000004","n":0,"body":{"type":"output","stream":"stdout","text":"","raw_bytes":0,"lines":0,"findings":[],"more":1}}"#,
        r#"{"type":"report","action":"01890000-0000-7000-8000-000000000004","n":0,"body":{"type":"output","stream":"stdin","text":"","raw_bytes":0,"lines":0,"findings":[]}}"#,
        r#"{"type":"report","action":"01890000-0000-7000-8000-000000000004","n":9007199254740992,"body":{"type":"refused","reason":"denied","detail":""}}"#,
    ] {
        assert!(ServerMessage::decode(frame).is_err(), "{frame}");
        assert!(AgentMessage::decode(frame).is_err(), "{frame}");
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}{}", r#"{"type":"report","body":"#.repeat(5000), "[".repeat(50_000));
    assert!(matches!(
        AgentMessage::decode(&deep),
        Err(DecodeError::NotAMessage { .. })
    ));
}

#[test]
fn findings_beyond_the_text_are_refused() {
    let mut report = samples::reports()[1].clone();
    if let ReportBody::Output { findings, .. } = &mut report.body {
        findings[0].start = u64::MAX;
    }
    let frame = AgentMessage::Report(report).encode().unwrap();
    assert_eq!(AgentMessage::decode(&frame), Err(DecodeError::Limits("report")));
}

#[test]
fn frames_are_limited_both_ways() {
    let text = "x".repeat(MAX_FRAME);
    let body = ReportBody::Output {
        stream: Stream::Stdout,
        text,
        raw_bytes: 0,
        lines: 0,
        findings: vec![],
    };
    let report = AgentMessage::Report(Report {
        action: samples::id(4),
        n: 1,
        body,
    });
    assert!(matches!(report.encode(), Err(EncodeError::TooLarge(_))));
    let frame = serde_json::to_string(&report).unwrap();
    assert_eq!(AgentMessage::decode(&frame), Err(DecodeError::TooLarge(frame.len())));
}
