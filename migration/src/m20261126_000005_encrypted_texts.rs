//! Texts of the record, encrypted with a key that is kept in another file, so that they can be erased by destroying it; how
//! long they are kept, and what forbids erasing them.

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
    "CREATE TABLE leaf_text (
        org_id {id} NOT NULL,
        idx {int} NOT NULL,
        key_id {bytes} NOT NULL CHECK (length(key_id) = 16),
        sealed {bytes} NOT NULL,
        PRIMARY KEY (org_id, idx),
        FOREIGN KEY (org_id, idx) REFERENCES leaf (org_id, idx))",
    "CREATE TRIGGER leaf_text_no_update BEFORE UPDATE ON leaf_text
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER leaf_text_no_delete BEFORE DELETE ON leaf_text
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER leaf_text_no_replace BEFORE INSERT ON leaf_text
     WHEN EXISTS (SELECT 1 FROM leaf_text WHERE org_id = NEW.org_id AND idx = NEW.idx)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    // Erased, and the key still to be destroyed: rows live from the commit that says so until that is done.
    "CREATE TABLE text_erasure (
        org_id {id} NOT NULL REFERENCES org (id),
        subject text NOT NULL,
        PRIMARY KEY (org_id, subject))",
    "ALTER TABLE org ADD COLUMN retention_days {int} NOT NULL DEFAULT 2557 CHECK (retention_days > 0)",
    // Whether the texts from before are encrypted too: the server's next start does that, since it has the keys.
    "ALTER TABLE org ADD COLUMN texts_encrypted boolean NOT NULL DEFAULT FALSE",
    "ALTER TABLE client ADD COLUMN retention_days {int} CHECK (retention_days > 0)",
    "ALTER TABLE session ADD COLUMN erased_at {int}",
    "ALTER TABLE session ADD COLUMN erased_by text NOT NULL DEFAULT ''",
    "ALTER TABLE session ADD COLUMN erased_leaf {int}",
    "CREATE TRIGGER session_erased_for_good BEFORE UPDATE ON session
     WHEN OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NOT OLD.erased_at OR NEW.reason <> OLD.reason OR NEW.close_reason <> OLD.close_reason)
     BEGIN SELECT RAISE(ABORT, 'what was erased stays erased'); END",
    "CREATE TABLE legal_hold (
        org_id {id} NOT NULL REFERENCES org (id),
        id {id} NOT NULL,
        client_id {id},
        session_id {id},
        name text NOT NULL,
        reason text NOT NULL CHECK (reason <> ''),
        placed_by text NOT NULL,
        placed_at {int} NOT NULL,
        released_by text NOT NULL DEFAULT '',
        released_at {int},
        PRIMARY KEY (org_id, id),
        CHECK (client_id IS NULL OR session_id IS NULL),
        CHECK ((released_at IS NULL) = (released_by = '')),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id),
        FOREIGN KEY (org_id, session_id) REFERENCES session (org_id, id))",
    "CREATE TRIGGER legal_hold_ends_once BEFORE UPDATE ON legal_hold
     WHEN OLD.released_at IS NOT NULL
     BEGIN SELECT RAISE(ABORT, 'a legal hold ends once'); END",
    "CREATE TRIGGER legal_hold_no_delete BEFORE DELETE ON legal_hold
     BEGIN SELECT RAISE(ABORT, 'a legal hold is released, not deleted'); END",
    // Held sessions keep their texts, whoever asks.
    "CREATE TRIGGER session_held BEFORE UPDATE OF erased_at ON session
     WHEN NEW.erased_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM legal_hold h WHERE h.org_id = NEW.org_id AND h.released_at IS NULL
        AND (h.session_id = NEW.id OR h.client_id = NEW.client_id OR (h.session_id IS NULL AND h.client_id IS NULL)))
     BEGIN SELECT RAISE(ABORT, 'a legal hold forbids it'); END",
    // What is taken out of the text search leaves the file at once.
    "INSERT INTO output_search (output_search, rank) VALUES ('secure-delete', 1)",
];
