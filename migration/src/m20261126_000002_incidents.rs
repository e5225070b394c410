//! Incidents: card data that was found where none is expected.

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
    "CREATE TABLE incident (
        org_id {id} NOT NULL,
        id {id} NOT NULL,
        session_id {id} NOT NULL,
        action_id {id},
        client_id {id} NOT NULL,
        place text NOT NULL CHECK (place IN ('output', 'command', 'note', 'reason')),
        kinds text NOT NULL CHECK (kinds <> ''),
        told text NOT NULL,
        opened_at {int} NOT NULL,
        opened_leaf {int} NOT NULL,
        disposition text CHECK (disposition IN ('deleted', 'moved', 'test_data', 'no_card_data', 'other')),
        note text NOT NULL DEFAULT '',
        closed_by text NOT NULL DEFAULT '',
        closed_at {int},
        closed_leaf {int},
        PRIMARY KEY (org_id, id),
        CHECK ((closed_at IS NULL) = (disposition IS NULL)),
        CHECK ((closed_at IS NULL) = (closed_leaf IS NULL)),
        CHECK (closed_at IS NULL OR (note <> '' AND closed_by <> '')),
        FOREIGN KEY (org_id, session_id) REFERENCES session (org_id, id),
        FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id))",
    // What an action's output holds is one incident until somebody has looked at it.
    "CREATE UNIQUE INDEX incident_open ON incident (org_id, action_id) WHERE closed_at IS NULL AND action_id IS NOT NULL",
    "CREATE INDEX incident_by_time ON incident (org_id, opened_at)",
];
