//! CSV rows a second, against a bare cursor over the same rows and columns.

use std::time::Instant;

use anyhow::{Context, Result};
use domain::action::{Command, Verb};
use domain::api::{Actions, Filter, NewSession, Proposal, Sessions};
use futures_util::TryStreamExt as _;
use futures_util::pin_mut;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, Connection as _, Row as _, SqliteConnection};
use tokio::task::JoinSet;

use crate::Row;
use crate::world::World;

const ROWS: usize = 20_000;
const SESSIONS: usize = 20;

pub(crate) async fn measure() -> Result<Row> {
    let world = World::new().await?;
    let endpoint = crate::latency::enrol_only(&world).await?;
    let mut tasks = JoinSet::new();
    for n in 0..SESSIONS {
        let new = NewSession {
            endpoint,
            reason: format!("Bench {n}"),
            ticket: format!("T-{n}"),
        };
        let session = world.engine.open_session(&world.technician, new).await?;
        let (engine, technician) = (world.engine.clone(), world.technician.clone());
        tasks.spawn(async move {
            for _ in 0..ROWS / SESSIONS {
                engine
                    .propose(
                        &technician,
                        Proposal {
                            session,
                            command: Command::Verb(Verb::DiskUsage),
                        },
                    )
                    .await?;
            }
            Ok::<_, domain::api::ApiError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let started = Instant::now();
    let csv = world.engine.export_csv(&world.director, Filter::default()).await?;
    pin_mut!(csv);
    let mut lines = 0;
    while let Some(piece) = csv.try_next().await? {
        lines += piece.iter().filter(|b| **b == b'\n').count();
    }
    let ours = (lines - 1) as f64 / started.elapsed().as_secs_f64();
    anyhow::ensure!(lines == ROWS + 1, "the export has {lines} lines");
    Ok(Row {
        what: "CSV export",
        ours,
        baseline: bare(&world).await?,
        unit: "rows/s",
        against: "a bare cursor",
    })
}

async fn bare(world: &World) -> Result<f64> {
    let file = world.folder.path().join(engine::DATABASE_FILE);
    let mut c = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
    let sql = "SELECT a.proposed_at, s.client_name, s.endpoint_name, s.technician_name, s.ticket, s.reason, s.id, a.number, \
               a.command_line, a.state, a.rule, a.basis_word, a.approver, a.approver_role, a.decided_at, a.exit_code, a.findings, \
               a.lines, a.output, a.proposed_leaf FROM action a JOIN session s ON s.org_id = a.org_id AND s.id = a.session_id \
               ORDER BY a.proposed_leaf DESC";
    let started = Instant::now();
    let mut rows = sqlx::query(sql).fetch(&mut c);
    let (mut count, mut bytes) = (0_usize, 0);
    while let Some(row) = rows.try_next().await? {
        bytes += row.try_get::<String, _>(8).context("the command")?.len();
        count += 1;
    }
    std::hint::black_box(bytes);
    Ok(count as f64 / started.elapsed().as_secs_f64())
}
