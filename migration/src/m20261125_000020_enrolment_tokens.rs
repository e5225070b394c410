//! Enrolment tokens with properties: for any client or one, for one machine by its name, counted, revocable, and with or
//! without a person who confirms each machine. Those that are there stay what they were: for one machine, without.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

/// Nothing refers to a token's row, so it can be made anew beside the old one.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE enrolment_token_next (
        org_id {id} NOT NULL REFERENCES org (id),
        id {id} NOT NULL,
        hash text NOT NULL UNIQUE,
        client_id {id},
        hostname text CHECK (hostname <> ''),
        uses {int} NOT NULL CHECK (uses BETWEEN 1 AND 10000),
        used {int} NOT NULL DEFAULT 0 CHECK (used >= 0),
        confirmation {int} NOT NULL,
        made_by text NOT NULL,
        made_at {int} NOT NULL,
        expires_at {int} NOT NULL,
        revoked_at {int},
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id),
        CHECK (used <= uses),
        CHECK (client_id IS NOT NULL OR confirmation = 1))",
    "INSERT INTO enrolment_token_next (org_id, id, hash, client_id, uses, used, confirmation, made_by, made_at, expires_at)
        SELECT org_id, randomblob(16), hash, client_id, 1, used_at IS NOT NULL, 0, '', expires_at - 3600000000000, expires_at
        FROM enrolment_token",
    "DROP TABLE enrolment_token",
    "ALTER TABLE enrolment_token_next RENAME TO enrolment_token",
];
