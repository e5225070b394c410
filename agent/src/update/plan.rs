//! Where an update stands, on the disk.

use std::io;

use domain::digest::Digest;
use serde::{Deserialize, Serialize};
use wire::{SignedManifest, UpdateState, Version};

use crate::data::{DataDir, write_atomically};
use crate::service;

/// The version of the file.
const FORMAT: u32 = 1;

/// Where an update stands, and what the server does not know of it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    v: u32,
    /// The update in hand.
    pub now: Option<Update>,
    /// What the server has not noted, in order.
    pub unsaid: Vec<UpdateState>,
}

/// An update in hand: its program is on this endpoint, whole and genuine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The release, as it was signed.
    pub signed: SignedManifest,
    /// The version that it replaces.
    pub from: Version,
    /// Its version.
    pub to: Version,
    /// SHA-256 of the program.
    pub sha256: Digest,
    /// How far it is.
    pub phase: Phase,
    /// How often it was tried.
    pub tried: u32,
    /// How often it was started since it was swapped in.
    pub started: u32,
}

/// How far an update is. Written before what it names is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits until no action runs.
    Staged,
    /// Is being tried, beside the program that it is to replace.
    Trying,
    /// Is taking the program's place; what runs at the next start tells whether it did.
    Swapping,
    /// Has the place, on probation.
    Swapped,
    /// The version before it is to have the place again.
    GivingBack {
        /// Why.
        why: String,
    },
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            v: FORMAT,
            now: None,
            unsaid: vec![],
        }
    }
}

impl Plan {
    /// Reads the plan; an empty one where there is none.
    ///
    /// # Errors
    /// When it can't be read, is damaged, or others can reach it.
    pub fn load(data: &DataDir) -> io::Result<Self> {
        let path = data.update();
        match service::check_private(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?,
        }
        let plan: Option<Self> = serde_json::from_slice(&std::fs::read(&path)?).ok();
        plan.filter(|p| p.v == FORMAT).ok_or_else(|| {
            let why = format!("{} can't be read. Remove it, and start the agent again", path.display());
            io::Error::new(io::ErrorKind::InvalidData, why)
        })
    }

    /// Makes the plan durable.
    ///
    /// # Errors
    /// As the system says.
    pub fn save(&self, data: &DataDir) -> io::Result<()> {
        write_atomically(&data.update(), &serde_json::to_vec(self)?)
    }

    /// Ends the update in hand with a last word for the server.
    pub fn end(&mut self, state: UpdateState) {
        self.now = None;
        self.unsaid.push(state);
    }
}
