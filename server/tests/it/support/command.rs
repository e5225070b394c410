//! The program as an operator runs it, and what an attacker with the disk in hand does.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use tokio::process::Command;
use tokio::time::timeout;

/// How a command ended.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program's path.
pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_countersign")
}

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the program to its end.
pub(crate) async fn countersign(args: &[impl AsRef<OsStr>]) -> Told {
    let mut command = Command::new(program());
    let ended = timeout(PATIENCE, command.args(args).kill_on_drop(true).output());
    let output = ended.await.expect("it ends").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// What `countersign verify --database` says of a data folder: its exit code and all of its words.
pub(crate) async fn verified(data: &Path) -> (i32, String) {
    let told = countersign(&["verify", "--database", data.to_str().unwrap()]).await;
    (told.code, format!("{}{}", told.out, told.err))
}

/// Changes the stopped server's record behind its back: drops the triggers, runs `update`, puts nothing back. Gives the
/// index of the first leaf whose groups differ afterwards.
pub(crate) async fn tamper(data: &Path, update: &str) -> u64 {
    let database = unguarded(data).await;
    let before = groups(&database).await;
    let changed = database.execute_unprepared(update).await.unwrap().rows_affected();
    assert_eq!(changed, 1, "exactly one row was to be changed");
    let after = groups(&database).await;
    database.close().await.unwrap();
    let (index, _) = before
        .iter()
        .zip(&after)
        .find(|(b, a)| b != a)
        .expect("something differs")
        .0
        .clone();
    u64::try_from(index).unwrap()
}

/// The database without the triggers that guard the record.
pub(crate) async fn unguarded(data: &Path) -> DatabaseConnection {
    let database = Database::connect(engine::database_options(data)).await.unwrap();
    for table in ["leaf", "leaf_text", "leaf_pack", "log_node", "checkpoint"] {
        for when in ["update", "delete"] {
            database
                .execute_unprepared(&format!("DROP TRIGGER {table}_no_{when}"))
                .await
                .unwrap();
        }
    }
    database
}

/// What a query of the stopped server's database counts as `n`.
pub(crate) async fn count(data: &Path, sql: &str) -> i64 {
    let database = Database::connect(engine::database_options(data)).await.unwrap();
    let counting = Statement::from_string(DbBackend::Sqlite, sql);
    let row = database.query_one_raw(counting).await.unwrap().unwrap();
    let n = row.try_get("", "n").unwrap();
    database.close().await.unwrap();
    n
}

async fn groups(database: &DatabaseConnection) -> Vec<(i64, String)> {
    let sql = "SELECT org_id, idx, 'others' AS name, groups FROM leaf
               UNION ALL SELECT org_id, idx, 'text', hex(sealed) FROM leaf_text ORDER BY 1, 2, 3";
    let rows = database
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|r| (r.try_get("", "idx").unwrap(), r.try_get("", "groups").unwrap()))
        .collect()
}
