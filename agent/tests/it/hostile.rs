//! A server that misbehaves on the link itself: nothing runs that should not, nothing runs twice, nothing is lost that the
//! agent still has, and a server that comes to its senses is served (R3, R10, R14, R22).

use std::collections::BTreeMap;

use domain::action::{Outcome, RefusalReason};
use domain::ids::ActionId;
use wire::{ReportBody, ServerMessage, SignedOrder, Stream};

use crate::harness::{Server, Story, eventually, id};

/// R3, R14: acknowledgements of what was never sent, and cancels of what is not there, change nothing.
#[tokio::test]
async fn acknowledgements_and_cancels_out_of_thin_air_change_nothing() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let unknown: ActionId = id(9);
    link.send(ServerMessage::Ack { action: unknown, n: 7 }).await;
    link.send(ServerMessage::Cancel { action: unknown }).await;
    let go = agent.folder.path().join("go");
    let order = server.script(&format!(
        "echo one; while [ ! -e {} ]; do sleep 0.02; done; echo two",
        go.display()
    ));
    server.send_order(&mut link, &order).await;
    let before = link.until(order.action, "one\n").await;
    // As if everything there will ever be had arrived: nothing is thrown away for that, sent or not.
    for n in [1_000, u64::MAX / 2048] {
        link.send(ServerMessage::Ack {
            action: order.action,
            n,
        })
        .await;
    }
    std::fs::write(&go, "").unwrap();
    let mut story = before;
    while !matches!(story.reports.last().unwrap().body, ReportBody::Finished(_)) {
        let report = link.report().await;
        assert_eq!((report.action, report.n), (order.action, story.reports.len() as u64));
        story.reports.push(report);
    }
    story.check(&server, &order);
    assert_eq!(story.text(Stream::Stdout), "one\ntwo\n");
    link.ack(story.reports.last().unwrap()).await;
    agent.spool_empties().await;
    // An action that is over is no longer there either.
    link.send(ServerMessage::Cancel { action: order.action }).await;
    let story = server.story(&mut link, &server.script("true")).await;
    assert_eq!(story.outcome(), Outcome::Succeeded);
}

/// R10: a frame that is cut off anywhere, or too long, is no order; the agent leaves and comes back.
#[tokio::test]
async fn a_frame_that_is_cut_off_or_too_long_is_no_order() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let proof = agent.folder.path().join("ran");
    let order = server.script(&format!("touch {}", proof.display()));
    let whole = ServerMessage::Order(server.sign(&order)).encode().unwrap();
    let cuts = [1, 20, whole.len() / 2, whole.len() - 2, whole.len() - 1];
    let cut = cuts.map(|at| whole[..at].to_owned());
    let long = whole.replace("touch", &"x".repeat(wire::MAX_FRAME));
    for frame in cut.into_iter().chain([long]) {
        link.frame(frame).await;
        assert!(link.is_ended_by_agent().await);
        link = server.ready().await;
    }
    assert!(!proof.exists());
    server.story(&mut link, &order).await;
    assert!(proof.exists(), "whole, it runs");
}

/// R10: an order whose scope, endpoint or time was changed after it was signed is refused, one byte or many.
#[tokio::test]
async fn an_order_that_was_widened_after_signing_is_refused() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let proof = agent.folder.path().join("ran");
    let order = server.script(&format!("touch {}", proof.display()));
    let signed = server.sign(&order);
    let (expires, later) = (
        order.expires.to_string(),
        order.expires.plus(std::time::Duration::from_secs(1)).to_string(),
    );
    let changes = [
        (order.scope.replace('"', "\\\""), "script.run".to_owned()),
        (expires, later),
        (
            "\"time_limit_seconds\":600".into(),
            "\"time_limit_seconds\":6000".into(),
        ),
        ("\"decision_leaf\":1".into(), "\"decision_leaf\":2".into()),
        ("\"rule\":\"test\"".into(), "\"rule\":\"best\"".into()),
    ];
    for (from, to) in changes {
        let changed = signed.order.replacen(&from, &to, 1);
        assert_ne!(changed, signed.order, "{from} is in the order");
        link.send(ServerMessage::Order(SignedOrder {
            order: changed,
            ..signed.clone()
        }))
        .await;
        let story = link.story(order.action, true).await;
        assert_eq!(story.refusal().0, RefusalReason::BadSignature, "{from}");
        agent.spool_empties().await;
    }
    assert!(!proof.exists());
}

/// R3, R10, R22: many orders at once, each again and again: each runs, and once.
#[tokio::test]
async fn a_flood_of_orders_runs_each_once() {
    const ORDERS: usize = 60;
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let runs = agent.folder.path().join("runs");
    let orders: Vec<_> = (0..ORDERS)
        .map(|n| server.script(&format!("echo {n} >> {}; echo {n}", runs.display())))
        .collect();
    for _ in 0..5 {
        for order in &orders {
            server.send_order(&mut link, order).await;
        }
    }
    let mut stories: BTreeMap<ActionId, Story> = BTreeMap::new();
    let mut ended = 0;
    while ended < ORDERS {
        let report = link.report().await;
        link.ack(&report).await;
        let story = stories.entry(report.action).or_insert(Story { reports: vec![] });
        assert_eq!(report.n, story.reports.len() as u64, "without gaps");
        ended += usize::from(matches!(report.body, ReportBody::Finished(_)));
        story.reports.push(report);
    }
    for (n, order) in orders.iter().enumerate() {
        let story = &stories[&order.action];
        story.check(&server, order);
        assert_eq!(
            (story.outcome(), story.text(Stream::Stdout)),
            (Outcome::Succeeded, format!("{n}\n"))
        );
    }
    // What came again meanwhile has had its chance by then.
    server.story(&mut link, &server.script("true")).await;
    eventually("the spool empties", || {
        std::fs::read_dir(agent.data().join("spool")).unwrap().count() == 0
    })
    .await;
    let mut ran: Vec<usize> = std::fs::read_to_string(&runs)
        .unwrap()
        .lines()
        .map(|l| l.parse().unwrap())
        .collect();
    ran.sort_unstable();
    assert_eq!(ran, (0..ORDERS).collect::<Vec<_>>());
}
