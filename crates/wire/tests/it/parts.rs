//! Reports in parts: what is cut is put together as it was, and what does not fit together ends the link.

use std::time::Duration;

use domain::finding::{Finding, FindingKind};
use proptest::prelude::*;
use wire::{
    AgentLinkState, AgentMessage, Capabilities, Cut, DecodeError, MAX_FRAME, PART, PARTS, Report, ReportBody,
    ReportPart, ServerEvent, ServerLinkState, Stream, Violation, Welcome,
};

use crate::protocols::ready;
use crate::samples::{self, id, v2};

const T: Duration = Duration::from_secs(100);

/// Both sides, where the server puts parts together.
fn both() -> (AgentLinkState, ServerLinkState) {
    let welcome = Welcome {
        capabilities: Some(Capabilities::new([PARTS]).unwrap()),
        ..v2::welcome()
    };
    ready(v2::challenge(), v2::hello(), welcome)
}

fn output(n: u64, text: String) -> Report {
    let size = text.len() as u64;
    let finding = Finding {
        kind: FindingKind::Card,
        rule: "card.luhn".into(),
        start: size - 6,
        len: 6,
        engine: 1,
    };
    let body = ReportBody::Output {
        stream: Stream::Stdout,
        text,
        raw_bytes: size,
        lines: 1,
        findings: vec![finding],
    };
    Report { action: id(4), n, body }
}

/// The report's parts, and its rest.
fn cut(report: Report) -> Vec<AgentMessage> {
    let mut cut = Cut::new(report);
    let mut parts: Vec<_> = std::iter::from_fn(|| cut.part())
        .map(AgentMessage::ReportPart)
        .collect();
    parts.push(AgentMessage::ReportRest(cut.rest()));
    parts
}

fn part(action: u8, n: u64, text: &str) -> AgentMessage {
    AgentMessage::ReportPart(ReportPart {
        action: id(action),
        n,
        text: text.into(),
    })
}

/// What a server says that heard these after another.
fn heard(messages: &[AgentMessage]) -> Result<ServerEvent, Violation> {
    let (_, mut server) = both();
    let mut last = Ok(ServerEvent::Part);
    for message in messages {
        assert_eq!(last, Ok(ServerEvent::Part), "before {}", message.name());
        last = server.receive(&message.encode().unwrap(), T);
    }
    last
}

proptest! {
    /// R11, R72: whatever the text, cut and put together it is the report that it was.
    #[test]
    fn what_was_cut_is_whole_again(text in "[aé€\u{1f600}\n\"]{1100,9000}") {
        let report = output(7, text.repeat(2));
        let (mut agent, mut server) = both();
        let parts = cut(report.clone());
        prop_assert!(parts.len() > 1);
        let last = parts.len() - 1;
        for (at, message) in parts.into_iter().enumerate() {
            let frame = agent.send(&message, T).unwrap();
            prop_assert!(frame.len() < 3 * PART + 1000);
            let event = server.receive(&frame, T).unwrap();
            prop_assert_eq!(event, if at == last { ServerEvent::Report(report.clone()) } else { ServerEvent::Part });
        }
    }
}

/// What is short, and what is no output, goes whole.
#[test]
fn what_is_short_is_not_cut() {
    for report in samples::reports() {
        assert!(!report.is_long());
        assert_eq!(cut(report.clone()), [AgentMessage::ReportRest(report)]);
    }
    for (more, parts) in [(0, 1), (1, 2)] {
        let report = output(0, "x".repeat(PART + more));
        assert_eq!(report.is_long(), more > 0);
        assert_eq!(cut(report).len(), parts);
    }
}

/// R16: between the parts of a report nothing else of its action is taken, and nothing else in parts; others' whole reports are.
#[test]
fn one_report_at_a_time_is_put_together() {
    let long = "x".repeat(PART);
    let whole = |action| {
        AgentMessage::Report(Report {
            action: id(action),
            ..samples::reports().remove(0)
        })
    };
    let rest = |action, n| {
        AgentMessage::ReportRest(Report {
            action: id(action),
            ..output(n, "the rest".into())
        })
    };
    let first = part(4, 3, &long);
    assert!(matches!(heard(&[first.clone(), whole(5)]), Ok(ServerEvent::Report(_))));
    assert!(matches!(
        heard(&[first.clone(), rest(4, 3)]),
        Ok(ServerEvent::Report(_))
    ));
    let out_of_turn = [
        vec![rest(4, 3)],
        vec![first.clone(), whole(4)],
        vec![first.clone(), part(5, 3, &long)],
        vec![first.clone(), part(4, 4, &long)],
        vec![first.clone(), rest(5, 3)],
        vec![first.clone(), rest(4, 4)],
        vec![first.clone(), AgentMessage::ReportRest(samples::reports().remove(0))],
    ];
    for messages in out_of_turn {
        let name = messages.last().unwrap().name();
        assert_eq!(heard(&messages), Err(Violation::OutOfTurn(name)), "{messages:?}");
    }
}

/// R16, R72: together the parts are no longer than a frame, none is so short that a report would be thousands of them, and what
/// the report says of its text holds for all of it.
#[test]
fn what_is_put_together_keeps_the_limits_of_what_comes_whole() {
    let (_, mut server) = both();
    let long = part(4, 3, &"x".repeat(100_000)).encode().unwrap();
    for _ in 0..2 {
        assert_eq!(server.receive(&long, T), Ok(ServerEvent::Part));
    }
    let beyond = Err(Violation::Decode(DecodeError::TooLarge(300_000)));
    assert_eq!(server.receive(&long, T), beyond);

    let almost = part(4, 3, &"x".repeat(MAX_FRAME - 1000));
    let rest = AgentMessage::ReportRest(output(3, "x".repeat(1001)));
    let beyond = Err(Violation::Decode(DecodeError::TooLarge(MAX_FRAME + 1)));
    assert_eq!(heard(&[almost, rest]), beyond);

    let short = part(4, 3, &"x".repeat(1023)).encode().unwrap();
    assert_eq!(AgentMessage::decode(&short), Err(DecodeError::Limits("report_part")));

    let mut rest = output(3, "the rest".into());
    if let ReportBody::Output { lines, .. } = &mut rest.body {
        *lines = 5000;
    }
    let lie = heard(&[part(4, 3, &"x".repeat(PART)), AgentMessage::ReportRest(rest)]);
    assert_eq!(lie, Err(Violation::Decode(DecodeError::Limits("report_rest"))));
}

/// An agent cuts nothing for a server that did not say that it puts parts together, and such a server takes none.
#[test]
fn nothing_is_cut_for_a_server_that_did_not_say_so() {
    for message in [
        part(4, 3, &"x".repeat(PART)),
        AgentMessage::ReportRest(output(3, "the rest".into())),
    ] {
        let (mut agent, mut server) = ready(v2::challenge(), v2::hello(), v2::welcome());
        let refused = Violation::NotInProtocol(message.name());
        assert!(!agent.takes_parts());
        assert_eq!(agent.send(&message, T).as_ref(), Err(&refused));
        assert_eq!(server.receive(&message.encode().unwrap(), T), Err(refused));
    }
    assert!(both().0.takes_parts());
}
