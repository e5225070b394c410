//! The ledger: the only writer, and group commit.
//!
//! One task owns the one writing connection. It takes whatever waits, runs each piece of work inside one transaction (in a
//! savepoint of its own, opened only where the work touches a table), inserts the leaves of all of them, signs a
//! checkpoint per org, commits once, and only then answers. So a change and its leaf are durable together or not at
//! all, and nobody is answered before that (R2, R3).
//!
//! A connection on which anything went wrong is closed, and the next batch opens another. After some errors, a full disk's for
//! one, SQLite ends a transaction by itself; the pool would go on counting it as open and begin the next ones inside of it,
//! until what it takes for a commit commits nothing. And one that was opened while the disk was read-only stays so.

mod rows;
mod unit;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::api::ApiError;
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::{EndpointId, OrgId};
use domain::timestamp::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::connect;
use super::event_log::{Head, HeadError};
use super::scope::OrgScope;
use super::texts::Texts;
use crate::deps::Deps;
use crate::error::Failure;
use crate::keys::Keys;

use unit::Savepoint;
pub(crate) use unit::Unit;

/// Work that may wait before callers are held back.
const QUEUE: usize = 1024;
/// Most pieces of work in one commit.
const BATCH: usize = 256;

/// Says "look again": the org's log has grown to `head` leaves, or something else of the org changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wake {
    /// Whose.
    pub org: OrgId,
    /// Leaves now.
    pub head: u64,
    /// Endpoints that have something to be sent, or are no longer what they were.
    pub endpoints: Arc<BTreeSet<EndpointId>>,
}

type Answer = Result<Box<dyn Any + Send>, ApiError>;
type Work = Box<dyn for<'a> FnOnce(&'a mut Unit) -> BoxFuture<'a, Result<Box<dyn Any + Send>, Failure>> + Send>;

struct Job {
    org: OrgId,
    work: Work,
    answer: oneshot::Sender<Answer>,
}

/// A job that was run, and what its caller is told once it is committed.
struct Answered {
    org: OrgId,
    to: oneshot::Sender<Answer>,
    answer: Answer,
}

/// Where changes go.
#[derive(Clone)]
pub(crate) struct Ledger {
    jobs: mpsc::Sender<Job>,
    tips: Tips,
}

/// Size and root of each log as this process committed it last: what the database must still say.
type Tips = Arc<Mutex<HashMap<OrgId, (u64, Digest)>>>;

fn tip(tips: &Tips, org: OrgId) -> Option<(u64, Digest)> {
    tips.lock().unwrap_or_else(PoisonError::into_inner).get(&org).copied()
}

/// The log's end in the database, where it is what was signed and not less than what this process has committed: whoever changed
/// it behind the writer's back is not to have it signed.
///
/// # Errors
/// `RecordAltered` where it is not; or it can't be read.
async fn load<C: ConnectionTrait>(db: &C, org: OrgId, keys: &Keys, tips: &Tips) -> Result<Head, Failure> {
    let contradicts = match Head::load(&OrgScope::new(org, db), &keys.log_vkey(org)).await {
        Ok(head) => match tip(tips, org) {
            Some((size, root)) if head.size() < size || (head.size() == size && head.root() != root) => {
                format!("it ends with {} leaves, and {size} were committed", head.size())
            }
            _ => return Ok(head),
        },
        Err(HeadError::Contradicts(why)) => why,
        Err(HeadError::Unreadable(failure)) => return Err(failure),
    };
    tracing::error!(%org, why = contradicts, "the record is not what was signed: nothing is added to it");
    Err(ApiError::RecordAltered.into())
}

