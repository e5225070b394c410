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
use tokio::task::JoinSet;

use crate::Row;
use crate::world::World;

const WRITERS: usize = 64;
const EACH: usize = 60;
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
    let mut one = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        append.once(world).await?;
        one.push(started.elapsed());
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..WRITERS {
        let world = Arc::clone(world);
        tasks.spawn(async move {
            let mut took = Vec::new();
            for _ in 0..EACH {
                let started = Instant::now();
                append.once(&world).await?;
                took.push(started.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut many = Vec::new();
    while let Some(took) = tasks.join_next().await {
        many.extend(took??);
    }
    let ours = rate(many.len(), started.elapsed());
    let (bare, bare_one, mut bare_many) = bare(world, append.bytes(world).await?).await?;
    Ok([
        Row {
            what: rate_of,
            ours,
            baseline: bare,
            unit: "appends/s",
            against: "bare SQLite group commit",
        },
        Row {
            what: median_of,
            ours: micros(&mut one, 50),
            baseline: bare_one,
            unit: "µs",
            against: "one bare commit",
        },
        Row {
            what: p99_of,
            ours: micros(&mut many, 99),
            baseline: micros(&mut bare_many, 99),
            unit: "µs",
            against: "bare SQLite group commit",
        },
    ])
}

fn rate(n: usize, took: Duration) -> f64 {
    n as f64 / took.as_secs_f64()
}

fn micros(took: &mut [Duration], percentile: usize) -> f64 {
    took.sort_unstable();
    let at = took.len() * percentile / 100;
    took.get(at.min(took.len().saturating_sub(1)))
        .map_or(0.0, |d| d.as_secs_f64() * 1e6)
}

type Ask = oneshot::Sender<()>;

/// Rows of `bytes` each, group-committed: rows a second from many writers, median of one writer, and each acknowledgement.
async fn bare(world: &World, bytes: usize) -> Result<(f64, f64, Vec<Duration>)> {
    let options = SqliteConnectOptions::new()
        .filename(world.folder.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut c = SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
        .execute(&mut c)
        .await?;
    let (asks, queue) = mpsc::channel::<Ask>(1024);
    let writer = tokio::spawn(write(c, queue, bytes));
    let ask = |asks: mpsc::Sender<Ask>| async move {
        let (done, answered) = oneshot::channel();
        asks.send(done).await.context("the writer is gone")?;
        answered.await.context("the writer is gone")
    };
    let mut one = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        ask(asks.clone()).await?;
        one.push(started.elapsed());
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..WRITERS {
        let asks = asks.clone();
        tasks.spawn(async move {
            let mut took = Vec::new();
            for _ in 0..EACH * 4 {
                let started = Instant::now();
                ask(asks.clone()).await?;
                took.push(started.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut many = Vec::new();
    while let Some(took) = tasks.join_next().await {
        many.extend(took??);
    }
    let per_second = rate(many.len(), started.elapsed());
    drop(asks);
    writer.await??;
    Ok((per_second, micros(&mut one, 50), many))
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
