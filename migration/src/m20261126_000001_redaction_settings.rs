//! What an organisation and its clients set about redaction. The tag `redact-ip`, which was the only setting before, becomes one.

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
    "ALTER TABLE org ADD COLUMN redaction text NOT NULL DEFAULT ''",
    "ALTER TABLE client ADD COLUMN redaction text NOT NULL DEFAULT ''",
    "ALTER TABLE client ADD COLUMN cards_expected boolean NOT NULL DEFAULT FALSE",
    r#"UPDATE client SET redaction =
        '{"ip_addresses":true,"mac_addresses":false,"merchant_ids":[],"terms":[],"patterns":[],"off":[]}'
        WHERE ',' || tags || ',' LIKE '%,redact-ip,%'"#,
];
