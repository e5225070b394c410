//! What the parts of a running agent share.

use std::io;
use std::sync::Arc;

use domain::canonical::CanonicalError;
use domain::digest::hex;
use domain::ids::ActionId;
use tokio::sync::watch;
use wire::{About, Challenge, Hello};

use crate::clock::{self, ServerClock};
use crate::data::DataDir;
use crate::day_log::DayLog;
use crate::endpoint_log::EndpointLog;
use crate::identity::{Identity, OrderKey};
use crate::journal::Journal;
use crate::spool::{self, Spool, SpoolKey};
use crate::update::Updates;
use crate::verbs::Host;
use crate::{capabilities, service};

pub use crate::version::VERSION;

/// A running agent's state.
#[derive(Debug)]
pub struct Agent {
    /// Who this endpoint is.
    pub identity: Identity,
    /// The order key that is pinned now.
    pub order_key: OrderKey,
    /// 16 random bytes of this start, as 32 lower-case hexadecimal digits: a copy of the data folder makes others.
    pub instance: String,
    /// Where its files are.
    pub data: DataDir,
    /// The used orders.
    pub journal: Journal,
    /// What the server has not acknowledged.
    pub spool: Arc<Spool>,
    /// The server's clock.
    pub server_clock: ServerClock,
    /// What ran lately.
    pub day_log: DayLog,
    /// The endpoint's own log of who acted.
    pub endpoint_log: EndpointLog,
    /// Where actions run.
    pub host: Host,
    /// Updates of the agent itself.
    pub updates: Updates,
    /// Whether the server ever took this run of the agent.
    pub connected: watch::Sender<bool>,
}

impl Agent {
    /// Opens what is in the data folder.
    ///
    /// # Errors
    /// When something can't be read or is damaged.
    pub fn open(data: DataDir, identity: Identity) -> io::Result<Self> {
        let host = Host {
            private: data.root().to_owned(),
            supervisor: crate::run::own_executable().to_owned(),
        };
        let key = SpoolKey::of(&identity.device_key);
        Ok(Self {
            order_key: OrderKey::of(&identity),
            instance: instance()?,
            identity,
            journal: Journal::open(&data.journal(), clock::now())?,
            spool: Arc::new(Spool::open(&data.spool(), spool::LIMIT, key)?),
            server_clock: ServerClock::default(),
            day_log: DayLog::open(&data.day_log(), clock::now())?,
            endpoint_log: EndpointLog::of_system(),
            host,
            updates: Updates::open(&data)?,
            connected: watch::Sender::new(false),
            data,
        })
    }

    /// The server has the reports of `action` up to and with `n`. Before the last trace of an action leaves the spool, the
    /// journal says that it is done: otherwise a start in between would take it for one that never ran. Blocks on the disk.
    ///
    /// # Errors
    /// When the disk can't be written; the reports are kept then, and sent again after the next start.
    pub fn acknowledge(&self, action: ActionId, n: u64) -> io::Result<()> {
        if self
            .spool
            .standing(action)
            .is_some_and(|s| s.tally.ended && n.saturating_add(1) >= s.tally.next)
        {
            self.journal.done(action)?;
        }
        self.spool.acknowledge(action, n)
    }
}

/// A word for one start of this program: no other start has it.
///
/// # Errors
/// When there is no randomness.
pub fn instance() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

/// The answer to a server's challenge, signed with the device key. `instance` is this start's.
///
/// # Errors
/// Never for fields that fit JSON; see [`CanonicalError`].
pub fn hello(
    identity: &Identity,
    challenge: &Challenge,
    protocol: u32,
    instance: String,
) -> Result<Hello, CanonicalError> {
    let hello = Hello {
        protocol,
        endpoint: identity.endpoint,
        agent_version: VERSION.to_owned(),
        agent_time: clock::now(),
        about: (protocol >= 2).then(|| About {
            os: service::os_name(),
            capabilities: capabilities::capabilities(),
            instance,
        }),
        signature: String::new(),
    };
    hello.sign(challenge, &identity.device_key)
}
