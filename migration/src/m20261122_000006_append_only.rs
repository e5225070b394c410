//! The database itself refuses to change or remove what is in the record, and to leave a gap in it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom("only SQLite has its append-only triggers yet".into()));
        }
        for table in ["leaf", "leaf_group", "log_node", "checkpoint"] {
            for (verb, when) in [("UPDATE", "update"), ("DELETE", "delete")] {
                let sql = format!(
                    "CREATE TRIGGER {table}_no_{when} BEFORE {verb} ON {table}
                     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END"
                );
                crate::run(manager, &[&sql]).await?;
            }
        }
        crate::run(manager, GAPLESS).await
    }
}

const GAPLESS: &[&str] = &[
    "CREATE TRIGGER leaf_gapless BEFORE INSERT ON leaf
     WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM leaf WHERE org_id = NEW.org_id)
     BEGIN SELECT RAISE(ABORT, 'the record has no gaps'); END",
    // An upsert fires the triggers of the statement it turns into; REPLACE deletes without firing delete triggers unless
    // recursive_triggers is on, so it is refused where it would hit an existing row.
    "CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint
     WHEN EXISTS (SELECT 1 FROM checkpoint WHERE org_id = NEW.org_id AND size >= NEW.size)
     BEGIN SELECT RAISE(ABORT, 'checkpoints only grow'); END",
    "CREATE TRIGGER leaf_group_no_replace BEFORE INSERT ON leaf_group
     WHEN EXISTS (SELECT 1 FROM leaf_group WHERE org_id = NEW.org_id AND idx = NEW.idx AND name = NEW.name)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
    "CREATE TRIGGER log_node_no_replace BEFORE INSERT ON log_node
     WHEN EXISTS (SELECT 1 FROM log_node WHERE org_id = NEW.org_id AND level = NEW.level AND idx = NEW.idx)
     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END",
];
