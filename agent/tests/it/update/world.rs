//! An agent in a folder of its own, where it may be replaced.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use agent::data::DataDir;
use agent::update::ReleaseKey;
use ed25519_dalek::SigningKey;
use wire::UpdateState;

use super::support::{NEW, OLD, Release, about, offer_and_lose, signed_by, stamped};
use crate::harness::{Agent, Link, Server};

/// A server, and an agent that is installed where it may be replaced.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) agent: Agent,
    pub(crate) key: SigningKey,
    /// Seconds in which a new version must be connected.
    pub(crate) deadline: u64,
}

/// A program that says the version and does nothing else right.
pub(crate) fn script(version: &str, otherwise: &str) -> Vec<u8> {
    format!("#!/bin/sh\ncase $1 in --version) echo countersign-agent {version};; *) {otherwise};; esac\n").into_bytes()
}

impl World {
    /// Enrolled, holding the release key, not running.
    pub(crate) async fn new() -> Self {
        let mut server = Server::start().await;
        let agent = server.enrolled_agent().await;
        Self::of(server, agent)
    }

    /// An agent that is enrolled with this server, holding the release key, not running.
    pub(crate) fn of(server: Server, agent: Agent) -> Self {
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

/// Offers a release and answers what is asked for, until the agent says where it stands, which is noted.
pub(crate) async fn offer(link: &mut Link, release: &Release) -> UpdateState {
    let state = offer_and_lose(link, release).await;
    state.expect("the agent does not leave")
}
