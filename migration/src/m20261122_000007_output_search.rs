//! Literal text search in outputs: a trigram index that keeps no second copy of the text (SQLite FTS5, contentless).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Sqlite {
            return Err(DbErr::Custom("only SQLite has its text search yet".into()));
        }
        crate::run(
            manager,
            &["CREATE VIRTUAL TABLE output_search USING fts5 (text, content = '', tokenize = 'trigram case_sensitive 0')"],
        )
        .await
    }
}
