//! The agent killed at any moment of an update: there is always one that starts, and it knows where it stands.

use std::time::Duration;

use agent::data::DataDir;
use agent::update::plan::{Phase, Plan, Update};
use agent::update::swap::{Place, Step};
use domain::digest::Digest;
use tokio::time::timeout;
use wire::{ServerEvent, ServerMessage, UpdateStage, UpdateState};

use super::support::{NEW, OLD, Release, offer_and_lose, stages, stamped};
use super::world::{World, script};
use crate::harness::{Server, eventually};

/// Where the agent was ended, and what has to come of it.
struct Row {
    phase: Phase,
    /// How often the release was tried, and started since it has the place.
    tried: u32,
    started: u32,
    /// What was done of the swap.
    steps: &'static [Step],
    /// What the server hears, and which version runs then.
    expected: &'static [UpdateStage],
    version: &'static str,
}

impl World {
    /// What is on the disk when the agent was ended in `phase`, after these steps of the swap.
    fn ended_in(&self, release: &Release, phase: Phase, tried: u32, started: u32, steps: &[Step]) {
        let data = DataDir::open(&self.agent.data()).unwrap();
        let staged = data.staged_program();
        agent::service::create_private_dir(staged.parent().unwrap()).unwrap();
        std::fs::write(&staged, &release.program).unwrap();
        std::fs::set_permissions(&staged, std::fs::metadata(self.program()).unwrap().permissions()).unwrap();
        let sha256 = Digest::of(&[&release.program]);
        let mut plan = Plan::load(&data).unwrap();
        plan.now = Some(Update {
            signed: release.signed.clone(),
            from: OLD.parse().unwrap(),
            to: NEW.parse().unwrap(),
            sha256,
            phase,
            tried,
            started,
        });
        plan.save(&data).unwrap();
        let place = Place::of(self.program());
        for step in steps {
            place.swap(*step, &staged, sha256).unwrap();
        }
    }
}

/// R14, R16: after each step, the program starts, connects, and comes to the end that is due.
#[tokio::test]
async fn after_each_step_there_is_an_agent_that_starts() {
    use UpdateStage::{Committed, RolledBack, Started};
    let giving_back = || Phase::GivingBack {
        why: "it did not come up".into(),
    };
    let row = |phase, tried, started, steps: &'static [Step], expected: &'static [UpdateStage], version| Row {
        phase,
        tried,
        started,
        steps,
        expected,
        version,
    };
    let all: &'static [Step] = &Step::ALL;
    let table = [
        row(Phase::Staged, 0, 0, &[], &[Started, Committed], NEW),
        row(Phase::Trying, 1, 0, &[], &[Committed], NEW),
        row(Phase::Trying, 3, 0, &[], &[RolledBack], OLD),
        row(Phase::Swapping, 1, 0, &[], &[Committed], NEW),
        row(Phase::Swapping, 1, 0, &all[..1], &[Committed], NEW),
        row(Phase::Swapping, 1, 0, &all[..2], &[Committed], NEW),
        row(Phase::Swapping, 1, 0, all, &[Committed], NEW),
        row(Phase::Swapped, 1, 2, all, &[Committed], NEW),
        row(Phase::Swapped, 1, 3, all, &[RolledBack], OLD),
        row(giving_back(), 1, 1, all, &[RolledBack], OLD),
        row(giving_back(), 1, 1, &[], &[RolledBack], OLD),
    ];
    for (at, row) in table.into_iter().enumerate() {
        let mut world = World::new().await;
        let release = world.release(stamped(NEW));
        let name = format!("row {at}: {:?}, {} steps", row.phase, row.steps.len());
        world.ended_in(&release, row.phase, row.tried, row.started, row.steps);
        world.run();
        let said = last_words(&world.server).await;
        assert_eq!(
            (stages(&said).as_slice(), world.version().as_str()),
            (row.expected, row.version),
            "{name}"
        );
        eventually("nothing of it is left", || world.is_clean()).await;
        assert!(world.agent.terminate().await, "{name}");
        let mut link = world.connected().await;
        world.server.story(&mut link, &world.server.script("true")).await;
    }
}

/// Takes connections until one says how the update ended, and that was noted.
async fn last_words(server: &Server) -> Vec<UpdateState> {
    let mut said = vec![];
    loop {
        let Some(mut link) = server.try_ready().await else {
            continue;
        };
        while let Some(event) = link.next_event().await {
            let ServerEvent::UpdateState(state) = event else {
                continue;
            };
            let (release, stage) = (state.release, state.stage);
            if !link.try_send(&ServerMessage::UpdateNoted { release, stage }).await {
                break;
            }
            said.push(state);
            if stage.is_last() {
                return said;
            }
        }
    }
}

/// R16: connected while it was tried, but not after it had the place: the version before comes back by itself, within the
/// deadline.
#[tokio::test]
async fn a_version_that_can_not_connect_any_more_gives_the_place_back() {
    let mut world = World::new().await;
    world.deadline = 2;
    let release = world.release(stamped(NEW));
    world.ended_in(&release, Phase::Swapping, 1, 0, &Step::ALL);
    assert_eq!(world.version(), NEW);
    world.run();
    // Nobody answers until the version before is back.
    eventually("the version before is back", || world.version() == OLD).await;
    let said = last_words(&world.server).await;
    assert_eq!(stages(&said), [UpdateStage::RolledBack]);
    assert!(
        said[0].detail.contains("did not connect within 2 s"),
        "{}",
        said[0].detail
    );
    eventually("nothing of it is left", || world.is_clean()).await;
}

/// R14, R16: killed at random moments of a real update, again and again, it comes to an end, and an agent runs.
#[tokio::test]
async fn kills_at_random_moments_leave_an_agent_that_runs() {
    let mut world = World::new().await;
    let mut link = world.connected().await;
    let release = world.release(stamped(NEW));
    let taken = offer_and_lose(&mut link, &release).await;
    assert!(taken.is_none_or(|s| s.stage == UpdateStage::Staged));
    drop(link);
    let mut ended = None;
    for round in 0..8_u64 {
        let moment = Duration::from_millis(20 + round * round * 29);
        ended = timeout(moment, last_words(&world.server)).await.ok();
        world.agent.kill();
        world.run();
        if ended.is_some() {
            break;
        }
    }
    let said = match ended {
        Some(said) => said,
        None => last_words(&world.server).await,
    };
    let committed = said.last().unwrap().stage == UpdateStage::Committed;
    assert_eq!(world.version(), if committed { NEW } else { OLD });
    eventually("nothing of it is left", || world.is_clean()).await;
    world.agent.kill();
    let mut link = world.connected().await;
    world.server.story(&mut link, &world.server.script("true")).await;
}

/// R10: what lies staged is checked again before it is tried: a file that was changed meanwhile is not run.
#[tokio::test]
async fn a_staged_release_that_was_changed_is_not_run() {
    let mut world = World::new().await;
    let proof = world.agent.folder.path().join("ran");
    let mut release = world.release(stamped(NEW));
    let honest = release.program.clone();
    release.program = script(NEW, &format!("touch {}", proof.display()));
    world.ended_in(&release, Phase::Staged, 0, 0, &[]);
    assert_ne!(release.program, honest);
    world.run();
    let said = last_words(&world.server).await;
    assert_eq!(stages(&said), [UpdateStage::Started, UpdateStage::RolledBack]);
    assert!(
        said[1].detail.contains("not those that its manifest names"),
        "{}",
        said[1].detail
    );
    assert!(!proof.exists());
    assert_eq!(world.version(), OLD);
}
