//! Approval requests and the grants that come of them.

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
    "CREATE TABLE approval_request (
        org_id {id} NOT NULL,
        id {id} NOT NULL,
        session_id {id} NOT NULL,
        action_id {id},
        client_id {id} NOT NULL,
        client_name text NOT NULL,
        endpoint_id {id} NOT NULL,
        endpoint_name text NOT NULL,
        requester_id {id} NOT NULL,
        requester_name text NOT NULL,
        what text NOT NULL,
        scope text NOT NULL CHECK (scope <> ''),
        statement text NOT NULL,
        digest text NOT NULL,
        rule text NOT NULL,
        asked text NOT NULL,
        uses {int} NOT NULL CHECK (uses > 0),
        minutes {int} NOT NULL,
        state text NOT NULL CHECK (state IN ('pending', 'approved', 'narrowed', 'denied', 'expired', 'withdrawn')),
        version {int} NOT NULL DEFAULT 0,
        asked_at {int} NOT NULL,
        asked_leaf {int} NOT NULL,
        expires_at {int} NOT NULL,
        decided_by {id},
        decided_by_name text NOT NULL DEFAULT '',
        decided_at {int},
        decision_leaf {int},
        allowed text NOT NULL DEFAULT '',
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, session_id) REFERENCES session (org_id, id),
        CHECK (decided_by IS NULL OR decided_by <> requester_id),
        CHECK ((state = 'pending') = (decided_at IS NULL)),
        CHECK (state NOT IN ('approved', 'narrowed') OR (decided_by IS NOT NULL AND allowed <> '' AND decision_leaf > asked_leaf)))",
    "CREATE INDEX approval_request_client ON approval_request (org_id, client_id, state)",
    "CREATE INDEX approval_request_session ON approval_request (org_id, session_id)",
    "CREATE INDEX approval_request_pending ON approval_request (state, expires_at)",
    "CREATE TABLE access_grant (
        org_id {id} NOT NULL,
        id {id} NOT NULL,
        request_id {id} NOT NULL,
        session_id {id} NOT NULL,
        scope text NOT NULL,
        given_by {id} NOT NULL,
        given_by_name text NOT NULL,
        given_by_role text NOT NULL,
        given_at {int} NOT NULL,
        given_leaf {int} NOT NULL,
        until {int} NOT NULL,
        uses {int} NOT NULL,
        used {int} NOT NULL DEFAULT 0,
        ended text CHECK (ended IN ('revoked', 'session_closed')),
        PRIMARY KEY (org_id, id),
        FOREIGN KEY (org_id, request_id) REFERENCES approval_request (org_id, id),
        CHECK (used <= uses))",
    "CREATE INDEX access_grant_session ON access_grant (org_id, session_id)",
];
