//! The tables. Private to the engine; nothing outside `store` finds rows but through an `OrgScope` or the `entrance`.

use domain::ids::{
    ActionId, ClientId, DataIncidentId, EndpointId, GrantId, HoldId, NoteId, OrgId, PersonId, RequestId, SessionId,
    ShareId, TokenId,
};
use domain::timestamp::Timestamp;
use sea_orm::entity::prelude::*;

use super::scope::OrgOwned;

macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident = $table:tt by $org:ident { $($(#[$attr:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[expect(unreachable_pub, reason = "SeaORM's derives make public items")]
        pub(crate) mod $name {
            use super::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($(#[$attr])* pub $field: $ty,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl OrgOwned for Entity {
                const ORG: Column = Column::$org;
            }
        }
    )*};
}

entities! {
    org = "org" by Id {
        #[sea_orm(primary_key, auto_increment = false)] id: OrgId,
        name: String,
        created_at: Timestamp,
        redaction: String,
        retention_days: i64,
        texts_encrypted: bool,
    }
    person = "person" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: PersonId,
        issuer: String,
        subject: String,
        name: String,
        roles: String,
        password_hash: Option<String>,
        failures: i64,
        last_failure: Timestamp,
        last_sign_in: Option<Timestamp>,
        created_at: Timestamp,
    }
    one_time_link = "one_time_link" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] hash: String,
        org_id: OrgId,
        person_id: PersonId,
        expires_at: Timestamp,
        used_at: Option<Timestamp>,
    }
    web_session = "web_session" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] hash: String,
        org_id: OrgId,
        person_id: PersonId,
        authentication: String,
        authenticated_at: Timestamp,
        expires_at: Timestamp,
        ended_at: Option<Timestamp>,
    }
    client = "client" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: ClientId,
        name: String,
        tags: String,
        registered_hosts: String,
        created_at: Timestamp,
        redaction: String,
        cards_expected: bool,
        retention_days: Option<i64>,
    }
    contact = "contact" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] client_id: ClientId,
        #[sea_orm(primary_key, auto_increment = false)] person_id: PersonId,
    }
    enrolment_token = "enrolment_token" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: TokenId,
        hash: String,
        client_id: Option<ClientId>,
        hostname: Option<String>,
        uses: i64,
        used: i64,
        confirmation: bool,
        made_by: String,
        made_at: Timestamp,
        expires_at: Timestamp,
        revoked_at: Option<Timestamp>,
    }
    endpoint = "endpoint" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: EndpointId,
        client_id: Option<ClientId>,
        name: String,
        os: String,
        agent_version: String,
        public_key: String,
        state: String,
        connection: i64,
        connected: bool,
        enrolled_at: Timestamp,
        last_seen: Option<Timestamp>,
        token_id: Option<TokenId>,
        needs_confirmation: bool,
        confirmed_by: String,
        confirmed_at: Option<Timestamp>,
        protocol: i64,
        capabilities: Option<String>,
        instance: Option<String>,
        address: String,
        clock_skew_ms: Option<i64>,
        order_generation: i64,
        clone: Option<String>,
    }
    agent_update = "agent_update" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] endpoint_id: EndpointId,
        release: String,
        program: String,
        version: String,
        signed: String,
        stage: String,
        detail: String,
        asked_by: String,
        changed_at: Timestamp,
    }
    order_key = "order_key" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] generation: i64,
        statement: String,
        made_at: Timestamp,
    }
    session = "session" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: SessionId,
        endpoint_id: EndpointId,
        endpoint_name: String,
        client_id: ClientId,
        client_name: String,
        technician_id: PersonId,
        technician_name: String,
        reason: String,
        ticket: String,
        opened_at: Timestamp,
        opened_leaf: i64,
        closed_at: Option<Timestamp>,
        close_reason: String,
        erased_at: Option<Timestamp>,
        erased_by: String,
        erased_leaf: Option<i64>,
    }
    note = "note" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: NoteId,
        session_id: SessionId,
        author: String,
        at: Timestamp,
        text: String,
        leaf: i64,
    }
    action = "action" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: ActionId,
        session_id: SessionId,
        endpoint_id: EndpointId,
        number: i64,
        command: String,
        command_line: String,
        state: String,
        version: i64,
        rule: String,
        request_id: Option<RequestId>,
        basis: Option<String>,
        basis_word: String,
        approver: String,
        approver_role: String,
        decided_at: Option<Timestamp>,
        decision_leaf: Option<i64>,
        proposed_at: Timestamp,
        proposed_leaf: i64,
        signed_order: Option<String>,
        order_expires: Option<Timestamp>,
        dispatched_leaf: Option<i64>,
        next_report: i64,
        started_at: Option<Timestamp>,
        finished_at: Option<Timestamp>,
        ended_leaf: Option<i64>,
        outcome: Option<String>,
        exit_code: Option<i64>,
        duration_ms: Option<i64>,
        bytes: i64,
        lines: i64,
        finding_counts: String,
        findings: i64,
        output: String,
        refusal: Option<String>,
        detail: String,
        cancelling: bool,
        sent: bool,
        redacted: bool,
        sealed: Option<String>,
        packed: bool,
    }
    approval_request = "approval_request" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: RequestId,
        session_id: SessionId,
        action_id: Option<ActionId>,
        client_id: ClientId,
        client_name: String,
        endpoint_id: EndpointId,
        endpoint_name: String,
        requester_id: PersonId,
        requester_name: String,
        what: String,
        scope: String,
        statement: String,
        digest: String,
        rule: String,
        asked: String,
        uses: i64,
        minutes: i64,
        state: String,
        version: i64,
        asked_at: Timestamp,
        asked_leaf: i64,
        expires_at: Timestamp,
        decided_by: Option<PersonId>,
        decided_by_name: String,
        decided_at: Option<Timestamp>,
        decision_leaf: Option<i64>,
        allowed: String,
    }
    access_grant = "access_grant" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: GrantId,
        request_id: RequestId,
        session_id: SessionId,
        scope: String,
        given_by: PersonId,
        given_by_name: String,
        given_by_role: String,
        given_at: Timestamp,
        given_leaf: i64,
        until: Timestamp,
        uses: i64,
        used: i64,
        ended: Option<String>,
    }
    incident = "incident" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: DataIncidentId,
        session_id: SessionId,
        action_id: Option<ActionId>,
        client_id: ClientId,
        place: String,
        kinds: String,
        told: String,
        opened_at: Timestamp,
        opened_leaf: i64,
        disposition: Option<String>,
        note: String,
        closed_by: String,
        closed_at: Option<Timestamp>,
        closed_leaf: Option<i64>,
    }
    incident_letter = "incident_letter" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] incident_id: DataIncidentId,
        #[sea_orm(primary_key, auto_increment = false)] person_id: PersonId,
        name: String,
        mailed_leaf: Option<i64>,
    }
    output_chunk = "output_chunk" by OrgId {
        #[sea_orm(primary_key)] seq: i64,
        org_id: OrgId,
        action_id: ActionId,
        n: i64,
        leaf: i64,
    }
    report_digest = "report_digest" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] action_id: ActionId,
        #[sea_orm(primary_key, auto_increment = false)] n: i64,
        digest: Vec<u8>,
    }
    leaf = "leaf" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] idx: i64,
        kind: String,
        kind_version: i64,
        at: Timestamp,
        session_id: Option<SessionId>,
        action_id: Option<ActionId>,
        leaf: String,
        hash: Vec<u8>,
        groups: String,
        pack: Option<i64>,
    }
    older_text = "older_text" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] idx: i64,
        salt: Vec<u8>,
        json: String,
    }
    leaf_text = "leaf_text" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] idx: i64,
        key_id: Vec<u8>,
        sealed: Vec<u8>,
    }
    leaf_pack = "leaf_pack" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] first: i64,
        leaves: Vec<u8>,
        key_id: Option<Vec<u8>>,
        texts: Option<Vec<u8>>,
        text_count: i64,
    }
    text_erasure = "text_erasure" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] subject: String,
    }
    legal_hold = "legal_hold" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: HoldId,
        client_id: Option<ClientId>,
        session_id: Option<SessionId>,
        name: String,
        reason: String,
        placed_by: String,
        placed_at: Timestamp,
        released_by: String,
        released_at: Option<Timestamp>,
    }
    log_node = "log_node" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] level: i64,
        #[sea_orm(primary_key, auto_increment = false)] idx: i64,
        hash: Vec<u8>,
    }
    checkpoint = "checkpoint" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] size: i64,
        root: Vec<u8>,
        note: String,
        at: Timestamp,
    }
    cosignature = "cosignature" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] size: i64,
        #[sea_orm(primary_key, auto_increment = false)] witness: String,
        line: String,
        at: Timestamp,
    }
    share = "share" by OrgId {
        #[sea_orm(primary_key, auto_increment = false)] org_id: OrgId,
        #[sea_orm(primary_key, auto_increment = false)] id: ShareId,
        token_hash: String,
        session_id: SessionId,
        made_by: String,
        made_at: Timestamp,
        size: i64,
        root: Vec<u8>,
        views: i64,
        revoked_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        withheld: String,
        passcode: Option<String>,
        failures: i64,
        last_failure: Timestamp,
        version: i64,
        replaces: Option<ShareId>,
    }
}