impl Ledger {
    /// Starts the writer on `db`, which nothing else may write through; it opens the database below `data` anew where needed.
    pub(crate) fn start(
        db: DatabaseConnection,
        data: PathBuf,
        deps: Deps,
        keys: Arc<Keys>,
        texts: Arc<Texts>,
        wake: broadcast::Sender<Wake>,
    ) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let tips = Tips::default();
        let writer = Writer {
            tips: Arc::clone(&tips),
            db: Some(db),
            data,
            deps,
            keys,
            texts,
            wake,
            heads: HashMap::new(),
            refused: None,
        };
        tokio::spawn(writer.run(queue));
        Self { jobs, tips }
    }

    /// Size and root of the log as it was committed last, since the start.
    pub(crate) fn tip(&self, org: OrgId) -> Option<(u64, Digest)> {
        tip(&self.tips, org)
    }

    /// Runs `work` for `org` and commits what it did: rows and events together.
    ///
    /// # Errors
    /// What the work returned (then nothing of it is kept), or `RecordUnavailable` when it could not be made durable.
    pub(crate) async fn commit<T, F>(&self, org: OrgId, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Unit) -> BoxFuture<'a, Result<T, Failure>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |unit| {
            let running = work(unit);
            Box::pin(async move { Ok(Box::new(running.await?) as Box<dyn Any + Send>) })
        });
        self.jobs
            .send(Job { org, work, answer })
            .await
            .map_err(|_| ApiError::RecordUnavailable)?;
        let value = answered.await.map_err(|_| ApiError::RecordUnavailable)??;
        value
            .downcast::<T>()
            .map(|v| *v)
            .map_err(|_| ApiError::RecordUnavailable)
    }
}

