//! The look-ups that happen before the org is known, because the org is what they find: by a secret's hash, by a local
//! account's address, by an endpoint's id with its key. Nothing else may search across orgs.

#![expect(clippy::disallowed_methods, reason = "the org is what these look-ups find")]

use domain::ids::{EndpointId, OrgId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::entity::{
    action, approval_request, endpoint, enrolment_token, one_time_link, org, person, share, web_session,
};
use domain::timestamp::Timestamp;

/// Every org, for start-up checks and timers.
pub(crate) async fn orgs(c: &impl ConnectionTrait) -> Result<Vec<org::Model>, DbErr> {
    org::Entity::find().all(c).await
}

/// The account with this address at this issuer.
pub(crate) async fn person(
    c: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<person::Model>, DbErr> {
    let of_issuer = person::Entity::find().filter(person::Column::Issuer.eq(issuer));
    of_issuer.filter(person::Column::Subject.eq(subject)).one(c).await
}

/// The one-time link with this hash.
pub(crate) async fn one_time_link(c: &impl ConnectionTrait, hash: &str) -> Result<Option<one_time_link::Model>, DbErr> {
    one_time_link::Entity::find_by_id(hash).one(c).await
}

/// The web session with this hash.
pub(crate) async fn web_session(c: &impl ConnectionTrait, hash: &str) -> Result<Option<web_session::Model>, DbErr> {
    web_session::Entity::find_by_id(hash).one(c).await
}

/// The enrolment token with this hash.
pub(crate) async fn enrolment_token(
    c: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<enrolment_token::Model>, DbErr> {
    enrolment_token::Entity::find()
        .filter(enrolment_token::Column::Hash.eq(hash))
        .one(c)
        .await
}

/// The endpoint with this id.
pub(crate) async fn endpoint(c: &impl ConnectionTrait, id: EndpointId) -> Result<Option<endpoint::Model>, DbErr> {
    endpoint::Entity::find()
        .filter(endpoint::Column::Id.eq(id))
        .one(c)
        .await
}

/// The share whose token has this hash.
pub(crate) async fn share(c: &impl ConnectionTrait, hash: &str) -> Result<Option<share::Model>, DbErr> {
    share::Entity::find()
        .filter(share::Column::TokenHash.eq(hash))
        .one(c)
        .await
}

/// Orgs that have pending requests whose time is up.
pub(crate) async fn orgs_with_overdue_requests(c: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<OrgId>, DbErr> {
    let pending = approval_request::Entity::find().filter(approval_request::Column::State.eq("pending"));
    let rows = pending
        .filter(approval_request::Column::ExpiresAt.lte(now))
        .all(c)
        .await?;
    let mut orgs: Vec<OrgId> = rows.into_iter().map(|r| r.org_id).collect();
    orgs.sort();
    orgs.dedup();
    Ok(orgs)
}

/// Orders that were never sent and are too old to be sent now: of one org, or of all.
pub(crate) async fn overdue_orders(
    c: &impl ConnectionTrait,
    org: Option<OrgId>,
    now: Timestamp,
) -> Result<Vec<action::Model>, DbErr> {
    let mut unsent = action::Entity::find()
        .filter(action::Column::State.eq("dispatched"))
        .filter(action::Column::Sent.eq(false));
    if let Some(org) = org {
        unsent = unsent.filter(action::Column::OrgId.eq(org));
    }
    unsent.filter(action::Column::OrderExpires.lte(now)).all(c).await
}

/// Orgs that have such orders.
pub(crate) async fn orgs_with_overdue_orders(c: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<OrgId>, DbErr> {
    let mut orgs: Vec<OrgId> = overdue_orders(c, None, now)
        .await?
        .into_iter()
        .map(|r| r.org_id)
        .collect();
    orgs.sort();
    orgs.dedup();
    Ok(orgs)
}
