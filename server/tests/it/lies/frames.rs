//! Frames that are no honest message.

use domain::ids::ActionId;

use super::{At, Fate, Recorded, Row, Stage, lie, row};

/// A report of one byte of output that claims these counts, which our own types refuse to hold.
fn counting(action: &ActionId, raw_bytes: u64, lines: u64) -> String {
    format!(
        r#"{{"type":"report","action":"{action}","n":2,"body":{{"type":"output","stream":"stdout","text":"x","raw_bytes":{raw_bytes},"lines":{lines},"findings":[]}}}}"#
    )
}

/// The beginning of a report, of so many bytes.
fn part(action: &ActionId, n: u64, bytes: usize) -> String {
    let part = wire::ReportPart {
        action: *action,
        n,
        text: "x".repeat(bytes),
    };
    wire::AgentMessage::ReportPart(part).encode().unwrap()
}

/// Frames that are no honest message.
pub(super) fn about_frames() -> Vec<Row> {
    use {At::*, Fate::*, Recorded::*};
    vec![
        row(
            "counts beyond what is counted",
            Running,
            lie!(|s| s
                .liar
                .send_frame(&counting(&s.order.order.action, 9_007_199_254_740_992, 1))
                .await),
            Reason("within its limits"),
            Closed,
        ),
        row(
            "more lines than bytes",
            Running,
            lie!(|s| s.liar.send_frame(&counting(&s.order.order.action, 1, 2)).await),
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
            "the rest of a report that was not begun",
            Running,
            lie!(|s| {
                let whole = counting(&s.order.order.action, 1, 1);
                s.liar.send_frame(&whole.replacen("report", "report_rest", 1)).await;
            }),
            Reason("out of turn"),
            Closed,
        ),
        row(
            "parts of two reports in turn",
            Running,
            lie!(|s| {
                let action = s.order.order.action;
                s.liar.send_frame(&part(&action, 2, 4096)).await;
                s.liar.send_frame(&part(&action, 3, 4096)).await;
            }),
            Reason("out of turn"),
            Closed,
        ),
        row(
            "parts without end",
            Running,
            lie!(|s| {
                let part = part(&s.order.order.action, 2, 4096);
                while s.liar.try_send_frame(&part).await {}
            }),
            Reason("the frame has"),
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