struct Writer {
    tips: Tips,
    /// None after an error.
    db: Option<DatabaseConnection>,
    data: PathBuf,
    deps: Deps,
    keys: Arc<Keys>,
    texts: Arc<Texts>,
    wake: broadcast::Sender<Wake>,
    heads: HashMap<OrgId, Head>,
    /// Since when, and how many pieces of work were refused because nothing could be written.
    refused: Option<(Timestamp, u64)>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(first) = queue.recv().await {
            let mut jobs = VecDeque::from([first]);
            let mut before = 0;
            // Those who were just answered get to ask for the next thing, and the batch stays open as long as somebody does: without
            // that it is mostly small, and each has its own commit.
            while before < jobs.len() && jobs.len() < BATCH {
                before = jobs.len();
                tokio::task::yield_now().await;
                while jobs.len() < BATCH
                    && let Ok(next) = queue.try_recv()
                {
                    jobs.push_back(next);
                }
            }
            while !jobs.is_empty() {
                self.batch(&mut jobs).await;
            }
        }
    }

    /// Commits the first of the jobs, as many as go into one transaction, and answers them.
    async fn batch(&mut self, jobs: &mut VecDeque<Job>) {
        let mut answers = Vec::with_capacity(jobs.len());
        let committed = self.run_and_commit(jobs, &mut answers).await;
        let orgs: BTreeSet<OrgId> = answers.iter().map(|a| a.org).collect();
        match committed {
            Ok(mut touched) => {
                let altered = |a: &&Answered| matches!(a.answer, Err(ApiError::RecordAltered));
                self.refuse(answers.iter().filter(altered).count());
                for a in answers {
                    // A caller that went away no longer waits for its answer; what it asked for is done all the same.
                    let _ = a.to.send(a.answer);
                }
                for org in orgs {
                    let head = self.heads.get(&org).map_or(0, Head::size);
                    let endpoints = Arc::new(touched.remove(&org).unwrap_or_default());
                    let _ = self.wake.send(Wake { org, head, endpoints });
                }
            }
            Err(e) => {
                // Those that were not reached are refused too: their senders are dropped, which their callers read as
                // `RecordUnavailable`.
                let refused = answers.len() + jobs.len();
                jobs.clear();
                tracing::error!(error = %e, refused, "nothing could be committed");
                self.refuse(refused);
                self.heads.clear();
                close(self.db.take()).await;
                let altered = self.altered(orgs).await;
                for a in answers {
                    let why = if altered.contains(&a.org) {
                        ApiError::RecordAltered
                    } else {
                        ApiError::RecordUnavailable
                    };
                    let _ = a.to.send(Err(why));
                }
            }
        }
    }

    /// Counts what was refused for want of a record.
    fn refuse(&mut self, jobs: usize) {
        if jobs > 0 {
            let (since, before) = self.refused.unwrap_or_else(|| (self.deps.now(), 0));
            self.refused = Some((since, before + jobs as u64));
        }
    }

    /// Those of the orgs whose logs are not what was signed, as far as that can be read now.
    async fn altered(&self, mut orgs: BTreeSet<OrgId>) -> BTreeSet<OrgId> {
        let mut altered = BTreeSet::new();
        if orgs.is_empty() {
            return altered;
        }
        let Ok(db) = connect::writer(&self.data).await else {
            return altered;
        };
        while let Some(org) = orgs.pop_first() {
            let loaded = load(&db, org, &self.keys, &self.tips).await;
            if matches!(loaded, Err(Failure::Api(ApiError::RecordAltered))) {
                altered.insert(org);
            }
        }
        close(Some(db)).await;
        altered
    }

    /// What erases ends its transaction: what comes after it is encrypted when the key is gone.
    async fn run_and_commit(
        &mut self,
        jobs: &mut VecDeque<Job>,
        answers: &mut Vec<Answered>,
    ) -> Result<BTreeMap<OrgId, BTreeSet<EndpointId>>, Failure> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let db = match self.db.take() {
            Some(db) => db,
            None => connect::writer(&self.data).await?,
        };
        let txn = Arc::new(self.db.insert(db).begin_with_options(immediate).await?);
        let mut unit = Unit {
            org: OrgId(uuid::Uuid::nil()),
            deps: self.deps.clone(),
            keys: self.keys.clone(),
            txn: txn.clone(),
            savepoint: Savepoint::None,
            tips: Arc::clone(&self.tips),
            heads: std::mem::take(&mut self.heads),
            leaves: Vec::new(),
            texts: self.texts.clone(),
            erased: Vec::new(),
            touched: BTreeMap::new(),
        };
        while unit.erased.is_empty()
            && let Some(job) = jobs.pop_front()
        {
            unit.org = job.org;
            let resumed = self.resumed(&mut unit).await;
            let (before, erased) = (unit.leaves.len(), unit.erased.len());
            let head = unit.heads.get(&job.org).cloned();
            // A panic is a bug in one piece of work; the others, and the writer, go on.
            let working = AssertUnwindSafe(async {
                resumed?;
                (job.work)(&mut unit).await
            });
            let working = working.catch_unwind().await;
            let result = working.unwrap_or_else(|_| Err(Failure::stored("a piece of work panicked")));
            if unit.savepoint == Savepoint::Own {
                unit.savepoint = if result.is_ok() {
                    Savepoint::Earlier
                } else {
                    txn.execute_unprepared("ROLLBACK TO unit; RELEASE unit").await?;
                    Savepoint::None
                };
            }
            if result.is_err() {
                unit.leaves.truncate(before);
                unit.erased.truncate(erased);
                match head {
                    Some(head) => unit.heads.insert(job.org, head),
                    None => unit.heads.remove(&job.org),
                };
            }
            answers.push(Answered {
                org: job.org,
                to: job.answer,
                answer: result.map_err(|e| e.into_api(&self.deps)),
            });
        }
        let Unit {
            heads,
            leaves,
            erased,
            touched,
            txn: shared,
            ..
        } = unit;
        drop(shared);
        let grown: BTreeSet<OrgId> = leaves.iter().map(|l| l.row.org_id).collect();
        rows::insert(&txn, leaves, &self.texts).await?;
        rows::sign(&txn, &heads, &grown, &self.keys, self.deps.now()).await?;
        let txn = Arc::into_inner(txn).ok_or_else(|| Failure::stored("a piece of work kept its transaction"))?;
        txn.commit().await?;
        let tips = heads.iter().map(|(org, head)| (*org, (head.size(), head.root())));
        self.tips.lock().unwrap_or_else(PoisonError::into_inner).extend(tips);
        self.heads = heads;
        // The first leaf says it.
        if !grown.is_empty() {
            self.refused = None;
        }
        // Before anything else is written, so that no later text is encrypted with a key that is to go.
        for (org, subject) in erased {
            let Some(db) = &self.db else { break };
            if let Err(error) = super::texts::erase(db, &self.texts, org, &subject).await {
                tracing::error!(%error, "the key of erased texts could not be destroyed; trying again");
            }
        }
        Ok(touched)
    }

    /// The refusals of the time without a record become a leaf as soon as there is one again.
    async fn resumed(&self, unit: &mut Unit) -> Result<(), Failure> {
        let Some((since, refused)) = self.refused.filter(|_| unit.leaves.is_empty()) else {
            return Ok(());
        };
        let target = Target::new("record", domain::event::Named::new(unit.org, "the record"));
        let event = Event::RecordResumed { since, refused };
        let who = Who::Server { part: "record".into() };
        unit.record(who, target, EventOutcome::Refused, By::SERVER, Refs::NONE, event)
            .await
            .map(|_| ())
    }
}

async fn close(db: Option<DatabaseConnection>) {
    if let Some(db) = db
        && let Err(error) = db.close().await
    {
        tracing::warn!(%error, "the writer's connection did not close cleanly");
    }
}
