//! How much room an action's record takes on the disk, and the search for its text: 25,000 lines of what consoles print, run by a real
//! agent, against the bytes that were printed (R8: at most 0.2).

use std::io::Read as _;

use anyhow::{Context, Result};
use domain::api::{Approvals, NewSession, Sessions};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::Row;
use crate::world::World;

/// The tables of the record with their indexes, and those of the search.
const RECORD: &str = "'leaf', 'sqlite_autoindex_leaf_1', 'leaf_session', 'leaf_text', 'sqlite_autoindex_leaf_text_1', \
     'leaf_pack', 'sqlite_autoindex_leaf_pack_1', 'action_to_pack', 'log_node', 'sqlite_autoindex_log_node_1', 'checkpoint', 'sqlite_autoindex_checkpoint_1'";
const SEARCH: &str = "'output_search_data', 'output_search_idx', 'output_search_docsize', 'output_search_content'";

pub(crate) async fn measure() -> Result<Vec<Row>> {
    let world = World::new().await?;
    let (running, mut agent, endpoint) = crate::latency::connect(&world).await?;
    let new = NewSession {
        endpoint,
        reason: "Bench".into(),
        ticket: String::new(),
    };
    let session = world.engine.open_session(&world.technician, new).await?;
    let text = printed()?;
    let file = world.folder.path().join("printed.txt");
    std::fs::write(&file, &text)?;
    let (record, search) = (pages(&world, RECORD).await?, pages(&world, SEARCH).await?);
    let approval = crate::latency::asked(&world, session, &format!("cat '{}'", file.display())).await?;
    world.engine.decide(&world.contact, approval).await?;
    crate::latency::settle(&world, session).await?;
    let _ = agent.kill();
    let _ = agent.wait();
    running.stop().await;
    let kept = world.engine.session(&world.technician, session).await?;
    let bytes: u64 = kept.actions.iter().map(|a| a.bytes).sum();
    anyhow::ensure!(
        bytes == text.len() as u64,
        "{bytes} of {} bytes were recorded",
        text.len()
    );
    let unpacked = pages(&world, RECORD).await? - record;
    world.engine.pack().await?;
    let row = |what, ours: f64| Row {
        what,
        ours: ours / 1e3,
        baseline: text.len() as f64 / 1e3,
        unit: "kB",
        against: "what was printed",
    };
    Ok(vec![
        row("the record of 25,000 lines, before it is packed", unpacked),
        row(
            "the record of 25,000 lines, packed (goal: 0.2)",
            pages(&world, RECORD).await? - record,
        ),
        row("and the search for them", pages(&world, SEARCH).await? - search),
    ])
}

/// The redaction tests' sample of ordinary output.
fn printed() -> Result<String> {
    let packed: &[u8] = include_bytes!("../../redact/tests/corpus/ordinary.br");
    let mut text = String::new();
    brotli::Decompressor::new(packed, 4096)
        .read_to_string(&mut text)
        .context("unpacking the sample")?;
    Ok(text)
}

/// Bytes of the pages that these tables and indexes have.
async fn pages(world: &World, of: &str) -> Result<f64> {
    let file = world.folder.path().join(engine::DATABASE_FILE);
    let mut c = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
    let sql = format!("SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN ({of})");
    let bytes: i64 = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut c).await?.get(0);
    Ok(bytes as f64)
}
