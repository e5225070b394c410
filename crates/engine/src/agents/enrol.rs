//! Enrolment: a token and a key made on the endpoint.

use domain::digest::{Digest, unhex};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::EndpointId;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Challenge, Enrol, Enrolled, EnrolledMore, RejectReason};

use super::connect::short;
use super::{order_keys, target};
use crate::deps::hash_secret;
use crate::endpoints::client;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{endpoint, enrolment_token};
use crate::store::entrance;
use crate::store::ledger::Unit;

/// The longest name that an endpoint gets, in characters.
const LONGEST: usize = 100;

type Answer = Result<Result<Enrolled, RejectReason>, Failure>;

impl Engine {
    /// Enrols an endpoint: one use of the token is used up, the key is known, the endpoint is pending until it connects with
    /// that key and, where the token asks for it, a person confirms it. The same key with the same token gets the same endpoint
    /// again: the first answer may have been lost.
    ///
    /// # Errors
    /// Why it was rejected; the attempt is in the record where the token tells whose it is.
    pub async fn enrol_agent(
        &self,
        enrol: &Enrol,
        challenge: &Challenge,
        from: &str,
    ) -> Result<Enrolled, RejectReason> {
        enrol.verify(challenge)?;
        let found = entrance::enrolment_token(&self.0.read, &hash_secret(&enrol.token)).await;
        let token = found
            .map_err(|_| RejectReason::RecordUnavailable)?
            .ok_or(RejectReason::TokenSpent)?;
        let (enrol, from) = (enrol.clone(), from.to_owned());
        let done = self.commit(token.org_id, move |u| {
            Box::pin(async move { enrol_in(u, token, enrol, from).await })
        });
        done.await.map_err(|_| RejectReason::RecordUnavailable)?
    }
}

async fn enrol_in(u: &mut Unit, token: enrolment_token::Model, enrol: Enrol, from: String) -> Answer {
    let now = u.now();
    let scope = u.scope().await?;
    let known = scope
        .find::<endpoint::Entity>()
        .filter(endpoint::Column::PublicKey.eq(enrol.public_key.clone()))
        .one(scope.conn)
        .await?;
    if let Some(e) = known {
        return if e.token_id == Some(token.id) && e.state != "removed" {
            repeated(u, e, &enrol, from).await
        } else {
            refused(
                u,
                &token,
                from,
                "the machine's key is enrolled already, with another token",
            )
            .await
        };
    }
    if let Some(only) = &token.hostname
        && !only.eq_ignore_ascii_case(&enrol.hostname)
    {
        return refused(u, &token, from, "the token is for a machine of another name").await;
    }
    let live = scope
        .update::<enrolment_token::Entity>()
        .filter(enrolment_token::Column::Id.eq(token.id))
        .filter(enrolment_token::Column::RevokedAt.is_null())
        .filter(enrolment_token::Column::ExpiresAt.gt(now))
        .filter(Expr::col(enrolment_token::Column::Used).lt(Expr::col(enrolment_token::Column::Uses)));
    let used = live
        .col_expr(
            enrolment_token::Column::Used,
            Expr::col(enrolment_token::Column::Used).add(1),
        )
        .exec(scope.conn)
        .await?;
    if used.rows_affected != 1 {
        return refused(u, &token, from, "the token is used up, revoked or expired").await;
    }
    enrolled(u, token, enrol, from).await
}

/// A machine that is new here.
async fn enrolled(u: &mut Unit, token: enrolment_token::Model, enrol: Enrol, from: String) -> Answer {
    let (now, id) = (u.now(), EndpointId(u.deps().uuid()));
    let scope = u.scope().await?;
    let name = endpoint_name(&enrol.hostname);
    let row = endpoint::Model {
        org_id: scope.org(),
        id,
        client_id: token.client_id,
        name: name.clone(),
        os: short(&enrol.os),
        agent_version: short(&enrol.agent_version),
        public_key: enrol.public_key.clone(),
        state: "pending".into(),
        connection: 0,
        connected: false,
        enrolled_at: now,
        last_seen: None,
        token_id: Some(token.id),
        needs_confirmation: token.confirmation,
        confirmed_by: String::new(),
        confirmed_at: None,
        protocol: i64::from(enrol.protocol),
        capabilities: enrol
            .capabilities
            .as_ref()
            .map(|c| c.words().collect::<Vec<_>>().join(" ")),
        instance: None,
        address: from.clone(),
        clock_skew_ms: None,
        order_generation: i64::from(order_keys::newest(&scope).await?),
        clone: None,
    };
    scope.insert::<endpoint::Entity, _>(row.clone()).await?;
    let key = key_digest(&enrol)?;
    let event = Event::EndpointEnrolled {
        hostname: short(&enrol.hostname),
        os: short(&enrol.os),
        agent_version: short(&enrol.agent_version),
        key,
    };
    let target = target(&scope, &row).await?;
    let who = agent(&row, key, from);
    u.record(who, target, EventOutcome::Success, By::LINK, Refs::NONE, event)
        .await?;
    answer(u, &row, &enrol)
}

/// The same machine again, whose answer was lost.
async fn repeated(u: &mut Unit, e: endpoint::Model, enrol: &Enrol, from: String) -> Answer {
    let key = key_digest(enrol)?;
    let target = target(&u.scope().await?, &e).await?;
    let who = agent(&e, key, from);
    let event = Event::EnrolmentRepeated { key };
    u.record(who, target, EventOutcome::Success, By::LINK, Refs::NONE, event)
        .await?;
    answer(u, &e, enrol)
}

fn agent(e: &endpoint::Model, key: Digest, from: String) -> Who {
    Who::Agent {
        id: e.id,
        name: e.name.clone(),
        key: key.to_string(),
        from,
    }
}

fn key_digest(enrol: &Enrol) -> Result<Digest, Failure> {
    let key = unhex(&enrol.public_key).ok_or_else(|| Failure::stored("a key that is not hexadecimal"))?;
    Ok(Digest::of(&[&key]))
}

/// What the agent pins, in the words of its protocol.
fn answer(u: &Unit, e: &endpoint::Model, enrol: &Enrol) -> Answer {
    let order_generation = order_keys::generation(e.order_generation)?;
    Ok(Ok(Enrolled {
        endpoint: e.id,
        org: e.org_id,
        name: e.name.clone(),
        order_key: wire::public_key_text(&u.keys().order(e.org_id, order_generation).verifying_key()),
        log_key: u.keys().log_vkey(e.org_id).to_string(),
        more: (enrol.protocol >= 2).then_some(EnrolledMore {
            order_generation,
            confirmation: e.needs_confirmation,
        }),
    }))
}

async fn refused(u: &mut Unit, token: &enrolment_token::Model, from: String, reason: &str) -> Answer {
    let scope = u.scope().await?;
    let target = match token.client_id {
        Some(id) => Target::new("client", Named::new(id, client(&scope, id).await?.name)),
        None => Target::new("enrolment token", Named::new(token.id, "for any client")),
    };
    let event = Event::EnrolmentRefused { reason: reason.into() };
    let who = Who::Anonymous { from };
    u.record(who, target, EventOutcome::Refused, By::LINK, Refs::NONE, event)
        .await?;
    Ok(Err(RejectReason::TokenSpent))
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
