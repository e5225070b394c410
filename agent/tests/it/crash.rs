//! The agent ended at any moment: what was spooled arrives, the end is truthful, nothing runs twice (R3, R14). The same with
//! scripts of `sh` is in `posix/crash.rs`, with those of `cmd` in `windows/crash.rs`.

use domain::action::RefusalReason;
use wire::{ReportBody, Stream};

use crate::harness::{Server, script};

/// R3: taken but not started when the agent ended: it does not run, and that is reported.
#[tokio::test]
async fn an_order_that_was_only_taken_is_not_run() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    let proof = agent.folder.path().join("ran");
    let order = server.order(script::append(&proof, "yes"));
    let journal = agent::journal::Journal::open(&agent.data().join("journal.jsonl"), agent::clock::now()).unwrap();
    journal
        .take(&order.nonce, order.action, server.sign(&order).digest(), order.expires)
        .unwrap();
    drop(journal);
    agent.run();
    let mut link = server.ready().await;
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, true).await;
    assert_eq!(story.refusal().0, RefusalReason::NotRun);
    agent.spool_empties().await;
    server.story(&mut link, &server.order(script::nothing())).await;
    assert!(!proof.exists());
}

/// R3: what the network loses is sent again, the same and in order, until it is acknowledged.
#[tokio::test]
async fn a_new_connection_gets_what_was_not_acknowledged() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let order = server.order(script::both());
    server.send_order(&mut link, &order).await;
    let first = link.story(order.action, false).await;
    drop(link);
    let mut link = server.ready().await;
    let again = link.story(order.action, false).await;
    assert_eq!(again.reports, first.reports);
    link.ack(&first.reports[0]).await;
    drop(link);
    let mut link = server.ready().await;
    // An acknowledgement counts for what came by its own connection alone.
    for expected in &first.reports[1..] {
        assert_eq!(
            &link.report().await,
            expected,
            "the acknowledged one does not come again"
        );
    }
    link.ack(first.reports.last().unwrap()).await;
    agent.spool_empties().await;
    assert!(matches!(first.reports.last().unwrap().body, ReportBody::Finished(_)));
}

/// R3: what waits for its acknowledgement is sealed: no piece of an output lies readable in the data folder.
#[tokio::test]
async fn what_is_spooled_is_not_readable() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = server.order(script::print("plain-output-9f3c"));
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    assert_eq!(story.text(Stream::Stdout).trim_end(), "plain-output-9f3c");
    agent.kill();
    let spool = agent.data().join("spool").join(order.action.to_string());
    assert!(spool.join("0000000000.seg").exists());
    for plain in ["plain-output", "-9f3c", "stdout"] {
        assert!(!agent.holds(plain), "{plain}");
    }
}
