//! The chain of an org's order keys after the first, which needs no statement. It only grows, without gaps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom("only SQLite has its append-only triggers yet".into()));
        }
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE order_key (
        org_id {id} NOT NULL REFERENCES org (id),
        generation {int} NOT NULL CHECK (generation >= 2),
        statement text NOT NULL,
        made_at {int} NOT NULL,
        PRIMARY KEY (org_id, generation))",
    "CREATE TRIGGER order_key_no_update BEFORE UPDATE ON order_key
     BEGIN SELECT RAISE(ABORT, 'the chain of order keys only grows'); END",
    "CREATE TRIGGER order_key_no_delete BEFORE DELETE ON order_key
     BEGIN SELECT RAISE(ABORT, 'the chain of order keys only grows'); END",
    "CREATE TRIGGER order_key_gapless BEFORE INSERT ON order_key
     WHEN NEW.generation <> (SELECT coalesce(max(generation) + 1, 2) FROM order_key WHERE org_id = NEW.org_id)
     BEGIN SELECT RAISE(ABORT, 'the chain of order keys has no gaps'); END",
];
