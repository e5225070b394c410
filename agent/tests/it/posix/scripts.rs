//! Scripts of `sh`: exact bytes, both streams, all of the output, and the whole tree ended when it has to end.

use std::time::Duration;

use domain::action::{Command, Outcome, RefusalReason, Script, Shell};
use domain::finding::FindingKind;
use wire::{Order, Report, ReportBody, ServerEvent, ServerMessage, Stream};

use crate::harness::{CANARY, Server, Story, eventually};

fn exists(pid: &str) -> bool {
    std::path::Path::new("/proc").join(pid).exists()
}

/// R11, R30, R34: streams apart, exit code, totals, receipt; a card number is nowhere on the endpoint, and the finding
/// says where it was without saying what.
#[tokio::test]
async fn output_arrives_redacted_and_complete() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    // The shell puts the number together, so that it is in the output only.
    let (a, b) = CANARY.split_at(8);
    let order = server.script(&format!(
        "printf 'card %s%s ok\\n' {a} {b}\necho oops >&2\nprintf 'no end'\nexit 3\n"
    ));
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    story.check(&server, &order);
    assert!(!agent.holds(CANARY), "the card number is on disk");

    assert_eq!(story.resource(), "/bin/sh");
    let text = story.text(Stream::Stdout);
    assert!(
        text.starts_with("card ") && text.ends_with(" ok\nno end") && !text.contains(&CANARY[..12]),
        "{text}"
    );
    assert_eq!(story.text(Stream::Stderr), "oops\n");
    let finish = story.finish();
    assert_eq!(
        (finish.outcome, finish.exit, finish.lines),
        (Outcome::Failed, Some(3), 3)
    );
    assert_eq!(
        (finish.stdout_bytes, finish.stderr_bytes),
        ("card 4242424242424242 ok\nno end".len() as u64, 5)
    );
    assert_eq!(finish.findings[&FindingKind::Card], 1);

    link.ack(story.reports.last().unwrap()).await;
    agent.spool_empties().await;
}

/// R10, R11: what runs is the approved text byte for byte, whatever it is made of, with no input and a clean environment.
#[tokio::test]
async fn a_script_runs_as_its_exact_bytes() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let text = "cat \"$0\"\n# 'quotes' \"double\" $dollar `tick` \\back\\slash é \u{1f600}\n: '\n\n  '";
    let story = server.story(&mut link, &server.script(text)).await;
    assert_eq!(story.text(Stream::Stdout), text);
    assert_eq!(story.outcome(), Outcome::Succeeded);
    let story = server
        .story(&mut link, &server.script("wc -c; pwd; env | sort | cut -d= -f1"))
        .await;
    assert_eq!(
        story.text(Stream::Stdout),
        "0\n/\nCOUNTERSIGN_ACTION\nHOME\nLANG\nPATH\nPWD\n"
    );
}

/// R11: millions of bytes arrive complete and in order, though the server acknowledges nothing meanwhile.
#[tokio::test]
async fn much_output_is_complete() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let order = server.script("i=0; while [ $i -lt 40 ]; do i=$((i+1)); yes \"line of batch $i\" | head -n 5000; done");
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    story.check(&server, &order);
    let expected: String = (1..=40).map(|i| format!("line of batch {i}\n").repeat(5000)).collect();
    assert!(story.text(Stream::Stdout) == expected, "the output differs");
    assert_eq!(story.finish().lines, 200_000);
    link.ack(story.reports.last().unwrap()).await;
    agent.spool_empties().await;
}

/// R14: cancelling ends everything that was started, detached or not, while it floods.
#[tokio::test]
async fn cancel_ends_the_whole_tree() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let order = server.script(
        "sleep 1000 & echo pid $!\nsetsid sleep 1000 & echo pid $!\n(setsid sh -c 'sleep 1000 & echo pid $!; exec sleep 1000' &)\nsleep 0.2\necho pid $$\necho all\nwhile :; do echo flood; done",
    );
    server.send_order(&mut link, &order).await;
    let before = link.until(order.action, "all\n").await;
    let pids: Vec<String> = before
        .text(Stream::Stdout)
        .lines()
        .filter_map(|l| l.strip_prefix("pid ").map(str::to_owned))
        .collect();
    assert_eq!(pids.len(), 4, "{pids:?}");
    assert!(pids.iter().all(|p| exists(p)));
    link.send(ServerMessage::Cancel { action: order.action }).await;
    let mut story = before;
    link.rest(&mut story, order.action).await;
    assert_eq!(story.outcome(), Outcome::Cancelled);
    story.check(&server, &order);
    eventually("the tree is gone", || !pids.iter().any(|p| exists(p))).await;
}

