//! The engine: what the use cases share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use audit::cosignature::WitnessKey;
use domain::api::ApiError;
use domain::ids::OrgId;
use domain::timestamp::Timestamp;
use futures_util::future::BoxFuture;
use gate::policy::Policy;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr};
use tokio::sync::broadcast;

use crate::deps::Deps;
use crate::error::Failure;
use crate::keys::{KeyError, Keys};
use crate::record::Checked;
use crate::redaction::ReadyRedaction;
use crate::releases::Releases;
use crate::store::ledger::{Ledger, Unit, Wake};
use crate::store::older_texts;
use crate::store::scope::OrgScope;
use crate::store::texts::{self, Texts};
use crate::store::{connect, entrance};

/// Wake-ups that a slow listener may fall behind before it is told that it missed some.
const WAKES: usize = 1024;

/// Where the engine keeps its things.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder, with the database and the key file.
    pub data: PathBuf,
    /// The address at which people and agents reach the server, such as `https://countersign.example`.
    pub public_url: String,
}

/// Why the engine can't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database can't be opened.
    #[error("the database can't be opened: {0}")]
    Database(#[from] DbErr),
    /// The key file can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Texts that are to be encrypted or erased can't be.
    #[error("texts of the record can't be brought up to date: {0}")]
    Texts(String),
    /// The record on disk contradicts its own latest checkpoint: it was changed, cut off or replaced.
    #[error(
        "the record of org {org} contradicts its latest checkpoint: {why}. Nothing was started; keep the file as it is and run `countersign verify`"
    )]
    Fork {
        /// Whose.
        org: OrgId,
        /// What differs.
        why: String,
    },
}

impl OpenError {
    fn texts(e: Failure) -> Self {
        Self::Texts(e.to_string())
    }
}

/// Everything that Countersign does. Cheap to clone.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) read: DatabaseConnection,
    pub(crate) ledger: Ledger,
    pub(crate) deps: Deps,
    pub(crate) keys: Arc<Keys>,
    pub(crate) texts: Arc<Texts>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) releases: OnceLock<Arc<dyn Releases>>,
    pub(crate) witnesses: OnceLock<Vec<WitnessKey>>,
    pub(crate) checks: Mutex<BTreeMap<OrgId, Checked>>,
    pub(crate) redaction: Arc<ReadyRedaction>,
    wake: broadcast::Sender<Wake>,
}

impl Engine {
    /// Opens the database below `config.data`, which the migrations have brought up to date, checks the end of every log
    /// against its latest checkpoint, and starts the writer.
    ///
    /// # Errors
    /// When the database or the key can't be used, or a log contradicts its checkpoint.
    pub async fn open(config: Config, deps: Deps) -> Result<Self, OpenError> {
        let keys = Arc::new(Keys::load(&config.data, &deps)?);
        let writer = connect::writer(&config.data).await?;
        let read = connect::readers(&config.data).await?;
        let orgs = entrance::orgs(&read).await?;
        for org in &orgs {
            crate::record::check_head(&OrgScope::new(org.id, &read), &keys).await?;
        }
        let texts = Arc::new(Texts::open(&config.data, keys.clone(), deps.clone()).await?);
        for org in &orgs {
            texts::finish_erasures(&writer, &texts, org.id)
                .await
                .map_err(OpenError::texts)?;
            older_texts::encrypt(&writer, &texts, org)
                .await
                .map_err(OpenError::texts)?;
        }
        let (wake, _) = broadcast::channel(WAKES);
        let ledger = Ledger::start(
            writer,
            config.data,
            deps.clone(),
            keys.clone(),
            texts.clone(),
            wake.clone(),
        );
        let policy = Arc::new(Policy::standard());
        Ok(Self(Arc::new(Inner {
            read,
            ledger,
            deps,
            keys,
            texts,
            policy,
            releases: OnceLock::new(),
            witnesses: OnceLock::new(),
            checks: Mutex::default(),
            redaction: Arc::default(),
            wake,
        })))
    }

    /// Wake-ups: "look again". A lost or lagging one costs latency, not evidence.
    pub fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.0.wake.subscribe()
    }

    /// Closes the reading connections. The writer ends when the last clone of the engine is gone.
    pub async fn close(&self) {
        if let Err(error) = self.0.read.clone().close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }

    /// Has the write-ahead log written back and cut off, so that it doesn't hold pages from before an erasure. It waits for readers for
    /// a while; where they take longer, it happens later by itself.
    pub(crate) async fn forget_pages(&self) {
        if let Err(error) = self.0.read.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await {
            tracing::warn!(%error, "the write-ahead log could not be cut off");
        }
    }

    /// Whether the record can be written now.
    pub async fn healthy(&self) -> bool {
        match entrance::orgs(&self.0.read).await {
            Ok(orgs) => match orgs.first() {
                // An empty unit of work begins and commits a transaction that takes the write lock.
                Some(org) => self.commit(org.id, |_| Box::pin(async { Ok(()) })).await.is_ok(),
                None => true,
            },
            Err(_) => false,
        }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.deps.now()
    }

    /// The org's rows, for reading.
    pub(crate) fn scope(&self, org: OrgId) -> OrgScope<'_, DatabaseConnection> {
        OrgScope::new(org, &self.0.read)
    }

    /// Runs `work` and commits what it did, all or nothing.
    pub(crate) async fn commit<T, F>(&self, org: OrgId, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Unit) -> BoxFuture<'a, Result<T, Failure>> + Send + 'static,
    {
        self.0.ledger.commit(org, work).await
    }

    /// What a reading use case ended with, as the caller is told it.
    pub(crate) fn answer<T>(&self, result: Result<T, Failure>) -> Result<T, ApiError> {
        result.map_err(|e| e.into_api(&self.0.deps))
    }
}
