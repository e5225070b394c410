//! Enrolment: a one-time token and a key made on the endpoint.

use domain::digest::{Digest, unhex};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::EndpointId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Challenge, Enrol, Enrolled, RejectReason};

use crate::deps::hash_secret;
use crate::endpoints::client;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{endpoint, enrolment_token};
use crate::store::entrance;
use crate::store::ledger::Unit;

/// The longest name and version that an agent may give of itself, in characters.
const LONGEST: usize = 100;

impl Engine {
    /// Enrols an endpoint: the token is used up, the key is known, the endpoint is pending until it connects with that key.
    ///
    /// # Errors
    /// Why it was rejected; the attempt is in the record where the token tells whose it is.
    pub async fn enrol_agent(
        &self,
        enrol: &Enrol,
        challenge: &Challenge,
        from: &str,
    ) -> Result<Enrolled, RejectReason> {
        let key = enrol.verify(challenge)?;
        let public_key = wire::public_key_text(&key);
        let found = entrance::enrolment_token(&self.0.read, &hash_secret(&enrol.token)).await;
        let token = found
            .map_err(|_| RejectReason::RecordUnavailable)?
            .ok_or(RejectReason::TokenSpent)?;
        let (enrol, from) = (enrol.clone(), from.to_owned());
        let done = self.commit(token.org_id, move |u| {
            Box::pin(async move { enrol_in(u, token, enrol, public_key, from).await })
        });
        done.await.map_err(|_| RejectReason::RecordUnavailable)?
    }
}

async fn enrol_in(
    u: &mut Unit,
    token: enrolment_token::Model,
    enrol: Enrol,
    public_key: String,
    from: String,
) -> Result<Result<Enrolled, RejectReason>, Failure> {
    let (now, id) = (u.now(), EndpointId(u.deps().uuid()));
    let scope = u.scope().await?;
    let client = client(&scope, token.client_id).await?;
    let named = Named::new(client.id, &*client.name);
    let unused = scope
        .update::<enrolment_token::Entity>()
        .filter(enrolment_token::Column::Hash.eq(token.hash));
    let unused = unused
        .filter(enrolment_token::Column::UsedAt.is_null())
        .filter(enrolment_token::Column::ExpiresAt.gt(now));
    let used = unused
        .col_expr(enrolment_token::Column::UsedAt, Expr::value(now))
        .exec(scope.conn)
        .await?;
    if used.rows_affected != 1 {
        let event = Event::EnrolmentRefused {
            reason: "the token was used before or has expired".into(),
        };
        let target = Target::new("client", named);
        u.record(
            Who::Anonymous { from },
            target,
            EventOutcome::Refused,
            By::LINK,
            Refs::NONE,
            event,
        )
        .await?;
        return Ok(Err(RejectReason::TokenSpent));
    }
    let name = endpoint_name(&enrol.hostname);
    let short = |s: &str| s.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
    let key = unhex(&public_key).ok_or_else(|| Failure::stored("a key that is not hexadecimal"))?;
    let row = endpoint::Model {
        org_id: scope.org(),
        id,
        client_id: client.id,
        name: name.clone(),
        os: short(&enrol.os),
        agent_version: short(&enrol.agent_version),
        public_key,
        state: "pending".into(),
        connection: 0,
        enrolled_at: now,
        last_seen: None,
    };
    scope.insert::<endpoint::Entity, _>(row).await?;
    let org = scope.org();
    let event = Event::EndpointEnrolled {
        hostname: short(&enrol.hostname),
        os: short(&enrol.os),
        agent_version: short(&enrol.agent_version),
        key: Digest::of(&[&key]),
    };
    let target = Target::new("endpoint", Named::new(id, &*name)).on(Named::new(id, &*name), named);
    let who = Who::Agent {
        id,
        name: name.clone(),
        key: Digest::of(&[&key]).to_string(),
        from,
    };
    u.record(who, target, EventOutcome::Success, By::LINK, Refs::NONE, event)
        .await?;
    let order_key = wire::public_key_text(&u.keys().order(org).verifying_key());
    let log_key = u.keys().log_vkey(org).to_string();
    Ok(Ok(Enrolled {
        endpoint: id,
        org,
        name,
        order_key,
        log_key,
    }))
}

/// The host name as a name for people: without what can't be seen, never empty.
fn endpoint_name(hostname: &str) -> String {
    let name: String = hostname
        .chars()
        .filter(|c| c.is_ascii_graphic())
        .take(LONGEST)
        .collect();
    if name.is_empty() { "unnamed".into() } else { name }
}
