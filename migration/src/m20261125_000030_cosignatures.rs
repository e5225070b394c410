//! What witnesses said of checkpoints. They only grow, as the record does.

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
    "CREATE TABLE cosignature (
        org_id {id} NOT NULL,
        size {int} NOT NULL,
        witness text NOT NULL,
        line text NOT NULL,
        at {int} NOT NULL,
        PRIMARY KEY (org_id, size, witness),
        FOREIGN KEY (org_id, size) REFERENCES checkpoint (org_id, size))",
    "CREATE INDEX cosignature_witness ON cosignature (org_id, witness, size)",
    "CREATE TRIGGER cosignature_no_update BEFORE UPDATE ON cosignature
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER cosignature_no_delete BEFORE DELETE ON cosignature
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER cosignature_no_replace BEFORE INSERT ON cosignature
     WHEN EXISTS (SELECT 1 FROM cosignature WHERE org_id = NEW.org_id AND size = NEW.size AND witness = NEW.witness)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
];
