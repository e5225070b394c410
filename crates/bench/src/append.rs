//! Durable appends from one writer and from 64: leaves in a signed tree, and notes, which are a row besides; against bare SQLite
//! that group-commits rows of the same bytes from as many writers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::api::{ApiError, NewSession, Retention, Sessions};
use domain::ids::SessionId;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection as _, Row as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::Row;
use crate::world::World;

const WRITERS: usize = 64;
/// Appends of one writer in a round.
const EACH: usize = 30;
const ROUNDS: usize = 8;
const ALONE: usize = 200;
const NOTE: &str = "Checked the cable, the switch port and the gateway; the register answers again.";

/// What is appended.
#[derive(Clone, Copy)]
enum Append {
    /// A leaf and nothing else: that somebody asked for what they may not.
    Refusal,
    /// A note on a session: a row, and a leaf whose text is encrypted, after reading the session and what is redacted in it.
    Note(SessionId),
}

impl Append {
    async fn once(self, world: &World) -> Result<()> {
        match self {
            Self::Refusal => {
                let asked = world.engine.retention(&world.technician).await;
                ensure!(matches!(asked, Err(ApiError::Forbidden { .. })), "it was not refused");
            }
            Self::Note(session) => world.engine.add_note(&world.technician, session, NOTE.into()).await?,
        }
        Ok(())
    }

    /// Mean bytes that one puts into the database.
    async fn bytes(self, world: &World) -> Result<usize> {
        let (kind, own) = match self {
            Self::Refusal => ("access.refused", "0"),
            Self::Note(_) => ("session.note_added", "(SELECT avg(length(text) + 80) FROM note)"),
        };
        let sql = format!(
            "SELECT avg(length(l.leaf) + length(l.groups) + 80
                 + coalesce((SELECT length(sealed) + 40 FROM leaf_text t WHERE (t.org_id, t.idx) = (l.org_id, l.idx)), 0)) + {own}
             FROM leaf l WHERE kind = '{kind}'"
        );
        let file = world.folder.path().join(engine::DATABASE_FILE);
        let mut c = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
        let mean: f64 = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut c).await?.get(0);
        Ok(mean as usize)
    }
}

pub(crate) async fn measure() -> Result<Vec<Row>> {
    let world = Arc::new(World::new().await?);
    let endpoint = crate::latency::enrol_only(&world).await?;
    let new = NewSession {
        endpoint,
        reason: "Bench".into(),
        ticket: String::new(),
    };
    let session = world.engine.open_session(&world.technician, new).await?;
    let mut rows = compare(
        &world,
        Append::Refusal,
        [
            "durable appends of a leaf, 64 writers",
            "median acknowledgement of a leaf, 1 writer",
            "p99 acknowledgement of a leaf, 64 writers",
        ],
    )
    .await?
    .into_iter()
    .collect::<Vec<_>>();
    let named = [
        "durable notes, 64 writers",
        "median acknowledgement of a note, 1 writer",
        "p99 acknowledgement of a note, 64 writers",
    ];
    rows.extend(compare(&world, Append::Note(session), named).await?);
    Ok(rows)
}

async fn compare(
    world: &Arc<World>,
    append: Append,
    [rate_of, median_of, p99_of]: [&'static str; 3],
) -> Result<[Row; 3]> {
    let shared = Arc::clone(world);
    let ours = move || {
        let world = Arc::clone(&shared);
        async move { append.once(&world).await }
    };
    let mut one = alone(&ours).await?;
    let (bare, writing) = Bare::open(world, append.bytes(world).await?).await?;
    let theirs = move || bare.clone().append();
    let mut bare_one = alone(&theirs).await?;
    // In turns, so that what else the machine does meets both alike.
    let (mut many, mut bare_many) = (Burst::default(), Burst::default());
    for _ in 0..ROUNDS {
        many.add(&ours).await?;
        bare_many.add(&theirs).await?;
    }
    drop(theirs);
    writing.await??;
    let against = "bare SQLite group commit";
    Ok([
        Row {
            what: rate_of,
            ours: many.per_second(),
            baseline: bare_many.per_second(),
            unit: "appends/s",
            against,
        },
        Row {
            what: median_of,
            ours: micros(&mut one, 50),
            baseline: micros(&mut bare_one, 50),
            unit: "µs",
            against: "one bare commit",
        },
        Row {
            what: p99_of,
            ours: micros(&mut many.took, 99),
            baseline: micros(&mut bare_many.took, 99),
            unit: "µs",
            against,
        },
    ])
}

/// How long each of some appends takes, one after the other.
async fn alone<F: Future<Output = Result<()>>>(append: impl Fn() -> F) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    for _ in 0..ALONE {
        let started = Instant::now();
        append().await?;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// Appends of many writers at the same time.
#[derive(Default)]
struct Burst {
    took: Vec<Duration>,
    all: Duration,
}

impl Burst {
    async fn add<F>(&mut self, append: &(impl Fn() -> F + Clone + Send + 'static)) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send,
    {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..WRITERS {
            let append = append.clone();
            tasks.spawn(async move {
                let mut took = Vec::new();
                for _ in 0..EACH {
                    let started = Instant::now();
                    append().await?;
                    took.push(started.elapsed());
                }
                anyhow::Ok(took)
            });
        }
        while let Some(took) = tasks.join_next().await {
            self.took.extend(took??);
        }
        self.all += started.elapsed();
        Ok(())
    }

    fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.all.as_secs_f64()
    }
}

fn micros(took: &mut [Duration], percentile: usize) -> f64 {
    took.sort_unstable();
    let at = took.len() * percentile / 100;
    took.get(at.min(took.len().saturating_sub(1)))
        .map_or(0.0, |d| d.as_secs_f64() * 1e6)
}

type Ask = oneshot::Sender<()>;

/// Bare SQLite: rows of as many bytes, group-committed.
#[derive(Clone)]
struct Bare {
    asks: mpsc::Sender<Ask>,
}

impl Bare {
    async fn open(world: &World, bytes: usize) -> Result<(Self, JoinHandle<Result<()>>)> {
        let options = SqliteConnectOptions::new()
            .filename(world.folder.path().join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut c = SqliteConnection::connect_with(&options).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
            .execute(&mut c)
            .await?;
        let (asks, queue) = mpsc::channel(1024);
        Ok((Self { asks }, tokio::spawn(write(c, queue, bytes))))
    }

    async fn append(self) -> Result<()> {
        let (done, answered) = oneshot::channel();
        self.asks.send(done).await.context("the writer is gone")?;
        answered.await.context("the writer is gone")
    }
}

async fn write(mut c: SqliteConnection, mut queue: mpsc::Receiver<Ask>, bytes: usize) -> Result<()> {
    let payload = vec![0x5a_u8; bytes];
    while let Some(first) = queue.recv().await {
        let mut asks = vec![first];
        while asks.len() < 256
            && let Ok(next) = queue.try_recv()
        {
            asks.push(next);
        }
        sqlx::query("BEGIN IMMEDIATE").execute(&mut c).await?;
        for _ in &asks {
            sqlx::query("INSERT INTO t (payload) VALUES (?)")
                .bind(&payload)
                .execute(&mut c)
                .await?;
        }
        sqlx::query("COMMIT").execute(&mut c).await?;
        for ask in asks {
            let _ = ask.send(());
        }
    }
    Ok(())
}
