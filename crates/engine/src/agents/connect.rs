//! Connections: proving the key, one at a time, and their end.

use domain::digest::{Digest, unhex};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Challenge, Hello, RejectReason};

use super::AgentLink;
use crate::endpoints::client;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::endpoint;
use crate::store::entrance;

impl Engine {
    /// Takes a connection whose agent proves the endpoint's key. An earlier connection of the same endpoint is no longer
    /// the endpoint's; see [`Engine::still_linked`].
    ///
    /// # Errors
    /// Why it was rejected; the attempt is in the record where the endpoint is known.
    pub async fn connect_agent(
        &self,
        hello: &Hello,
        challenge: &Challenge,
        from: &str,
    ) -> Result<AgentLink, RejectReason> {
        let found = entrance::endpoint(&self.0.read, hello.endpoint).await;
        let e = found
            .map_err(|_| RejectReason::RecordUnavailable)?
            .ok_or(RejectReason::UnknownEndpoint)?;
        let key = wire::parse_public_key(&e.public_key).ok_or(RejectReason::UnknownEndpoint)?;
        let proof = hello.verify(challenge, &key).and(if e.state == "removed" {
            Err(RejectReason::Removed)
        } else {
            Ok(())
        });
        let link = AgentLink {
            org: e.org_id,
            endpoint: e.id,
            name: e.name.clone(),
            key: Digest::of(&[&unhex(&e.public_key).unwrap_or_default()]).to_string(),
            public_key: e.public_key.clone(),
            from: from.to_owned(),
            generation: e.connection + 1,
            doubted: Default::default(),
        };
        let version: String = hello
            .agent_version
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        let done = self.commit(e.org_id, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let client = client(&scope, e.client_id).await?;
                let named = Named::new(e.id, &*e.name);
                let target = Target::new("endpoint", named.clone()).on(named, Named::new(client.id, client.name));
                if let Err(reason) = proof {
                    let who = Who::Anonymous { from: link.from };
                    let event = Event::EndpointConnectionRefused {
                        reason: reason.word().into(),
                    };
                    u.record(who, target, EventOutcome::Refused, By::NONE, Refs::NONE, event)
                        .await?;
                    return Ok(Err(reason));
                }
                let same = scope.update::<endpoint::Entity>().filter(endpoint::Column::Id.eq(e.id));
                let same = same
                    .filter(endpoint::Column::Connection.eq(e.connection))
                    .filter(endpoint::Column::State.ne("removed"));
                let same = same.col_expr(endpoint::Column::State, Expr::value("ready"));
                let same = same.col_expr(endpoint::Column::Connection, Expr::value(link.generation));
                let same = same.col_expr(endpoint::Column::AgentVersion, Expr::value(version.clone()));
                let same = same
                    .col_expr(endpoint::Column::LastSeen, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                if same.rows_affected != 1 {
                    // Another connection of the same endpoint came first; the agent tries again.
                    return Ok(Err(RejectReason::RecordUnavailable));
                }
                let event = Event::EndpointConnected {
                    agent_version: version,
                    first: e.state == "pending",
                };
                u.record(
                    link.who(),
                    target,
                    EventOutcome::Success,
                    By::DEVICE_KEY,
                    Refs::NONE,
                    event,
                )
                .await?;
                Ok(Ok(link))
            })
        });
        done.await.map_err(|_| RejectReason::RecordUnavailable)?
    }

    /// Notes that the connection ended. Only the endpoint's latest connection makes it offline.
    pub async fn disconnect_agent(&self, link: &AgentLink, reason: &str) {
        let (link, reason) = (link.clone(), reason.to_owned());
        let done = self.commit(link.org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                let own = scope
                    .update::<endpoint::Entity>()
                    .filter(endpoint::Column::Id.eq(link.endpoint));
                let own = own
                    .filter(endpoint::Column::Connection.eq(link.generation))
                    .filter(endpoint::Column::State.eq("ready"));
                let own = own.col_expr(endpoint::Column::State, Expr::value("offline"));
                let changed = own
                    .col_expr(endpoint::Column::LastSeen, Expr::value(now))
                    .exec(scope.conn)
                    .await?;
                if changed.rows_affected == 1 {
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

    /// Whether the connection is still the endpoint's latest, and the endpoint not removed.
    pub async fn still_linked(&self, link: &AgentLink) -> bool {
        let found = self.answer(
            entrance::endpoint(&self.0.read, link.endpoint)
                .await
                .map_err(Failure::from),
        );
        matches!(found, Ok(Some(e)) if e.connection == link.generation && e.state != "removed")
    }

    /// At start: no agent is connected yet, whatever the database says from before.
    ///
    /// # Errors
    /// When the record can't be written.
    pub async fn forget_connections(&self) -> Result<(), domain::api::ApiError> {
        let orgs = self.answer(entrance::orgs(&self.0.read).await.map_err(Failure::from))?;
        for org in orgs {
            self.commit(org.id, move |u| {
                Box::pin(async move {
                    let scope = u.scope().await?;
                    let ready = scope
                        .update::<endpoint::Entity>()
                        .filter(endpoint::Column::State.eq("ready"));
                    ready
                        .col_expr(endpoint::Column::State, Expr::value("offline"))
                        .exec(scope.conn)
                        .await?;
                    let target = Target::org(org.id, &org.name);
                    let event = Event::ServerStarted {
                        version: env!("CARGO_PKG_VERSION").into(),
                    };
                    let who = Who::Server { part: "start".into() };
                    u.record(who, target, EventOutcome::Success, By::SERVER, Refs::NONE, event)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(())
    }
}
