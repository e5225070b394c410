//! A copied key: two machines with the same one, connected at the same time. Both are stopped, and a person looks.

use domain::action::RefusalReason;
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::connect::Proved;
use super::{AgentLink, target};
use crate::endpoints::refuse_unsent;
use crate::engine::Engine;
use crate::store::entity::endpoint;

/// What is kept of it on the endpoint until a person has confirmed the machine again. Strings only, so it always has a form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) at: Timestamp,
    pub(crate) first: (String, String),
    pub(crate) second: (String, String),
}

impl Engine {
    /// Both `first`, which is connected and answered, and `second`, which has just proved the same key, are live: the endpoint
    /// waits for a person again, nothing is sent to it, and neither connection is the endpoint's any more. False where
    /// something else happened to the endpoint first; then nothing is changed.
    ///
    /// # Errors
    /// When the record can't be written.
    pub async fn clone_detected(&self, first: &AgentLink, second: &Proved) -> Result<bool, domain::api::ApiError> {
        let (first, second) = (first.clone(), second.link.clone());
        self.commit(first.org, move |u| {
            Box::pin(async move {
                let at = u.now();
                let side = |l: &AgentLink| (l.from.clone(), l.instance.clone().unwrap_or_default());
                let found = Found {
                    at,
                    first: side(&first),
                    second: side(&second),
                };
                let json = serde_json::to_string(&found).map_err(crate::error::Failure::stored)?;
                let scope = u.scope().await?;
                let own = endpoint::Column::Id
                    .eq(first.endpoint)
                    .and(endpoint::Column::Connection.eq(first.generation))
                    .and(endpoint::Column::State.is_in(["pending", "ready"]));
                let row = scope.update::<endpoint::Entity>().filter(own);
                let row = row
                    .col_expr(endpoint::Column::State, Expr::value("pending"))
                    .col_expr(endpoint::Column::Connected, Expr::value(false))
                    // Another generation: neither connection is the endpoint's.
                    .col_expr(endpoint::Column::Connection, Expr::value(first.generation + 1))
                    .col_expr(endpoint::Column::NeedsConfirmation, Expr::value(true))
                    .col_expr(endpoint::Column::ConfirmedBy, Expr::value(""))
                    .col_expr(endpoint::Column::ConfirmedAt, Expr::value(None::<Timestamp>))
                    .col_expr(endpoint::Column::Clone, Expr::value(json));
                if row.exec(scope.conn).await?.rows_affected != 1 {
                    return Ok(false);
                }
                let e = scope
                    .find::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(first.endpoint))
                    .one(scope.conn)
                    .await?;
                let e = e.ok_or_else(|| crate::error::Failure::stored("an endpoint that is gone"))?;
                let target = target(&scope, &e).await?;
                let event = Event::CloneDetected {
                    first_address: found.first.0,
                    first_instance: found.first.1,
                    second_address: found.second.0,
                    second_instance: found.second.1,
                };
                u.record(
                    second.who(),
                    target,
                    EventOutcome::Refused,
                    By::DEVICE_KEY,
                    Refs::NONE,
                    event,
                )
                .await?;
                let who = Who::Server { part: "agents".into() };
                refuse_unsent(u, e.id, RefusalReason::EndpointNotConfirmed, &who, &By::SERVER).await?;
                u.touch(e.id);
                Ok(true)
            })
        })
        .await
    }
}
