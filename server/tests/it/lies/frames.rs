//! Frames that are no honest message.

use super::{At, Fate, Recorded, Row, Stage, lie, row};

/// Frames that are no honest message.
pub(super) fn about_frames() -> Vec<Row> {
    use {At::*, Fate::*, Recorded::*};
    vec![
        row(
            "counts beyond what is counted",
            Running,
            lie!(|s| {
                let frame = format!(
                    r#"{{"type":"report","action":"{}","n":2,"body":{{"type":"output","stream":"stdout","text":"x","raw_bytes":9007199254740992,"lines":1,"findings":[]}}}}"#,
                    s.order.order.action
                );
                s.liar.send_frame(&frame).await;
            }),
            Reason("within its limits"),
            Closed,
        ),
        row(
            "more lines than bytes",
            Running,
            lie!(|s| {
                let frame = format!(
                    r#"{{"type":"report","action":"{}","n":2,"body":{{"type":"output","stream":"stdout","text":"x","raw_bytes":1,"lines":2,"findings":[]}}}}"#,
                    s.order.order.action
                );
                s.liar.send_frame(&frame).await;
            }),
            Reason("within its limits"),
            Closed,
        ),
        row(
            "a frame beyond the limit",
            Running,
            lie!(|s| s.liar.send_frame(&"x".repeat(wire::MAX_FRAME + 1)).await),
            Reason("more than 256 KiB"),
            Closed,
        ),
        row(
            "no message at all",
            Running,
            lie!(|s| s.liar.send_frame("{}").await),
            Reason("not a message"),
            Closed,
        ),
        row(
            "a second hello",
            Running,
            lie!(|s| {
                let hello = wire::Hello {
                    protocol: wire::PROTOCOL_MIN,
                    endpoint: s.liar.endpoint(),
                    agent_version: "0".into(),
                    agent_time: engine::Deps::system().now(),
                    about: None,
                    signature: "00".repeat(64),
                };
                let frame = wire::AgentMessage::Hello(hello).encode().unwrap();
                s.liar.send_frame(&frame).await;
            }),
            Reason("out of turn"),
            Closed,
        ),
        row(
            "heartbeats without end",
            Running,
            lie!(|s| {
                let frame = wire::AgentMessage::Heartbeat.encode().unwrap();
                while s.liar.try_send_frame(&frame).await {}
            }),
            Reason("say nothing"),
            Closed,
        ),
    ]
}
