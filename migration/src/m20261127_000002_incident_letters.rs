//! Letters on incidents: who is to be written to, and the leaf that says that a mail server took it.

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
    "CREATE TABLE incident_letter (
        org_id {id} NOT NULL,
        incident_id {id} NOT NULL,
        person_id {id} NOT NULL,
        name text NOT NULL,
        mailed_leaf {int},
        PRIMARY KEY (org_id, incident_id, person_id),
        FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id),
        FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id))",
    "CREATE INDEX incident_letter_waiting ON incident_letter (org_id) WHERE mailed_leaf IS NULL",
];
