//! What a share leaves out.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &["ALTER TABLE share ADD COLUMN withheld text NOT NULL DEFAULT 'nothing'
     CHECK (withheld IN ('nothing', 'output', 'texts'))"];
