//! What the agent says of itself, how it says goodbye and retires, and how it follows new order keys.

use domain::action::{Outcome, RefusalReason};
use domain::fingerprint::fingerprint;
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use wire::{GoodbyeReason, KeyRotation, RejectReason, Rejected, ServerEvent, ServerMessage, Stream};

use crate::harness::{Server, cli, eventually};

/// The agent shows the fingerprint that the server's page shows; it says what it can do, and each start is another one.
#[tokio::test]
async fn the_agent_says_who_it_is_and_what_it_can_do() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    let print = fingerprint(server.device_key.unwrap().as_bytes());
    let status = cli(&["status"], &agent.data());
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains(&print), "{said}");
    let mut starts = vec![];
    for _ in 0..2 {
        agent.run();
        let mut link = server.accept().await;
        let ServerEvent::Hello(hello) = link.event().await else {
            panic!("not a hello")
        };
        let about = hello.about.unwrap();
        assert!(about.capabilities.has("verb:file.read") && about.capabilities.has("shell:sh"));
        starts.push(about.instance);
        agent.kill();
    }
    assert_ne!(starts[0], starts[1]);
}

/// A new agent with an old server: it speaks protocol 1, and its ends carry the receipt of protocol 1.
#[tokio::test]
async fn an_old_server_is_served_as_ever() {
    let mut server = Server::start().await;
    server.speaks = 1;
    let (mut agent, mut link) = server.agent().await;
    let story = server.story(&mut link, &server.script("echo old")).await;
    assert_eq!(
        (story.outcome(), story.text(Stream::Stdout)),
        (Outcome::Succeeded, "old\n".into())
    );
    assert!(story.finish().ran.is_none());
    // A word that protocol 1 has not would break it: the server's side takes none.
    let (ended, left) = tokio::join!(agent.terminate(), link.is_ended_by_agent());
    assert!(ended && left);
}

/// R10: the receipt of protocol 2 names what was run, and by which agent.
#[tokio::test]
async fn a_receipt_names_command_and_agent() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let order = server.script("true");
    let story = server.story(&mut link, &order).await;
    let ran = story.finish().ran.clone().unwrap();
    assert_eq!((ran.command, ran.statement), (order.command_digest, order.statement));
    assert_eq!(ran.agent_version, *agent::agent::VERSION);
}

/// R1: an agent that is stopped says so.
#[tokio::test]
async fn a_stopped_agent_says_goodbye() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    server.story(&mut link, &server.script("true")).await;
    agent.spool_empties().await;
    let ended = agent.terminate();
    let said = link.word();
    let (ended, said) = tokio::join!(ended, said);
    assert!(ended);
    assert_eq!(said, ServerEvent::Goodbye(GoodbyeReason::Stopped));
}

/// R10, R14: told to retire, the agent ends what runs, reports it, and takes nothing new; it forgets who it is only once the
/// server says that the endpoint was removed.
#[tokio::test]
async fn a_retiring_agent_ends_reports_and_forgets() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = server.script("echo begun; sleep 600");
    server.send_order(&mut link, &order).await;
    let begun = link.until(order.action, "begun").await;
    link.send(ServerMessage::Retire).await;
    link.send(ServerMessage::Retire).await;
    server.send_order(&mut link, &server.script("echo late")).await;
    for report in &begun.reports {
        link.ack(report).await;
    }
    let mut last = begun.reports;
    while last
        .last()
        .is_none_or(|r| !matches!(r.body, wire::ReportBody::Finished(_)))
    {
        let report = link.report().await;
        assert_eq!(report.action, order.action, "nothing new was begun");
        link.ack(&report).await;
        last.push(report);
    }
    assert_eq!(
        link.word().await,
        ServerEvent::Retired,
        "only after everything was acknowledged"
    );
    assert!(agent.data().join("identity.json").exists());
    link.send(ServerMessage::Rejected(Rejected {
        reason: RejectReason::Removed,
        retry_after_seconds: None,
    }))
    .await;
    eventually("the identity is forgotten", || {
        !agent.data().join("identity.json").exists()
    })
    .await;
    let mut process = agent.process.take().unwrap();
    let mut status = None;
    eventually("the agent ends by itself", || {
        status = process.try_wait().unwrap();
        status.is_some()
    })
    .await;
    assert!(status.unwrap().success());
}

/// R10: a new order key is pinned from the old one alone, durably, before it is acknowledged; then only it counts.
#[tokio::test]
async fn a_new_order_key_is_followed_along_the_chain() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let (old, new) = (server.order_key.clone(), SigningKey::from_bytes(&[3; 32]));
    let rotation = |by: &SigningKey| {
        KeyRotation {
            org: server.org,
            generation: 2,
            order_key: wire::public_key_text(&new.verifying_key()),
            log_key: "log".into(),
            not_before: Timestamp(0),
            signature: String::new(),
        }
        .sign(by)
        .unwrap()
    };
    link.send(ServerMessage::KeyRotation(rotation(&new))).await;
    assert!(link.is_ended_by_agent().await, "a key that signs itself is no chain");
    let mut link = server.ready().await;
    link.send(ServerMessage::KeyRotation(rotation(&old))).await;
    assert_eq!(link.word().await, ServerEvent::KeyPinned(2));
    let stale = server.script("true");
    server.send_order(&mut link, &stale).await;
    let story = link.story(stale.action, true).await;
    assert_eq!(story.refusal().0, RefusalReason::BadSignature);
    server.order_key = new;
    assert_eq!(
        server.story(&mut link, &server.script("true")).await.outcome(),
        Outcome::Succeeded
    );

    agent.spool_empties().await;
    agent.kill();
    agent.run();
    let mut link = server.ready().await;
    assert_eq!(
        server.story(&mut link, &server.script("true")).await.outcome(),
        Outcome::Succeeded
    );
}
