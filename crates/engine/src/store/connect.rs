//! Opening the database: many readers, one writer.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// File name of the database, in the data folder.
pub const DATABASE_FILE: &str = "countersign.db";

/// The database below the data folder, for whoever connects to it with nothing set (the migrations do). It is made if it is not
/// there.
pub fn database_options(data: &Path) -> ConnectOptions {
    options(&data.join(DATABASE_FILE), "rwc")
}

/// File name of the keys that texts are encrypted with, in the data folder.
pub const TEXT_KEYS_FILE: &str = "keys.db";

/// Every file of the database and of its texts' keys, as far as SQLite has made them: their names in the data folder.
pub fn database_files() -> [String; 5] {
    [
        DATABASE_FILE.to_owned(),
        format!("{DATABASE_FILE}-wal"),
        format!("{DATABASE_FILE}-shm"),
        TEXT_KEYS_FILE.to_owned(),
        format!("{TEXT_KEYS_FILE}-journal"),
    ]
}

/// How many connections read at once.
const READERS: u32 = 4;

/// Connections that read.
pub(crate) async fn readers(data: &Path) -> Result<DatabaseConnection, DbErr> {
    connect(options(&data.join(DATABASE_FILE), "rw"), READERS).await
}

/// The one connection that writes.
pub(crate) async fn writer(data: &Path) -> Result<DatabaseConnection, DbErr> {
    connect(database_options(data), 1).await
}

/// The keys of texts. Without write-ahead logging and with freed bytes overwritten, so that what is deleted from the file is not
/// in it any more.
pub(crate) async fn text_keys(data: &Path) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(&data.join(TEXT_KEYS_FILE), "rwc");
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|o| {
            o.journal_mode(SqliteJournalMode::Delete)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .pragma("secure_delete", "ON")
        });
    Database::connect(options).await
}

/// How every pool of ours begins: its connections stay, idle or old. There is nothing about a file that a new connection would
/// mend, and what sqlx 0.9.0 runs to replace them counts below zero where another thread takes a connection that is just
/// coming back: it keeps a processor busy from then on, for ever, and the program does not end (sqlx issue 3645).
#[expect(clippy::disallowed_methods, reason = "this is what everything else is to use")]
fn options(file: &Path, mode: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode={mode}", file.display()));
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options
}

async fn connect(mut options: ConnectOptions, connections: u32) -> Result<DatabaseConnection, DbErr> {
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|o| {
            // FULL: a commit is on the disk before it is answered, also with write-ahead logging.
            o.journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("recursive_triggers", "ON")
                // What is erased is overwritten, not only unlinked.
                .pragma("secure_delete", "ON")
                // Pages that change with every commit are written back a fourth as often as SQLite would by itself; the log of 16 MB
                // that this allows is cut off after an erasure.
                .pragma("wal_autocheckpoint", "4000")
        });
    Database::connect(options).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that is done ends: no pool has what could keep it.
    #[test]
    fn no_connection_is_ever_replaced() {
        let options = options(Path::new("any"), "rw");
        assert_eq!(
            (options.get_idle_timeout(), options.get_max_lifetime()),
            (Some(None), Some(None))
        );
    }
}
