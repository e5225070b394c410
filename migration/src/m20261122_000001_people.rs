//! Orgs, people, their credentials, one-time links and web sessions. Secrets are stored hashed only.

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
    "CREATE TABLE org (
        id {id} PRIMARY KEY NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        created_at {int} NOT NULL)",
    "CREATE TABLE person (
        org_id {id} NOT NULL REFERENCES org (id),
        id {id} NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        roles text NOT NULL,
        password_hash text,
        failures {int} NOT NULL DEFAULT 0,
        last_failure {int} NOT NULL DEFAULT 0,
        last_sign_in {int},
        created_at {int} NOT NULL,
        PRIMARY KEY (org_id, id),
        UNIQUE (issuer, subject))",
    "CREATE TABLE one_time_link (
        hash text PRIMARY KEY NOT NULL,
        org_id {id} NOT NULL,
        person_id {id} NOT NULL,
        expires_at {int} NOT NULL,
        used_at {int},
        FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id))",
    "CREATE TABLE web_session (
        hash text PRIMARY KEY NOT NULL,
        org_id {id} NOT NULL,
        person_id {id} NOT NULL,
        authentication text NOT NULL,
        authenticated_at {int} NOT NULL,
        expires_at {int} NOT NULL,
        ended_at {int},
        FOREIGN KEY (org_id, person_id) REFERENCES person (org_id, id))",
    "CREATE INDEX web_session_person ON web_session (org_id, person_id)",
];
