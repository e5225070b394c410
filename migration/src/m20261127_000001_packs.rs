//! Packs: the leaves of an action that has ended, and their texts, compressed together. Alone each takes more than half as much again.

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
    // `first` is the index of the first leaf in it, `text_count` how many of them have a text.
    "CREATE TABLE leaf_pack (
        org_id {id} NOT NULL,
        first {int} NOT NULL,
        leaves {bytes} NOT NULL CHECK (length(leaves) > 0),
        key_id {bytes} CHECK (length(key_id) = 16),
        texts {bytes} CHECK (length(texts) > 0),
        text_count {int} NOT NULL,
        PRIMARY KEY (org_id, first),
        FOREIGN KEY (org_id, first) REFERENCES leaf (org_id, idx),
        CHECK ((key_id IS NULL) = (texts IS NULL) AND (texts IS NULL) = (text_count = 0)))",
    "CREATE TRIGGER leaf_pack_no_update BEFORE UPDATE ON leaf_pack
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER leaf_pack_no_delete BEFORE DELETE ON leaf_pack
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER leaf_pack_no_replace BEFORE INSERT ON leaf_pack
     WHEN EXISTS (SELECT 1 FROM leaf_pack WHERE org_id = NEW.org_id AND first = NEW.first)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    // A leaf moves once, into a pack that is there, and nothing else of it changes.
    "ALTER TABLE leaf ADD COLUMN pack {int}",
    "DROP TRIGGER leaf_no_update",
    "CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf
     WHEN NOT (OLD.pack IS NULL AND NEW.pack IS NOT NULL AND NEW.leaf = '' AND NEW.groups = ''
        AND NEW.org_id = OLD.org_id AND NEW.idx = OLD.idx AND NEW.kind = OLD.kind
        AND NEW.kind_version = OLD.kind_version AND NEW.at = OLD.at AND NEW.session_id IS OLD.session_id
        AND NEW.action_id IS OLD.action_id AND NEW.hash = OLD.hash
        AND EXISTS (SELECT 1 FROM leaf_pack p WHERE p.org_id = NEW.org_id AND p.first = NEW.pack))
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    // Its text goes from its own table after it, into a pack with the same key.
    "DROP TRIGGER leaf_text_no_delete",
    "CREATE TRIGGER leaf_text_no_delete BEFORE DELETE ON leaf_text
     WHEN NOT EXISTS (SELECT 1 FROM leaf l JOIN leaf_pack p ON p.org_id = l.org_id AND p.first = l.pack
        WHERE l.org_id = OLD.org_id AND l.idx = OLD.idx AND p.key_id = OLD.key_id)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "ALTER TABLE action ADD COLUMN packed boolean NOT NULL DEFAULT FALSE",
    "CREATE INDEX action_to_pack ON action (org_id, id) WHERE packed = FALSE AND state IN ('finished', 'refused')",
];