/// R14: the time limit ends the tree, and says so.
#[tokio::test]
async fn the_time_limit_ends_the_action() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let order = Order {
        time_limit_seconds: 1,
        ..server.script("echo $$; sleep 1000; echo never")
    };
    let story = server.story(&mut link, &order).await;
    assert_eq!(story.outcome(), Outcome::TimedOut);
    let pid = story.text(Stream::Stdout);
    eventually("the script is gone", || !exists(pid.trim())).await;
}

/// R14: what a script leaves running is left alone, and the end says that its output is not recorded.
#[tokio::test]
async fn a_daemon_that_is_left_running_survives() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let story = server.story(&mut link, &server.script("sleep 600 & echo $!")).await;
    let pid = story.text(Stream::Stdout).trim().to_owned();
    assert!(exists(&pid));
    assert_eq!(story.outcome(), Outcome::Succeeded);
    assert!(
        story.finish().note.contains("left a process running"),
        "{}",
        story.finish().note
    );
    let raw = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::KILL).unwrap();
}

/// R14: a script ended by a signal, and one that ends its own supervisor, are reported as what they are.
#[tokio::test]
async fn unusual_ends_are_told_truthfully() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let story = server.story(&mut link, &server.script("echo before; kill -9 $$")).await;
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Failed, Some(137)));
    assert!(story.finish().note.contains("signal 9"));
    let story = server
        .story(&mut link, &server.script("echo $$; kill -9 $PPID; sleep 1000"))
        .await;
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Unknown, None));
    let pid = story.text(Stream::Stdout);
    eventually("the script is gone", || !exists(pid.trim())).await;
}

/// A slow action does not hold up another.
#[tokio::test]
async fn actions_run_side_by_side() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let slow = server.script("echo started; sleep 1000");
    server.send_order(&mut link, &slow).await;
    let before = link.until(slow.action, "started\n").await;
    server.story(&mut link, &server.script("echo quick")).await;
    link.send(ServerMessage::Cancel { action: slow.action }).await;
    let mut story = before;
    link.rest(&mut story, slow.action).await;
    assert_eq!(story.outcome(), Outcome::Cancelled);
}

/// R11, R72: through a slow network long reports come in parts, and what they are put together to is whole.
#[tokio::test]
async fn long_reports_come_in_parts_through_a_slow_network() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    link.narrow();
    let flood = server.script("i=0; while [ $i -lt 40000 ]; do echo \"line $i of a flood\"; i=$((i+1)); done");
    server.send_order(&mut link, &flood).await;
    let (mut parts, mut reports) = (0, vec![]);
    while !matches!(
        reports.last(),
        Some(Report {
            body: ReportBody::Finished(_),
            ..
        })
    ) {
        let event = link.event().await;
        if event == ServerEvent::Part {
            parts += 1;
        } else if let ServerEvent::Report(report) = event {
            tokio::time::sleep(Duration::from_millis(40)).await;
            reports.push(report);
        }
    }
    assert!(parts > 0, "{} reports came whole", reports.len());
    let story = Story { reports };
    story.check(&server, &flood);
    let all: String = (0..40_000).map(|i| format!("line {i} of a flood\n")).collect();
    assert!(story.text(Stream::Stdout) == all, "the output differs");
}

/// A shell that is not there is refused; where it is there, it runs the script.
#[tokio::test]
async fn pwsh_runs_where_it_is_installed() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let order = server.order(Command::Script(Script {
        shell: Shell::Pwsh,
        text: "Write-Output hello".into(),
    }));
    let story = server.story(&mut link, &order).await;
    match agent::run::find_shell(Shell::Pwsh) {
        Some(_) => assert_eq!(story.text(Stream::Stdout).trim(), "hello"),
        None => assert_eq!(story.refusal().0, RefusalReason::Unsupported),
    }
}
