//! What an endpoint should have: orders that it has not begun, and requests to cancel.

use domain::api::ApiError;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder};
use wire::{ServerMessage, SignedOrder};

use super::AgentLink;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::action;

impl Engine {
    /// The orders and cancels for this endpoint. Called on connect and on every wake of its org; the connection remembers
    /// what it sent, and the agent runs nothing twice. That an order is about to be sent is durable before it is given out,
    /// so that an order counts as never sent only if it never was.
    ///
    /// # Errors
    /// When the record can't be read or written.
    pub async fn outbox(&self, link: &AgentLink) -> Result<Vec<ServerMessage>, ApiError> {
        let rows = self.answer(self.due(link).await)?;
        let unsent: Vec<_> = rows.iter().filter(|r| !r.sent).map(|r| r.id).collect();
        if !unsent.is_empty() {
            let marked = unsent.clone();
            self.commit(link.org, move |u| {
                Box::pin(async move {
                    let now = u.now();
                    let scope = u.scope().await?;
                    let live = scope
                        .update::<action::Entity>()
                        .filter(action::Column::Id.is_in(marked));
                    let live = live
                        .filter(action::Column::State.eq("dispatched"))
                        .filter(action::Column::OrderExpires.gt(now));
                    live.col_expr(action::Column::Sent, Expr::value(true))
                        .exec(scope.conn)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        }
        // Read again: what expired or was refused in between is not sent.
        let rows = if unsent.is_empty() {
            rows
        } else {
            self.answer(self.due(link).await)?
        };
        let mut messages = Vec::new();
        for row in rows.iter().filter(|r| r.sent) {
            if let (Some(order), "dispatched") = (&row.signed_order, row.state.as_str()) {
                let order: SignedOrder = self.answer(serde_json::from_str(order).map_err(Failure::stored))?;
                messages.push(ServerMessage::Order(order));
            }
            if row.cancelling {
                messages.push(ServerMessage::Cancel { action: row.id });
            }
        }
        Ok(messages)
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
