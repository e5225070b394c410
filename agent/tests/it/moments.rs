//! The agent ended at each moment between an order's arrival and its end: journalled before it starts, never run twice, and
//! what is said about it is true (R3, R14).

use std::os::unix::process::ExitStatusExt;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use domain::action::{Outcome, RefusalReason};
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use wire::{Order, ReportBody};

use crate::harness::{Agent, Server, Story, eventually};

/// How often a script of [`counting`] ran.
fn ran(agent: &Agent) -> usize {
    std::fs::read_to_string(agent.folder.path().join("count"))
        .unwrap_or_default()
        .lines()
        .count()
}

fn counting(server: &Server, agent: &Agent) -> Order {
    server.script(&format!("echo ran >> {}", agent.folder.path().join("count").display()))
}

/// The agent after its next start, and what it says about an order that comes again.
async fn after(server: &Server, agent: &mut Agent, order: &Order) -> Story {
    agent.run();
    let mut link = server.ready().await;
    server.send_order(&mut link, order).await;
    let story = link.story(order.action, true).await;
    story.check(server, order);
    agent.spool_empties().await;
    // It is over: the same order again does nothing.
    let before = ran(agent);
    server.send_order(&mut link, order).await;
    server.story(&mut link, &server.script("true")).await;
    assert_eq!(ran(agent), before);
    agent.spool_empties().await;
    story
}

/// R3: ended in the middle of writing the order into the journal, by the system, at chosen bytes: it was not taken, so that
/// it runs when it comes again, once.
#[tokio::test]
async fn ended_while_an_order_is_journalled() {
    for bytes in [0, 1, 60] {
        let mut server = Server::start().await;
        let mut agent = server.enrolled_agent().await;
        let process = Process::new(env!("CARGO_BIN_EXE_countersign-agent"))
            .args(["run", "--data"])
            .arg(agent.data())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&process);
        agent.process = Some(process);
        let mut link = server.ready().await;
        eventually("it is connected", || agent.status().contains("connected since")).await;
        // Writing beyond this size ends a process (SIGXFSZ), and what fits was written before.
        let limit = |resource, most| {
            let limit = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            prlimit(Some(pid), resource, limit).unwrap();
        };
        limit(Resource::Core, 0);
        limit(Resource::Fsize, bytes);
        let order = counting(&server, &agent);
        server.send_order(&mut link, &order).await;
        let mut status = None;
        eventually("the agent is ended", || {
            status = agent.process.as_mut().unwrap().try_wait().unwrap();
            status.is_some()
        })
        .await;
        assert_eq!(status.unwrap().signal(), Some(Signal::XFSZ.as_raw()));
        agent.process = None;
        let journal = std::fs::read(agent.data().join("journal.jsonl")).unwrap();
        assert_eq!(journal.len() as u64, bytes, "a line was cut");
        let story = after(&server, &mut agent, &order).await;
        assert_eq!((story.outcome(), ran(&agent)), (Outcome::Succeeded, 1));
    }
}

/// R3: killed after the order is in the journal and before its start could be written down: it does not run, ever.
#[tokio::test]
async fn killed_between_journal_and_start() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = counting(&server, &agent);
    // A file where the action's folder should be made: its start can't be written down, and waits.
    let obstacle = agent.data().join("spool").join(order.action.to_string());
    std::fs::write(&obstacle, "").unwrap();
    server.send_order(&mut link, &order).await;
    let journal = agent.data().join("journal.jsonl");
    eventually("it is taken", || {
        std::fs::read_to_string(&journal).unwrap().contains(&order.nonce)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    agent.kill();
    drop(link);
    std::fs::remove_file(&obstacle).unwrap();
    let story = after(&server, &mut agent, &order).await;
    assert_eq!(story.refusal().0, RefusalReason::NotRun);
    assert_eq!(ran(&agent), 0);
}

/// R3, R14: killed as soon as it is durable that it starts, before anything else is known: how it ended is not known.
#[tokio::test]
async fn killed_right_after_the_start_was_written_down() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = counting(&server, &agent);
    let segment = agent
        .data()
        .join("spool")
        .join(order.action.to_string())
        .join("0000000000.seg");
    server.send_order(&mut link, &order).await;
    // The start is the first report; the file is there before it is.
    while !segment.exists() {
        tokio::task::yield_now().await;
    }
    agent.kill();
    drop(link);
    check(&after(&server, &mut agent, &order).await, ran(&agent));
}

/// R3, R14: killed at many moments around the start: whatever is said is true of what happened, and nothing happens twice.
#[tokio::test]
async fn killed_around_the_start() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    for round in 0..16 {
        agent.run();
        let mut link = server.ready().await;
        let order = counting(&server, &agent);
        server.send_order(&mut link, &order).await;
        tokio::time::sleep(Duration::from_micros(700 * round)).await;
        agent.kill();
        drop(link);
        let story = after(&server, &mut agent, &order).await;
        check(&story, ran(&agent));
        agent.kill();
        let count = agent.folder.path().join("count");
        if count.exists() {
            std::fs::remove_file(count).unwrap();
        }
    }
}

/// R3: killed when all is written down and nothing is acknowledged: it comes again as it was.
#[tokio::test]
async fn killed_after_the_end() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let order = counting(&server, &agent);
    server.send_order(&mut link, &order).await;
    let before = link.story(order.action, false).await;
    agent.kill();
    drop(link);
    let story = after(&server, &mut agent, &order).await;
    assert_eq!(story.reports, before.reports);
    assert_eq!((story.outcome(), ran(&agent)), (Outcome::Succeeded, 1));
}

/// Whether an action's story is true of how often it ran.
fn check(story: &Story, ran: usize) {
    match &story.reports.last().unwrap().body {
        ReportBody::Refused { reason, .. } => assert_eq!((*reason, ran), (RefusalReason::NotRun, 0)),
        ReportBody::Finished(finish) => match finish.outcome {
            Outcome::Succeeded => assert_eq!(ran, 1),
            Outcome::Unknown => assert!(ran <= 1),
            other @ (Outcome::Failed | Outcome::Cancelled | Outcome::TimedOut) => panic!("{other}"),
        },
        other @ (ReportBody::Started { .. } | ReportBody::Output { .. }) => panic!("no end: {other:?}"),
    }
}
