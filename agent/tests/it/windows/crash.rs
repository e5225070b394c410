//! The agent ended in the middle of scripts of `cmd` (R3, R14).

use domain::action::Outcome;
use wire::Stream;

use super::{Beat, files_of_scripts};
use crate::harness::{CANARY, Server, script};

/// R3, R14: killed in the middle of an action: the tree ends with it, what was spooled arrives, and it runs once.
#[tokio::test]
async fn after_a_kill_the_spool_arrives_and_the_action_ends_unknown() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let count = agent.folder.path().join("count");
    let beat = Beat::new(agent.folder.path(), "below");
    let (a, b) = CANARY.split_at(8);
    let order = server.script(&format!(
        "echo ran>>\"{}\"\r\nset a={a}\r\nset b={b}\r\necho card %a%%b%\r\n{}for /L %%i in (1,1,500) do echo line %%i\r\necho last\r\ncall \"{}\"\r\n",
        count.display(),
        beat.start(),
        beat.script.display(),
    ));
    server.send_order(&mut link, &order).await;
    let before = link.until(order.action, "last").await;
    beat.runs().await;
    agent.kill();
    drop(link);
    beat.is_gone().await;
    assert!(!agent.holds(CANARY));

    agent.run();
    let mut link = server.ready().await;
    server.send_order(&mut link, &order).await;
    let story = link.story(order.action, true).await;
    story.check(&server, &order);
    assert_eq!(story.reports[..before.reports.len()], before.reports);
    assert!(story.text(Stream::Stdout).starts_with(&before.text(Stream::Stdout)));
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Unknown, None));
    agent.spool_empties().await;
    server.story(&mut link, &server.order(script::nothing())).await;
    let ran = std::fs::read_to_string(&count).unwrap();
    assert_eq!(ran.lines().collect::<Vec<_>>(), ["ran"], "it ran once");
    assert_eq!(files_of_scripts(&agent), 0);
}

/// R3: killed at random moments of a run that floods, the reports go on where they were, and the totals hold.
#[tokio::test]
async fn kills_at_random_moments_lose_nothing_that_was_reported() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    for round in 0..4_usize {
        agent.run();
        let mut link = server.ready().await;
        let order = server.script(":again\r\nfor /L %%i in (1,1,500) do echo %%i\r\ngoto again\r\n");
        server.send_order(&mut link, &order).await;
        let mut seen = vec![];
        while seen.len() < 1 + round * 4 {
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
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        let mut expected = (1..=500).cycle().map(|n: u32| n.to_string());
        assert!(
            text[..whole]
                .lines()
                .all(|line| expected.next().as_deref() == Some(line.trim_end())),
            "round {round}: the output has a hole"
        );
        agent.spool_empties().await;
        agent.kill();
    }
}
