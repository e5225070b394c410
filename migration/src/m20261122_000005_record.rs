//! The record: leaves, their groups, the subtree roots at the tile boundaries, and signed checkpoints.

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
    "CREATE TABLE leaf (
        org_id {id} NOT NULL REFERENCES org (id),
        idx {int} NOT NULL CHECK (idx >= 0),
        kind text NOT NULL,
        kind_version {int} NOT NULL,
        at {int} NOT NULL,
        session_id {id},
        action_id {id},
        leaf text NOT NULL,
        hash {bytes} NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (org_id, idx))",
    "CREATE INDEX leaf_session ON leaf (org_id, session_id, idx)",
    "CREATE TABLE leaf_group (
        org_id {id} NOT NULL,
        idx {int} NOT NULL,
        name text NOT NULL,
        salt {bytes} NOT NULL CHECK (length(salt) = 16),
        json text NOT NULL,
        PRIMARY KEY (org_id, idx, name),
        FOREIGN KEY (org_id, idx) REFERENCES leaf (org_id, idx))",
    "CREATE TABLE log_node (
        org_id {id} NOT NULL REFERENCES org (id),
        level {int} NOT NULL CHECK (level > 0 AND level % 8 = 0),
        idx {int} NOT NULL CHECK (idx >= 0),
        hash {bytes} NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (org_id, level, idx))",
    "CREATE TABLE checkpoint (
        org_id {id} NOT NULL REFERENCES org (id),
        size {int} NOT NULL CHECK (size > 0),
        root {bytes} NOT NULL CHECK (length(root) = 32),
        note text NOT NULL,
        at {int} NOT NULL,
        PRIMARY KEY (org_id, size))",
];
