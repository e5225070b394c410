//! How a connection ends, and how an endpoint does.

use domain::event::{By, Event, EventOutcome, Named, Refs, Target};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{AgentLink, target};
use crate::engine::Engine;
use crate::store::entity::endpoint;

impl Engine {
    /// Notes that the connection ended. Only the endpoint's latest connection makes it offline.
    pub async fn disconnect_agent(&self, link: &AgentLink, reason: &str) {
        let (link, reason) = (link.clone(), reason.to_owned());
        let done = self.commit(link.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let own = |state: &str| {
                    let own = scope
                        .update::<endpoint::Entity>()
                        .filter(endpoint::Column::Id.eq(link.endpoint))
                        .filter(endpoint::Column::Connection.eq(link.generation))
                        .filter(endpoint::Column::Connected.eq(true));
                    own.col_expr(endpoint::Column::Connected, Expr::value(false))
                        .col_expr(endpoint::Column::LastSeen, Expr::value(now))
                        .col_expr(endpoint::Column::State, Expr::value(state))
                        .filter(endpoint::Column::State.eq(if state == "offline" { "ready" } else { state }))
                };
                let mut changed = 0;
                for state in ["offline", "pending", "removing"] {
                    changed += own(state).exec(scope.conn).await?.rows_affected;
                }
                if changed == 1 {
                    let target = Target::new("endpoint", Named::new(link.endpoint, &*link.name));
                    let event = Event::EndpointDisconnected { reason };
                    u.record(link.who(), target, EventOutcome::Success, By::SERVER, Refs::NONE, event)
                        .await?;
                }
                Ok(())
            })
        });
        if let Err(error) = done.await {
            tracing::warn!(%error, "the end of a connection could not be recorded");
        }
    }

    /// The agent of an endpoint that is being removed has ended what ran and reported it: now it is removed.
    ///
    /// # Errors
    /// When the record can't be written; the agent is asked again on its next connection.
    pub async fn agent_retired(&self, link: &AgentLink) -> Result<(), domain::api::ApiError> {
        let link = link.clone();
        self.commit(link.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let own = |link: &AgentLink| {
                    (endpoint::Column::Id.eq(link.endpoint))
                        .and(endpoint::Column::Connection.eq(link.generation))
                        .and(endpoint::Column::State.eq("removing"))
                };
                let found = scope
                    .find::<endpoint::Entity>()
                    .filter(own(&link))
                    .one(scope.conn)
                    .await?;
                // What nobody asked it for changes nothing.
                let Some(e) = found else { return Ok(()) };
                let row = scope.update::<endpoint::Entity>().filter(own(&link));
                row.col_expr(endpoint::Column::State, Expr::value("removed"))
                    .col_expr(endpoint::Column::Connected, Expr::value(false))
                    .exec(scope.conn)
                    .await?;
                let target = target(&scope, &e).await?;
                let event = Event::EndpointRemoved { had_state: e.state };
                u.record(
                    link.who(),
                    target,
                    EventOutcome::Success,
                    By::DEVICE_KEY,
                    Refs::NONE,
                    event,
                )
                .await?;
                Ok(())
            })
        })
        .await
    }
}
