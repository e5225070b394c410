//! Endpoints that wait for a person, that are being removed, that say what they can do, and whose key was copied.
//!
//! SQLite can't change a table's conditions, and sessions refer to this table: it is made anew beside the old one, with
//! references off meanwhile and checked before the end, in one transaction on one connection (sqlite.org/lang_altertable.html,
//! section 7).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom(
                "only SQLite has its table of endpoints made anew yet".into(),
            ));
        }
        crate::run(manager, &[ANEW]).await
    }

    /// It begins and commits its own: references can't be turned off inside a transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

const ANEW: &str = "
    PRAGMA foreign_keys = OFF;
    BEGIN IMMEDIATE;
    CREATE TABLE endpoint_next (
        org_id {id} NOT NULL REFERENCES org (id),
        id {id} NOT NULL,
        client_id {id},
        name text NOT NULL CHECK (name <> ''),
        os text NOT NULL,
        agent_version text NOT NULL,
        public_key text NOT NULL UNIQUE,
        state text NOT NULL CHECK (state IN ('pending', 'ready', 'offline', 'removing', 'removed')),
        connection {int} NOT NULL DEFAULT 0,
        connected {int} NOT NULL DEFAULT 0,
        enrolled_at {int} NOT NULL,
        last_seen {int},
        token_id {id},
        needs_confirmation {int} NOT NULL DEFAULT 0,
        confirmed_by text NOT NULL DEFAULT '',
        confirmed_at {int},
        protocol {int} NOT NULL DEFAULT 1 CHECK (protocol >= 1),
        capabilities text,
        instance text,
        address text NOT NULL DEFAULT '',
        clock_skew_ms {int},
        order_generation {int} NOT NULL DEFAULT 1 CHECK (order_generation >= 1),
        clone text,
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id),
        CHECK (client_id IS NOT NULL OR needs_confirmation = 1),
        CHECK (needs_confirmation = 0 OR state IN ('pending', 'removing', 'removed')),
        CHECK (clone IS NULL OR needs_confirmation = 1),
        CHECK (state <> 'ready' OR connected = 1),
        CHECK (state NOT IN ('offline', 'removed') OR connected = 0));
    INSERT INTO endpoint_next (org_id, id, client_id, name, os, agent_version, public_key, state, connection, enrolled_at, last_seen)
        SELECT org_id, id, client_id, name, os, agent_version, public_key,
            CASE state WHEN 'ready' THEN 'offline' ELSE state END, connection, enrolled_at, last_seen
        FROM endpoint;
    DROP TABLE endpoint;
    ALTER TABLE endpoint_next RENAME TO endpoint;
    CREATE TEMP TABLE unresolved (n integer CHECK (n = 0));
    INSERT INTO unresolved SELECT count(*) FROM pragma_foreign_key_check;
    DROP TABLE unresolved;
    COMMIT;
    PRAGMA foreign_keys = ON;";
