//! Scripts of `cmd`: exact bytes, both streams, all of the output, and the whole tree ended when it has to end.

use domain::action::{Outcome, RefusalReason, Shell};
use domain::finding::FindingKind;
use wire::{Order, ServerMessage, Stream};

use super::{Beat, files_of_scripts};
use crate::harness::{CANARY, Server, script};

/// R11, R13, R30: streams apart, exit code, totals, receipt; a card number is nowhere on the endpoint.
#[tokio::test]
async fn output_arrives_redacted_and_complete() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let (a, b) = CANARY.split_at(8);
    let order = server.script(&format!(
        "set a={a}\r\nset b={b}\r\necho card %a%%b% ok\r\necho oops>&2\r\nexit /b 3\r\n"
    ));
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    story.check(&server, &order);
    assert!(!agent.holds(CANARY), "the card number is on disk");
    assert!(
        story.resource().to_lowercase().ends_with(r"\system32\cmd.exe"),
        "{}",
        story.resource()
    );
    let text = story.text(Stream::Stdout);
    assert!(
        text.starts_with("card ") && text.trim_end().ends_with(" ok") && !text.contains(&CANARY[..12]),
        "{text}"
    );
    assert_eq!(story.text(Stream::Stderr).trim_end(), "oops");
    let finish = story.finish();
    assert_eq!((finish.outcome, finish.exit), (Outcome::Failed, Some(3)));
    assert_eq!(finish.findings[&FindingKind::Card], 1);
    link.ack(story.reports.last().unwrap()).await;
    agent.spool_empties().await;
    assert_eq!(files_of_scripts(&agent), 0);
}

/// R10, R13: what runs is the approved text byte for byte, whatever its lines end with.
#[tokio::test]
async fn a_script_runs_as_its_exact_bytes() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let copy = agent.folder.path().join("a copy");
    let text = format!(
        "copy /b \"%~f0\" \"{}\"\r\nrem 'quotes' \"double\" %%PATH%% ^ & | é \u{1f600}\nrem and no end",
        copy.display()
    );
    let story = server.story(&mut link, &server.script(&text)).await;
    assert_eq!(story.outcome(), Outcome::Succeeded, "{}", story.text(Stream::Stdout));
    assert_eq!(std::fs::read(copy).unwrap(), text.as_bytes());
}

/// R13: the environment is the documented one, and the folder the root of Windows' drive.
#[tokio::test]
async fn a_script_gets_a_clean_environment() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let order = server.script("cd\r\nset");
    let story = server.story(&mut link, &order).await;
    let text = story.text(Stream::Stdout);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(r"C:\"));
    let names: Vec<String> = lines
        .filter_map(|l| l.split_once('='))
        .map(|(name, _)| name.to_uppercase())
        .collect();
    let expected: Vec<String> = agent::run::environment(&order.action.to_string())
        .into_iter()
        .map(|(name, _)| name.to_uppercase())
        .collect();
    for name in &names {
        // What the shell and Wine's loader add by themselves.
        let own = ["PROMPT", ""].contains(&name.as_str()) || name.starts_with("WINE");
        assert!(own || expected.contains(name), "{name} was inherited");
    }
    for name in ["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATH", "TEMP", "COMSPEC"] {
        assert!(names.contains(&name.to_owned()), "{name} is missing: {text}");
    }
    assert!(text.contains(&format!("COUNTERSIGN_ACTION={}", order.action)));
}

/// R14: cancelling ends everything that was started, while it floods.
#[tokio::test]
async fn cancel_ends_the_whole_tree() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let beat = Beat::new(agent.folder.path(), "below");
    let order = server.script(&format!(
        "{}echo all\r\n:again\r\necho flood\r\ngoto again\r\n",
        beat.start()
    ));
    server.send_order(&mut link, &order).await;
    let mut story = link.until(order.action, "all").await;
    beat.runs().await;
    link.send(ServerMessage::Cancel { action: order.action }).await;
    link.rest(&mut story, order.action).await;
    assert_eq!(story.outcome(), Outcome::Cancelled);
    assert!(
        !story.finish().note.contains("may still run"),
        "{}",
        story.finish().note
    );
    story.check(&server, &order);
    beat.is_gone().await;
}

/// R14: the time limit ends the tree, and says so.
#[tokio::test]
async fn the_time_limit_ends_the_action() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let beat = Beat::new(agent.folder.path(), "long");
    let order = Order {
        time_limit_seconds: 2,
        ..server.script(&format!("call \"{}\"\r\necho never\r\n", beat.script.display()))
    };
    let story = server.story(&mut link, &order).await;
    assert_eq!(story.outcome(), Outcome::TimedOut);
    assert!(!story.text(Stream::Stdout).contains("never"));
    beat.is_gone().await;
}

/// R14: what a script leaves running is left alone, and the end says that its output is not recorded.
#[tokio::test]
async fn what_is_left_running_survives() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let beat = Beat::new(agent.folder.path(), "left");
    let story = server
        .story(&mut link, &server.script(&format!("{}exit /b 0\r\n", beat.start())))
        .await;
    assert_eq!(story.outcome(), Outcome::Succeeded);
    assert!(
        story.finish().note.contains("left a process running"),
        "{}",
        story.finish().note
    );
    beat.runs().await;
}

/// R11: much output arrives complete and in order, though the server acknowledges nothing meanwhile.
#[tokio::test]
async fn much_output_is_complete() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let order = server.script("for /L %%i in (1,1,20000) do echo this is line %%i\r\n");
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, false).await;
    story.check(&server, &order);
    let text = story.text(Stream::Stdout);
    let expected = (1..=20_000).map(|i| format!("this is line {i}"));
    assert!(text.lines().map(str::trim_end).eq(expected), "the output differs");
    link.ack(story.reports.last().unwrap()).await;
    agent.spool_empties().await;
}

/// R13: a shell that Windows does not have is refused.
#[tokio::test]
async fn a_shell_that_is_not_there_is_refused() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let story = server
        .story(&mut link, &server.order(script::script(Shell::Sh, "true")))
        .await;
    assert_eq!(story.refusal().0, RefusalReason::Unsupported);
}
