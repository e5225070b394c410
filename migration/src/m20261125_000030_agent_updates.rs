//! Updates of agents: the latest one that was asked for on each endpoint.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &["CREATE TABLE agent_update (
        org_id {id} NOT NULL,
        endpoint_id {id} NOT NULL,
        release text NOT NULL,
        program text NOT NULL,
        version text NOT NULL,
        signed text NOT NULL,
        stage text NOT NULL CHECK (stage IN ('asked', 'refused', 'staged', 'started', 'committed', 'rolled_back')),
        detail text NOT NULL,
        asked_by text NOT NULL,
        changed_at {int} NOT NULL,
        PRIMARY KEY (org_id, endpoint_id),
        FOREIGN KEY (org_id, endpoint_id) REFERENCES endpoint (org_id, id))"];
