//! What a share's readers have to know besides its link, and how often it was guessed wrong.

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
    // Argon2id in PHC form; nothing where there is no passcode.
    "ALTER TABLE share ADD COLUMN passcode text",
    "ALTER TABLE share ADD COLUMN failures {int} NOT NULL DEFAULT 0",
    "ALTER TABLE share ADD COLUMN last_failure {int} NOT NULL DEFAULT 0",
];
