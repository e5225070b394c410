//! Having agents updated: an admin asks, the agent decides by the release key that it holds.

use std::sync::Arc;

use domain::api::{ApiError, Conflict, UpdateStage, UpdateView};
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::ids::{ClientId, EndpointId};
use domain::roles::{Caller, Permission};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use wire::{Manifest, SignedManifest, Version};

use super::clients::client;
use super::list::{capabilities, load};
use crate::engine::Engine;
use crate::error::Failure;
use crate::releases::Releases;
use crate::store::entity::{agent_update, endpoint};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

/// What an endpoint's agent could be updated to.
pub(super) struct Newest {
    signed: SignedManifest,
    pub(super) manifest: Manifest,
}

/// The newest release for an endpoint: of those for its system, newer than what it runs.
pub(super) fn newest(releases: Option<&Arc<dyn Releases>>, e: &endpoint::Model) -> Option<Newest> {
    let running: Version = e.agent_version.parse().ok()?;
    let words = capabilities(e)?;
    let target = words.iter().find_map(|word| word.strip_prefix("target:"))?;
    let signed = releases?.newest(target, running)?;
    let manifest = signed.claimed().ok()?;
    Some(Newest { signed, manifest })
}

/// The latest update of an endpoint that was asked for.
pub(super) async fn view<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: EndpointId,
) -> Result<Option<UpdateView>, Failure> {
    let found = row(scope, id).await?;
    let view = |u: agent_update::Model| -> Result<UpdateView, Failure> {
        let stage = UpdateStage::ALL.into_iter().find(|s| s.word() == u.stage);
        Ok(UpdateView {
            version: u.version,
            stage: stage.ok_or_else(|| Failure::stored("an update's stage that nobody knows"))?,
            detail: u.detail,
            asked_by: u.asked_by,
            changed_at: u.changed_at,
        })
    };
    found.map(view).transpose()
}

async fn row<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: EndpointId,
) -> Result<Option<agent_update::Model>, Failure> {
    let found = scope
        .find::<agent_update::Entity>()
        .filter(agent_update::Column::EndpointId.eq(id));
    Ok(found.one(scope.conn).await?)
}

/// Asks for one endpoint's update.
pub(super) async fn one(engine: &Engine, caller: &Caller, id: EndpointId) -> Result<(), ApiError> {
    let (who, name) = (Who::caller(caller), caller.name.clone());
    let releases = engine.0.releases.get().cloned();
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let e = load(&u.scope().await?, id).await?;
                if e.state == "removed" {
                    return Err(ApiError::Conflict(Conflict::EndpointRemoved).into());
                }
                match newest(releases.as_ref(), &e) {
                    Some(newest) => ask(u, &e, newest, who, name).await,
                    None => Err(ApiError::Conflict(Conflict::NoRelease).into()),
                }
            })
        })
        .await
}

/// Asks for the update of every endpoint of a client that can take one.
pub(super) async fn all(engine: &Engine, caller: &Caller, id: ClientId) -> Result<u64, ApiError> {
    let (who, name) = (Who::caller(caller), caller.name.clone());
    let releases = engine.0.releases.get().cloned();
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let client = client(&scope, id).await?;
                let of_client = scope
                    .find::<endpoint::Entity>()
                    .filter(endpoint::Column::ClientId.eq(client.id))
                    .filter(endpoint::Column::State.ne("removed"));
                let mut asked = 0;
                for e in of_client.all(scope.conn).await? {
                    if let Some(newest) = newest(releases.as_ref(), &e) {
                        ask(u, &e, newest, who.clone(), name.clone()).await?;
                        asked += 1;
                    }
                }
                if asked == 0 {
                    return Err(ApiError::Conflict(Conflict::NoRelease).into());
                }
                Ok(asked)
            })
        })
        .await
}

async fn ask(u: &mut Unit, e: &endpoint::Model, newest: Newest, who: Who, asked_by: String) -> Result<(), Failure> {
    let Newest { signed, manifest } = newest;
    let (now, release): (_, Digest) = (u.now(), signed.digest());
    let scope = u.scope().await?;
    scope
        .delete::<agent_update::Entity>()
        .filter(agent_update::Column::EndpointId.eq(e.id))
        .exec(scope.conn)
        .await?;
    let row = agent_update::Model {
        org_id: scope.org(),
        endpoint_id: e.id,
        release: release.to_string(),
        program: manifest.sha256.to_string(),
        version: manifest.version.to_string(),
        signed: serde_json::to_string(&signed).map_err(Failure::stored)?,
        stage: UpdateStage::Asked.word().into(),
        detail: String::new(),
        asked_by,
        changed_at: now,
    };
    scope.insert::<agent_update::Entity, _>(row).await?;
    let target = crate::agents::target(&scope, e).await?;
    let event = Event::AgentUpdateAsked {
        from: e.agent_version.clone(),
        to: manifest.version.to_string(),
        release,
        program: manifest.sha256,
    };
    let by = By::permission(Permission::Administer);
    u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
        .await?;
    u.touch(e.id);
    Ok(())
}
