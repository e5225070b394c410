//! Opening the database: many readers, one writer.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// File name of the database, in the data folder.
pub const DATABASE_FILE: &str = "countersign.db";

/// The database below the data folder, as a URL for whoever connects to it (the migrations do).
pub fn database_url(data: &Path) -> String {
    format!("sqlite://{}?mode=rwc", data.join(DATABASE_FILE).display())
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
    connect(
        &format!("sqlite://{}?mode=rw", data.join(DATABASE_FILE).display()),
        READERS,
    )
    .await
}

/// The one connection that writes.
pub(crate) async fn writer(data: &Path) -> Result<DatabaseConnection, DbErr> {
    connect(&database_url(data), 1).await
}

/// The keys of texts. Without write-ahead logging and with freed bytes overwritten, so that what is deleted from the file is not
/// in it any more.
pub(crate) async fn text_keys(data: &Path) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", data.join(TEXT_KEYS_FILE).display()));
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

async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
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
