//! How the connection stands, left in the data folder for `status`.

use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::data::{DataDir, write_atomically};

/// How the connection stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// What it is doing.
    pub phase: Phase,
    /// Since when.
    pub since: Timestamp,
    /// More for a person; may be empty.
    pub detail: String,
    /// How far the endpoint's clock is ahead of the server's, in milliseconds, as far as the network lets it be seen; none
    /// while not connected.
    #[serde(default)]
    pub skew_ms: Option<i64>,
}

/// What the connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Dialling, or proving the key.
    Connecting,
    /// Up.
    Connected,
    /// Broken; will be tried again.
    Offline,
    /// Refused by the server; will be tried again.
    Rejected,
    /// The agent stopped.
    Stopped,
}

impl LinkState {
    /// From now on.
    pub fn now(phase: Phase, detail: &str) -> Self {
        Self {
            phase,
            since: clock::now(),
            detail: detail.to_owned(),
            skew_ms: None,
        }
    }

    /// Leaves it in the data folder. Failing to is logged only: nothing depends on it.
    pub fn save(&self, data: &DataDir) {
        let saved = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|text| write_atomically(&data.link_state(), &text));
        if let Err(e) = saved {
            tracing::warn!(error = %e, "the connection's state can't be written");
        }
    }

    /// What was left last; none when nothing was.
    pub fn load(data: &DataDir) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data.link_state()).ok()?).ok()
    }
}
