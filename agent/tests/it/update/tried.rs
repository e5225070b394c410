//! Releases that are taken and tried: the good one stays, the others go.

use std::time::Instant;

use domain::action::Outcome;
use wire::{ServerEvent, ServerMessage, Stream, UpdateStage};

use super::support::{NEW, OLD, offer_and_lose, stages, stamped, states};
use super::world::{World, offer, script};
use crate::harness::{Agent, Authority, Front, Server, eventually};

/// R3, R16: a good release waits for what runs, loses nothing, connects, and stays: in the same process.
#[tokio::test]
async fn a_good_release_waits_for_what_runs_and_then_stays() {
    let mut world = World::new().await;
    let mut link = world.connected().await;
    let pid = world.agent.pid();
    let go = world.agent.folder.path().join("go");
    let order = world.server.script(&format!(
        "echo one; while [ ! -e {} ]; do sleep 0.05; done",
        go.display()
    ));
    world.server.send_order(&mut link, &order).await;
    let before = link.until(order.action, "one\n").await;
    let release = world.release(stamped(NEW));
    let state = offer(&mut link, &release).await;
    assert_eq!((state.stage, state.detail.as_str()), (UpdateStage::Staged, ""));
    assert_eq!(world.version(), OLD, "something runs, so nothing happens yet");
    std::fs::write(&go, "").unwrap();
    // Nothing is acknowledged here: the new version is the one that delivers it all.
    while link.next_event().await.is_some() {}
    let mut trial = world.server.ready().await;
    let never = world.server.script("echo never");
    // It may be gone again by now.
    trial.try_send(&ServerMessage::Order(world.server.sign(&never))).await;
    while let Some(event) = trial.next_event().await {
        let about_it = |r: &wire::Report| r.action == never.action;
        assert!(
            !matches!(&event, ServerEvent::Report(r) if about_it(r)),
            "a trial takes no orders"
        );
    }

    let mut link = world.server.ready().await;
    let story = link.story(order.action, true).await;
    assert_eq!(story.outcome(), Outcome::Succeeded);
    story.check(&world.server, &order);
    assert_eq!(story.reports[..before.reports.len()], before.reports);
    assert_eq!(story.text(Stream::Stdout), "one\n");
    let said = states(&mut link).await;
    assert_eq!(stages(&said), [UpdateStage::Started, UpdateStage::Committed]);
    assert!(said.iter().all(|s| s.from == OLD.parse().unwrap()));
    assert_eq!((world.version().as_str(), world.agent.pid()), (NEW, pid));
    eventually("nothing of it is left", || world.is_clean()).await;
    world.server.story(&mut link, &world.server.script("true")).await;
    world.agent.spool_empties().await;
    assert!(world.agent.terminate().await);
    let mut link = world.connected().await;
    world.server.story(&mut link, &world.server.script("true")).await;
}

/// R16: a new version is tried in the way to the server that the endpoint's owner wants: by the certificates that are pinned.
#[tokio::test]
async fn a_release_is_tried_by_the_owners_settings() {
    let mut server = Server::start().await;
    let authority = Authority::new("ours");
    let front = Front::start(server.port(), authority.server("localhost", 2120)).await;
    let agent = Agent::new();
    let ca = agent.folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let url = format!("https://localhost:{}", front.port());
    server.enrol_at(&agent, &url, &["--ca", ca.to_str().unwrap()]).await;
    let mut world = World::of(server, agent);
    let mut link = world.connected().await;
    let release = world.release(stamped(NEW));
    offer_and_lose(&mut link, &release).await;
    while link.next_event().await.is_some() {}
    let mut trial = world.server.ready().await;
    while trial.next_event().await.is_some() {}
    let mut link = world.server.ready().await;
    let said = states(&mut link).await;
    assert_eq!(stages(&said), [UpdateStage::Started, UpdateStage::Committed]);
    assert_eq!(world.version(), NEW);
}

/// R16: a version that starts and does nothing is gone again within the deadline; the one before runs on.
#[tokio::test]
async fn a_version_that_does_not_connect_is_rolled_back_in_time() {
    let mut world = World::new().await;
    world.deadline = 2;
    let mut link = world.connected().await;
    let release = world.release(script(NEW, "exec sleep 1000"));
    let taken = offer_and_lose(&mut link, &release).await;
    assert!(taken.is_none_or(|s| s.stage == UpdateStage::Staged));
    let began = Instant::now();
    drop(link);
    let mut link = world.server.ready().await;
    let said = states(&mut link).await;
    assert!(began.elapsed().as_secs() < 15, "{:?}", began.elapsed());
    assert_eq!(stages(&said), [UpdateStage::Started, UpdateStage::RolledBack]);
    assert!(
        said.last().unwrap().detail.contains("did not connect within 2 s"),
        "{}",
        said.last().unwrap().detail
    );
    assert_eq!(world.version(), OLD);
    assert!(world.is_clean());
    world.server.story(&mut link, &world.server.script("true")).await;
}

/// R16: a version that ends at once is tried three times and given up.
#[tokio::test]
async fn a_version_that_ends_at_once_is_rolled_back() {
    let mut world = World::new().await;
    let mut link = world.connected().await;
    let count = world.agent.folder.path().join("count");
    let release = world.release(script(NEW, &format!("echo x >> {}; kill -9 $$", count.display())));
    let taken = offer_and_lose(&mut link, &release).await;
    assert!(taken.is_none_or(|s| s.stage == UpdateStage::Staged));
    drop(link);
    let mut link = world.server.ready().await;
    let said = states(&mut link).await;
    assert_eq!(stages(&said), [UpdateStage::Started, UpdateStage::RolledBack]);
    assert!(
        said.last().unwrap().detail.contains("signal: 9") && said.last().unwrap().detail.contains("3 times"),
        "{}",
        said.last().unwrap().detail
    );
    assert_eq!(std::fs::read_to_string(&count).unwrap(), "x\nx\nx\n");
    assert_eq!(world.version(), OLD);
    world.server.story(&mut link, &world.server.script("true")).await;
}
