//! Clients, their contacts, enrolment tokens and endpoints.

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
    "CREATE TABLE client (
        org_id {id} NOT NULL REFERENCES org (id),
        id {id} NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        tags text NOT NULL,
        registered_hosts text NOT NULL,
        created_at {int} NOT NULL,
        PRIMARY KEY (org_id, id),
        UNIQUE (org_id, name))",
    "CREATE TABLE contact (
        org_id {id} NOT NULL,
        client_id {id} NOT NULL,
        person_id {id} NOT NULL,
        PRIMARY KEY (org_id, client_id, person_id),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id),
        FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id))",
    "CREATE TABLE enrolment_token (
        hash text PRIMARY KEY NOT NULL,
        org_id {id} NOT NULL,
        client_id {id} NOT NULL,
        expires_at {int} NOT NULL,
        used_at {int},
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id))",
    "CREATE TABLE endpoint (
        org_id {id} NOT NULL,
        id {id} NOT NULL,
        client_id {id} NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        os text NOT NULL,
        agent_version text NOT NULL,
        public_key text NOT NULL UNIQUE,
        state text NOT NULL CHECK (state IN ('pending', 'ready', 'offline', 'removed')),
        connection {int} NOT NULL DEFAULT 0,
        enrolled_at {int} NOT NULL,
        last_seen {int},
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, client_id) REFERENCES client (org_id, id))",
];
