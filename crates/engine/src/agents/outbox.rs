//! What an endpoint should have: orders that it has not begun, requests to cancel, and that it is to retire.

use std::collections::BTreeSet;

use domain::api::ApiError;
use domain::digest::hex;
use domain::ids::ActionId;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};
use wire::{ActionRedaction, ServerMessage, SignedOrder};

use super::{AgentLink, order_keys};
use crate::actions::{sealed, store};
use crate::endpoints::{can, client};
use crate::engine::Engine;
use crate::error::Failure;
use crate::redaction::set_for;
use crate::store::entity::{action, endpoint};

impl Engine {
    /// The orders and cancels for this endpoint, or that it is to retire; `None` once the connection is no longer the
    /// endpoint's. Called on connect and on every wake of the endpoint; the connection remembers what it sent, and the agent
    /// runs nothing twice. That an order is about to be sent is durable before it is given out, so that an order counts as
    /// never sent only if it never was.
    ///
    /// # Errors
    /// When the record can't be read or written.
    pub async fn outbox(&self, link: &AgentLink) -> Result<Option<Vec<ServerMessage>>, ApiError> {
        let Some(e) = self.answer(self.linked(link).await)? else {
            return Ok(None);
        };
        let mut messages = Vec::new();
        if e.state == "removing" {
            messages.push(ServerMessage::Retire);
        }
        let rows = self.answer(self.due(link).await)?;
        let mut sendable = BTreeSet::new();
        if e.state != "removing" && !e.needs_confirmation {
            let may_go = |r: &&action::Model| sealed::order(&self.0.keys, r).is_ok_and(|o| fits(&o, link));
            let sent = rows.iter().filter(|r| r.sent).map(|r| r.id);
            sendable.extend(sent);
            let unsent: Vec<_> = rows.iter().filter(|r| !r.sent).filter(may_go).map(|r| r.id).collect();
            if !unsent.is_empty() {
                sendable.extend(self.mark_sent(link, unsent).await?);
            }
        }
        let told = can(&e, wire::REDACTION);
        for row in &rows {
            if row.state == "dispatched" && row.signed_order.is_some() && sendable.contains(&row.id) {
                let order = self.answer(self.signed_for(&e, row))?;
                if fits(&order, link) {
                    if told {
                        messages.push(ServerMessage::Redaction(self.answer(self.redaction(row).await)?));
                    }
                    messages.push(ServerMessage::Order(order));
                }
            }
            if row.cancelling && (row.sent || sendable.contains(&row.id)) {
                messages.push(ServerMessage::Cancel { action: row.id });
            }
        }
        if e.state == "ready" {
            messages.extend(self.answer(self.update_offer(link).await)?);
        }
        Ok(Some(messages))
    }

    /// The endpoint, as long as the connection is its latest and it was not removed.
    async fn linked(&self, link: &AgentLink) -> Result<Option<endpoint::Model>, Failure> {
        let scope = self.scope(link.org);
        let own = scope
            .find::<endpoint::Entity>()
            .filter(endpoint::Column::Id.eq(link.endpoint))
            .filter(endpoint::Column::Connection.eq(link.generation))
            .filter(endpoint::Column::State.ne("removed"));
        Ok(own.one(scope.conn).await?)
    }

    /// Marks orders as about to be sent; gives those that still may be: what expired or was refused meanwhile is not.
    async fn mark_sent(&self, link: &AgentLink, unsent: Vec<ActionId>) -> Result<Vec<ActionId>, ApiError> {
        self.commit(link.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let live = action::Column::Id
                    .is_in(unsent)
                    .and(action::Column::State.eq("dispatched"))
                    .and(action::Column::OrderExpires.gt(now));
                let ids = scope.find::<action::Entity>().filter(live.clone());
                let ids: Vec<ActionId> = ids
                    .select_only()
                    .column(action::Column::Id)
                    .into_tuple()
                    .all(scope.conn)
                    .await?;
                let rows = scope.update::<action::Entity>().filter(live);
                rows.col_expr(action::Column::Sent, Expr::value(true))
                    .exec(scope.conn)
                    .await?;
                Ok(ids)
            })
        })
        .await
    }

    /// The row's order, signed with the key that the endpoint has pinned by now. What no key of ours signed stays as it is: the
    /// agent refuses it.
    fn signed_for(&self, e: &endpoint::Model, row: &action::Model) -> Result<SignedOrder, Failure> {
        let signed = sealed::order(&self.0.keys, row)?;
        let pinned = order_keys::generation(e.order_generation)?;
        let key = self.0.keys.order(e.org_id, pinned);
        let older = (1..pinned)
            .rev()
            .map(|g| self.0.keys.order(e.org_id, g).verifying_key());
        let anew = older.into_iter().find_map(|old| signed.sign_anew(&old, &key));
        Ok(anew.unwrap_or(signed))
    }

    /// What the action's output is redacted with, as it is set now.
    async fn redaction(&self, row: &action::Model) -> Result<ActionRedaction, Failure> {
        let scope = self.scope(row.org_id);
        let session = store::session_of(&scope, row).await?;
        let client = client(&scope, session.client_id).await?;
        Ok(ActionRedaction {
            action: row.id,
            session_key: hex(&self.0.keys.placeholders(row.org_id, session.id)),
            settings: set_for(&scope, &client).await?,
        })
    }

    async fn due(&self, link: &AgentLink) -> Result<Vec<action::Model>, Failure> {
        let scope = self.scope(link.org);
        let of = scope
            .find::<action::Entity>()
            .filter(action::Column::EndpointId.eq(link.endpoint));
        let running = Condition::all()
            .add(action::Column::State.eq("running"))
            .add(action::Column::Cancelling.eq(true));
        let due = Condition::any()
            .add(action::Column::State.eq("dispatched"))
            .add(running);
        Ok(of
            .filter(due)
            .order_by_asc(action::Column::DispatchedLeaf)
            .all(scope.conn)
            .await?)
    }
}

/// Whether the agent reads orders of this version: one that was replaced by an older one since does not.
fn fits(order: &SignedOrder, link: &AgentLink) -> bool {
    order.claimed_version() <= wire::order_version(link.protocol)
}
