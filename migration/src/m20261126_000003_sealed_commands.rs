//! The exact text of scripts of which the record shows a redacted form: sealed, and only as long as it may still run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom("only SQLite has this trigger yet".into()));
        }
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE action ADD COLUMN sealed text",
    "ALTER TABLE action ADD COLUMN redacted boolean NOT NULL DEFAULT FALSE",
    "CREATE TRIGGER action_sealed_no_longer BEFORE UPDATE ON action
     WHEN NEW.sealed IS NOT NULL AND NEW.state IN ('finished', 'refused')
     BEGIN SELECT RAISE(ABORT, 'a sealed command does not outlive its action'); END",
];
