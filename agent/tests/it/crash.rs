//! The agent ended at any moment: what was spooled arrives, the end is truthful, nothing runs twice (R3, R14).

use domain::action::{Outcome, RefusalReason};
use wire::{ReportBody, Stream};

use crate::harness::{CANARY, Server, eventually};

fn gone(pid: &str) -> bool {
    !std::path::Path::new("/proc").join(pid).exists()
}

/// R3, R14: killed in the middle of an action, twice.
#[tokio::test]
async fn after_a_kill_the_spool_arrives_and_the_action_ends_unknown() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let count = agent.folder.path().join("count");
    let (a, b) = CANARY.split_at(8);
    let text = format!(
        "echo ran >> {}; echo $$; printf 'card %s%s\\n' {a} {b}; seq 1 2000; echo last; sleep 1000",
        count.display()
    );
    let order = server.script(&text);
    server.send_order(&mut link, &order).await;
    let before = link.until(order.action, "last\n").await;
    let pid = before.text(Stream::Stdout).lines().next().unwrap().to_owned();
    agent.kill();
    drop(link);
    eventually("the tree is gone with its agent", || gone(&pid)).await;
    assert!(!agent.holds(CANARY));

    agent.run();
    let mut link = server.ready().await;
    server.send_order(&mut link, &order).await;
    let first = link.report().await;
    assert_eq!(
        first, before.reports[0],
        "nothing was acknowledged, so everything comes again"
    );
    agent.kill();
    drop(link);

    agent.run();
    let mut link = server.ready().await;
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, true).await;
    story.check(&server, &order);
    assert_eq!(story.reports[..before.reports.len()], before.reports);
    assert_eq!(story.text(Stream::Stdout), before.text(Stream::Stdout));
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Unknown, None));
    assert!(story.finish().note.contains("not known"));
    agent.spool_empties().await;
    server.story(&mut link, &server.script("true")).await;
    assert_eq!(std::fs::read_to_string(&count).unwrap(), "ran\n", "it ran once");
}

/// R3: killed at random moments of a run that floods, the reports go on where they were, and the totals hold.
#[tokio::test]
async fn kills_at_random_moments_lose_nothing_that_was_reported() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    for round in 0..6_usize {
        agent.run();
        let mut link = server.ready().await;
        let order = server.script("while :; do seq 1 500; done");
        server.send_order(&mut link, &order).await;
        let mut seen = vec![];
        while seen.len() < 1 + round * round * 5 {
            seen.push(link.report().await);
        }
        agent.kill();
        agent.run();
        let mut link = server.ready().await;
        let story = link.story(order.action, true).await;
        story.check(&server, &order);
        assert!(story.reports.len() > seen.len() && story.reports[..seen.len()] == seen[..]);
        assert_eq!(story.outcome(), Outcome::Unknown);
        let text = story.text(Stream::Stdout);
        let expected: String = (1..=500)
            .map(|n| format!("{n}\n"))
            .collect::<String>()
            .repeat(text.len() / 1892 + 1);
        assert!(expected.starts_with(&text), "round {round}: the output has a hole");
        agent.spool_empties().await;
        assert!(agent.terminate().await);
    }
}

/// R3: taken but not started when the agent ended: it does not run, and that is reported.
#[tokio::test]
async fn an_order_that_was_only_taken_is_not_run() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    let proof = agent.folder.path().join("ran");
    let order = server.script(&format!("touch {}", proof.display()));
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
    server.story(&mut link, &server.script("true")).await;
    assert!(!proof.exists());
}

/// R14: stopped by its owner, the agent ends what runs, writes down how, and says so when it is back.
#[tokio::test]
async fn stopping_the_agent_ends_what_runs_truthfully() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = server.script("echo $$; sleep 1000");
    server.send_order(&mut link, &order).await;
    let pid = link
        .until(order.action, "\n")
        .await
        .text(Stream::Stdout)
        .trim()
        .to_owned();
    drop(link);
    assert!(agent.terminate().await);
    assert!(gone(&pid));
    agent.run();
    let story = server.ready().await.story(order.action, true).await;
    assert_eq!(story.outcome(), Outcome::Cancelled);
    assert!(story.finish().note.contains("agent was stopped"));
    story.check(&server, &order);
}

/// R3: what the network loses is sent again, the same and in order, until it is acknowledged.
#[tokio::test]
async fn a_new_connection_gets_what_was_not_acknowledged() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let order = server.script("echo one; echo two >&2");
    server.send_order(&mut link, &order).await;
    let first = link.story(order.action, false).await;
    drop(link);
    let mut link = server.ready().await;
    let again = link.story(order.action, false).await;
    assert_eq!(again.reports, first.reports);
    link.ack(&first.reports[0]).await;
    drop(link);
    let mut link = server.ready().await;
    let rest = link.report().await;
    assert_eq!(rest, first.reports[1], "the acknowledged one does not come again");
    link.ack(first.reports.last().unwrap()).await;
    agent.spool_empties().await;
    assert!(matches!(first.reports.last().unwrap().body, ReportBody::Finished(_)));
}

/// R3: what waits for its acknowledgement is sealed: no piece of an output lies readable in the data folder.
#[tokio::test]
async fn what_is_spooled_is_not_readable() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = server.script("printf 'plain%s\\n' -output-9f3c");
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    assert_eq!(story.text(Stream::Stdout), "plain-output-9f3c\n");
    agent.kill();
    let spool = agent.data().join("spool").join(order.action.to_string());
    assert!(spool.join("0000000000.seg").exists());
    for plain in ["plain-output", "-9f3c", "/bin/sh", "stdout"] {
        assert!(!agent.holds(plain), "{plain}");
    }
}
