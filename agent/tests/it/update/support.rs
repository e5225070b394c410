//! An agent in a folder of its own, and releases for it.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use agent::data::DataDir;
use agent::update::ReleaseKey;
use agent::version::TARGET;
use ed25519_dalek::SigningKey;
use release::sign::{About, sign};
use wire::{GoodbyeReason, MAX_PART, ServerEvent, ServerMessage, SignedManifest, UpdatePart, UpdateStage, UpdateState};

use crate::harness::{Agent, Link, Server};

pub(crate) const OLD: &str = "0.1.0";
pub(crate) const NEW: &str = "0.2.0";

/// A server, and an agent that is installed where it may be replaced.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) agent: Agent,
    pub(crate) key: SigningKey,
    /// Seconds in which a new version must be connected.
    pub(crate) deadline: u64,
}

/// A program, and what the release key says of it.
pub(crate) struct Release {
    pub(crate) program: Vec<u8>,
    pub(crate) signed: SignedManifest,
}

/// The agent as built, with this version in it.
pub(crate) fn stamped(version: &str) -> Vec<u8> {
    let mut program = std::fs::read(env!("CARGO_BIN_EXE_countersign-agent")).unwrap();
    release::stamp::stamp(&mut program, version.parse().unwrap()).unwrap();
    program
}

/// A program that says the version and does nothing else right.
pub(crate) fn script(version: &str, otherwise: &str) -> Vec<u8> {
    format!("#!/bin/sh\ncase $1 in --version) echo countersign-agent {version};; *) {otherwise};; esac\n").into_bytes()
}

pub(crate) fn about(version: &str) -> About {
    About {
        version: version.parse().unwrap(),
        target: TARGET.into(),
        minimum: OLD.parse().unwrap(),
        not_before: None,
    }
}

pub(crate) fn signed_by(key: &SigningKey, program: Vec<u8>, about: &About) -> Release {
    let signed = sign(&program, about, key).unwrap();
    Release { program, signed }
}

impl World {
    /// Enrolled, holding the release key, not running.
    pub(crate) async fn new() -> Self {
        let mut server = Server::start().await;
        let agent = server.enrolled_agent().await;
        let key = SigningKey::from_bytes(&[4; 32]);
        let data = DataDir::open(&agent.data()).unwrap();
        ReleaseKey(key.verifying_key()).save(&data).unwrap();
        let world = Self {
            server,
            agent,
            key,
            deadline: 20,
        };
        std::fs::create_dir(world.bin()).unwrap();
        std::fs::write(world.program(), stamped(OLD)).unwrap();
        std::fs::set_permissions(world.program(), PermissionsExt::from_mode(0o755)).unwrap();
        world
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.agent.folder.path().join("bin")
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.bin().join("countersign-agent")
    }

    /// Which version is installed.
    pub(crate) fn version(&self) -> String {
        let program = std::fs::read(self.program()).unwrap();
        release::stamp::stamped(&program).unwrap().to_string()
    }

    pub(crate) fn release(&self, program: Vec<u8>) -> Release {
        signed_by(&self.key, program, &about(NEW))
    }

    /// Starts the installed program.
    pub(crate) fn run(&mut self) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.agent.log())
            .unwrap();
        let mut process = Command::new(self.program());
        process.args(["run", "--update-deadline", &self.deadline.to_string(), "--data"]);
        process.arg(self.agent.data()).env("COUNTERSIGN_LOG", "debug");
        let process = process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut started = process.spawn();
        // Another test may be starting something just now, with the program open that was written a moment ago.
        while matches!(&started, Err(e) if e.kind() == ErrorKind::ExecutableFileBusy) {
            std::thread::sleep(Duration::from_millis(10));
            started = process.spawn();
        }
        self.agent.process = Some(started.unwrap());
    }

    /// Starts it, and takes its connection.
    pub(crate) async fn connected(&mut self) -> Link {
        self.run();
        loop {
            // A connection of the run before may still be waiting to be taken.
            if let Some(link) = self.server.try_ready().await {
                return link;
            }
        }
    }

    /// Nothing of an update is left beside the program, nor in the data folder.
    pub(crate) fn is_clean(&self) -> bool {
        let beside = std::fs::read_dir(self.bin()).unwrap().count();
        beside == 1 && !self.agent.data().join("update").exists()
    }
}

/// Offers a release and answers what is asked for, until the agent says where it stands; each state is noted.
pub(crate) async fn offer(link: &mut Link, release: &Release) -> UpdateState {
    let state = offer_and_lose(link, release).await;
    state.expect("the agent does not leave")
}

/// The same of a release that the agent may take, and then leave at once to try it: none when it left before it could say so.
pub(crate) async fn offer_and_lose(link: &mut Link, release: &Release) -> Option<UpdateState> {
    link.send(ServerMessage::UpdateOffer(release.signed.clone())).await;
    loop {
        match link.event().await {
            ServerEvent::UpdateWant(want) => send_part(link, release, want.offset).await,
            ServerEvent::UpdateState(state) => return Some(noted(link, state).await),
            ServerEvent::Goodbye(GoodbyeReason::Update) => return None,
            ServerEvent::Heartbeat => {}
            other => panic!("out of turn: {other:?}"),
        }
    }
}

pub(crate) async fn send_part(link: &mut Link, release: &Release, offset: u64) {
    let from = usize::try_from(offset).unwrap();
    let to = (from + MAX_PART).min(release.program.len());
    let part = UpdatePart::new(release.signed.digest(), offset, &release.program[from..to]);
    link.send(ServerMessage::UpdatePart(part)).await;
}

/// The next states, to the last of an update.
pub(crate) async fn states(link: &mut Link) -> Vec<UpdateState> {
    let mut states = vec![];
    for state in std::mem::take(&mut link.early) {
        states.push(noted(link, state).await);
    }
    loop {
        if states.last().is_some_and(|s| s.stage.is_last()) {
            return states;
        }
        match link.event().await {
            ServerEvent::UpdateState(state) => states.push(noted(link, state).await),
            ServerEvent::Heartbeat => {}
            other => panic!("out of turn: {other:?}"),
        }
    }
}

/// What was said, without that it was staged: an agent that has nothing else to do leaves before it says so, and says it later.
pub(crate) fn stages(states: &[UpdateState]) -> Vec<UpdateStage> {
    let stages = states.iter().map(|s| s.stage);
    stages.filter(|s| *s != UpdateStage::Staged).collect()
}

/// Notes a state; the agent may be gone already, and then says it again.
async fn noted(link: &mut Link, state: UpdateState) -> UpdateState {
    let (release, stage) = (state.release, state.stage);
    link.try_send(&ServerMessage::UpdateNoted { release, stage }).await;
    state
}
