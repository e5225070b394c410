//! The chain of an org's order keys: making the next one, and which of them an endpoint has pinned.
//!
//! Deliberately absent: rotating the log key. Its checkpoints are pinned in links that were given out.

use domain::api::ApiError;
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::OrgId;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use wire::KeyRotation;

use super::{AgentLink, target};
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{endpoint, order_key};
use crate::store::entrance;
use crate::store::scope::OrgScope;

/// The newest generation of the org's order key.
pub(crate) async fn newest<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<u32, Failure> {
    let of = scope.find::<order_key::Entity>();
    let last = of.order_by_desc(order_key::Column::Generation).one(scope.conn).await?;
    generation(last.map_or(1, |k| k.generation))
}

/// A stored generation.
pub(crate) fn generation(stored: i64) -> Result<u32, Failure> {
    u32::try_from(stored).map_err(Failure::stored)
}

impl Engine {
    /// Makes the next order key of the org with this name. Endpoints pin it when they connect next; until then their orders are
    /// signed with the one that they know. Gives its generation.
    ///
    /// # Errors
    /// `NotFound` where no org, or more than one, has that name; when the record can't be written.
    pub async fn rotate_order_key(&self, org: &str) -> Result<u32, ApiError> {
        let orgs = self.answer(entrance::orgs(&self.0.read).await.map_err(Failure::from))?;
        let mut named = orgs.into_iter().filter(|o| o.name == org);
        let (Some(org), None) = (named.next(), named.next()) else {
            return Err(ApiError::NotFound);
        };
        self.commit(org.id, move |u| {
            Box::pin(async move {
                let now = u.now();
                let before = newest(&u.scope().await?).await?;
                let next = before + 1;
                let rotation = KeyRotation {
                    org: org.id,
                    generation: next,
                    order_key: wire::public_key_text(&u.keys().order(org.id, next).verifying_key()),
                    log_key: u.keys().log_vkey(org.id).to_string(),
                    not_before: now,
                    signature: String::new(),
                };
                let rotation = rotation.sign(&u.keys().order(org.id, before))?;
                let row = order_key::Model {
                    org_id: org.id,
                    generation: next.into(),
                    statement: serde_json::to_string(&rotation).map_err(Failure::stored)?,
                    made_at: now,
                };
                u.scope().await?.insert::<order_key::Entity, _>(row).await?;
                let event = Event::OrderKeyRotated {
                    generation: next,
                    order_key: rotation.order_key,
                    not_before: now,
                    signature: rotation.signature,
                };
                let who = Who::Server {
                    part: "command line".into(),
                };
                let target = Target::org(org.id, &org.name);
                u.record(who, target, EventOutcome::Success, By::SERVER, Refs::NONE, event)
                    .await?;
                Ok(next)
            })
        })
        .await
    }

    /// The statements that lead from the order key that the endpoint has pinned to the newest, in order. None for an agent that
    /// can't follow them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn key_rotations(&self, link: &AgentLink) -> Result<Vec<KeyRotation>, ApiError> {
        if link.protocol < 2 {
            return Ok(vec![]);
        }
        self.answer(self.rotations_after_pinned(link.org, link).await)
    }

    async fn rotations_after_pinned(&self, org: OrgId, link: &AgentLink) -> Result<Vec<KeyRotation>, Failure> {
        let scope = self.scope(org);
        let own = scope
            .find::<endpoint::Entity>()
            .filter(endpoint::Column::Id.eq(link.endpoint));
        let pinned = own.one(scope.conn).await?.map_or(1, |e| e.order_generation);
        let after = scope
            .find::<order_key::Entity>()
            .filter(order_key::Column::Generation.gt(pinned))
            .order_by_asc(order_key::Column::Generation);
        let rows = after.all(scope.conn).await?;
        rows.iter()
            .map(|k| serde_json::from_str(&k.statement).map_err(Failure::stored))
            .collect()
    }

    /// Notes that the endpoint has pinned this generation: its orders are signed with that key from now on.
    ///
    /// # Errors
    /// When the record can't be written.
    pub async fn key_pinned(&self, link: &AgentLink, pinned: u32) -> Result<(), ApiError> {
        let link = link.clone();
        self.commit(link.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                if pinned > newest(&scope).await? {
                    // It can't know a key that was never made.
                    return Ok(());
                }
                let own = || {
                    endpoint::Column::Id
                        .eq(link.endpoint)
                        .and(endpoint::Column::Connection.eq(link.generation))
                        .and(endpoint::Column::OrderGeneration.lt(pinned))
                };
                let Some(e) = scope.find::<endpoint::Entity>().filter(own()).one(scope.conn).await? else {
                    return Ok(());
                };
                let row = scope.update::<endpoint::Entity>().filter(own());
                row.col_expr(endpoint::Column::OrderGeneration, Expr::value(pinned))
                    .exec(scope.conn)
                    .await?;
                let target = target(&scope, &e).await?;
                let event = Event::OrderKeyPinned { generation: pinned };
                u.record(
                    link.who(),
                    target,
                    EventOutcome::Success,
                    By::DEVICE_KEY,
                    Refs::NONE,
                    event,
                )
                .await?;
                u.touch(link.endpoint);
                Ok(())
            })
        })
        .await
    }
}
