//! Durable appends: notes on a session, each a row and a leaf with its six groups in a signed tree, from one writer and
//! from 64; against bare SQLite that group-commits as many rows of the same bytes from as many writers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use domain::api::{NewSession, Sessions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection as _, Row as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::Row;
use crate::world::World;

const WRITERS: usize = 64;
const EACH: usize = 60;

pub(crate) async fn measure() -> Result<Vec<Row>> {
    let world = World::new().await?;
    let endpoint = crate::latency::enrol_only(&world).await?;
    let new = NewSession {
        endpoint,
        reason: "Bench".into(),
        ticket: String::new(),
    };
    let session = world.engine.open_session(&world.technician, new).await?;
    let note = "Checked the cable, the switch port and the gateway; the register answers again.";

    let mut one = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        world.engine.add_note(&world.technician, session, note.into()).await?;
        one.push(started.elapsed());
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..WRITERS {
        let (engine, technician) = (world.engine.clone(), world.technician.clone());
        tasks.spawn(async move {
            let mut took = Vec::new();
            for _ in 0..EACH {
                let started = Instant::now();
                engine.add_note(&technician, session, note.into()).await?;
                took.push(started.elapsed());
            }
            Ok::<_, domain::api::ApiError>(took)
        });
    }
    let mut many = Vec::new();
    while let Some(took) = tasks.join_next().await {
        many.extend(took??);
    }
    let ours = rate(many.len(), started.elapsed());
    let bytes = leaf_bytes(&world).await?;
    let (bare, bare_one, mut bare_many) = bare(&world, bytes).await?;
    Ok(vec![
        Row {
            what: "durable appends, 64 writers",
            ours,
            baseline: bare,
            unit: "appends/s",
            against: "bare SQLite group commit",
        },
        Row {
            what: "median acknowledgement, 1 writer",
            ours: micros(&mut one, 50),
            baseline: bare_one,
            unit: "µs",
            against: "one bare commit",
        },
        Row {
            what: "p99 acknowledgement, 64 writers",
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

/// Mean bytes that one note puts into the database: its row, its leaf, the leaf's groups and hashes.
async fn leaf_bytes(world: &World) -> Result<usize> {
    let file = world.folder.path().join(engine::DATABASE_FILE);
    let mut c = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
    let sql = "SELECT avg(length(l.leaf) + 48 + (SELECT sum(length(json) + 16 + length(name) + 24) FROM leaf_group g \
               WHERE g.org_id = l.org_id AND g.idx = l.idx) + (SELECT length(sealed) + 16 + 24 FROM leaf_text t \
               WHERE t.org_id = l.org_id AND t.idx = l.idx)) + (SELECT avg(length(text) + 80) FROM note) FROM leaf l \
               WHERE kind = 'session.note_added'";
    let mean: f64 = sqlx::query(sql).fetch_one(&mut c).await?.get(0);
    Ok(mean as usize)
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
    sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
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
