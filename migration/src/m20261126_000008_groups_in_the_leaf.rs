//! A leaf's groups in the leaf's own row, since nothing but a text is ever erased apart from its leaf: a row for each made most of
//! what an append costs. What texts were not encrypted yet wait in a table of their own for the server's next start.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom("only SQLite has these triggers yet".into()));
        }
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE leaf ADD COLUMN groups text NOT NULL DEFAULT '{}'",
    "DROP TRIGGER leaf_no_update",
    // Each group's JSON goes over byte for byte: the leaf commits to its bytes.
    r#"UPDATE leaf SET groups = coalesce((
        SELECT '{' || group_concat('"' || name || '":["' || lower(hex(salt)) || '",' || json || ']', ',') || '}'
        FROM leaf_group g WHERE g.org_id = leaf.org_id AND g.idx = leaf.idx AND g.name <> 'text'), '{}')"#,
    "CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TABLE older_text (
        org_id {id} NOT NULL,
        idx {int} NOT NULL,
        salt {bytes} NOT NULL CHECK (length(salt) = 16),
        json text NOT NULL,
        PRIMARY KEY (org_id, idx),
        FOREIGN KEY (org_id, idx) REFERENCES leaf (org_id, idx))",
    "INSERT INTO older_text SELECT org_id, idx, salt, json FROM leaf_group WHERE name = 'text'",
    // What is left of the table's pages is overwritten.
    "PRAGMA secure_delete = ON",
    "DROP TABLE leaf_group",
];
