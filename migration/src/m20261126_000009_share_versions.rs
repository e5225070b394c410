//! A share as a new version of an earlier one; each has at most one that follows it.

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
    "ALTER TABLE share ADD COLUMN version {int} NOT NULL DEFAULT 1 CHECK (version > 0)",
    "ALTER TABLE share ADD COLUMN replaces {id}",
    "CREATE UNIQUE INDEX share_replaces ON share (org_id, replaces) WHERE replaces IS NOT NULL",
];
