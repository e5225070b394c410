//! A digest of each report that was taken, so that its repetition is told from another report with its number.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &["CREATE TABLE report_digest (
        org_id {id} NOT NULL,
        action_id {id} NOT NULL,
        n {int} NOT NULL,
        digest {bytes} NOT NULL,
        PRIMARY KEY (org_id, action_id, n),
        FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id))"];
