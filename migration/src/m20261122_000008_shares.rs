//! Public shares. The token is stored hashed.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE share (
        org_id {id} NOT NULL,
        id {id} NOT NULL,
        token_hash text NOT NULL UNIQUE,
        session_id {id} NOT NULL,
        made_by text NOT NULL,
        made_at {int} NOT NULL,
        size {int} NOT NULL CHECK (size > 0),
        root {bytes} NOT NULL,
        views {int} NOT NULL DEFAULT 0,
        revoked_at {int},
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, session_id) REFERENCES session (org_id, id))",
    "CREATE INDEX share_session ON share (org_id, session_id)",
];
