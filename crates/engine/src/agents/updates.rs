//! Updates of agents: what is offered to one, and what it says of it.

use domain::api::{ApiError, UpdateStage};
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Refs};
use domain::sensitive::Raw;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{ServerMessage, SignedManifest, UpdateState};

use super::{AgentLink, target};
use crate::endpoints::load;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::agent_update;

impl Engine {
    /// The release that an admin wants on this endpoint and that its agent has not answered.
    pub(super) async fn update_offer(&self, link: &AgentLink) -> Result<Option<ServerMessage>, Failure> {
        if link.protocol < 2 {
            return Ok(None);
        }
        let scope = self.scope(link.org);
        let asked = scope
            .find::<agent_update::Entity>()
            .filter(agent_update::Column::EndpointId.eq(link.endpoint))
            .filter(agent_update::Column::Stage.eq(UpdateStage::Asked.word()));
        let Some(row) = asked.one(scope.conn).await? else {
            return Ok(None);
        };
        let signed: SignedManifest = serde_json::from_str(&row.signed).map_err(Failure::stored)?;
        Ok(Some(ServerMessage::UpdateOffer(signed)))
    }

    /// Records how far the agent says that an update is. What it says again, and what it says of a release that was replaced
    /// by another, changes nothing.
    ///
    /// # Errors
    /// When the record can't be written; the agent says it again on its next connection.
    pub async fn agent_update(&self, link: &AgentLink, state: &UpdateState) -> Result<(), ApiError> {
        let (link, state) = (link.clone(), state.clone());
        self.commit(link.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let of_release = || {
                    (agent_update::Column::EndpointId.eq(link.endpoint))
                        .and(agent_update::Column::Release.eq(state.release.to_string()))
                        .and(agent_update::Column::Stage.ne(state.stage.word()))
                };
                let found = scope.find::<agent_update::Entity>().filter(of_release());
                let Some(row) = found.one(scope.conn).await? else {
                    return Ok(());
                };
                // The agent's own words, but nobody has to believe that.
                let (detail, _) = redact::redact(&redact::Settings::default(), Raw::new(&*state.detail)).into_parts();
                let rows = scope.update::<agent_update::Entity>().filter(of_release());
                rows.col_expr(agent_update::Column::Stage, Expr::value(state.stage.word()))
                    .col_expr(agent_update::Column::Detail, Expr::value(detail.clone()))
                    .col_expr(agent_update::Column::ChangedAt, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                let e = load(&scope, link.endpoint).await?;
                let target = target(&scope, &e).await?;
                let outcome = match state.stage {
                    wire::UpdateStage::Refused => EventOutcome::Refused,
                    wire::UpdateStage::RolledBack => EventOutcome::Failure,
                    wire::UpdateStage::Staged | wire::UpdateStage::Started | wire::UpdateStage::Committed => {
                        EventOutcome::Success
                    }
                };
                let event = Event::AgentUpdateReported {
                    stage: state.stage.word().into(),
                    from: state.from.to_string(),
                    to: row.version,
                    release: state.release,
                    program: row.program.parse::<Digest>().map_err(Failure::stored)?,
                    detail,
                };
                u.record(link.who(), target, outcome, By::DEVICE_KEY, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
