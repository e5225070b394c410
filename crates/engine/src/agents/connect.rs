//! Connections: proving the key, and one at a time.

use domain::api::ApiError;
use domain::digest::{Digest, unhex};
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Challenge, Hello, RejectReason};

use super::{AgentLink, target};
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::endpoint;
use crate::store::entrance;
use crate::store::ledger::Unit;

/// The longest text that an agent may give of itself, in characters.
const LONGEST: usize = 100;

/// An agent that proved its key and is not let in yet.
#[derive(Clone, Debug)]
pub struct Proved {
    /// What its connection will be.
    pub link: AgentLink,
    e: endpoint::Model,
    version: String,
    os: Option<String>,
    capabilities: Option<String>,
    clock_skew_ms: i64,
}

impl Engine {
    /// Takes a connection whose agent proves the endpoint's key: [`Engine::prove_agent`], then [`Engine::admit_agent`].
    ///
    /// # Errors
    /// Why it was rejected.
    pub async fn connect_agent(
        &self,
        hello: &Hello,
        challenge: &Challenge,
        from: &str,
    ) -> Result<AgentLink, RejectReason> {
        let proved = self.prove_agent(hello, challenge, from).await?;
        self.admit_agent(proved).await
    }

    /// Checks that a connection's agent holds the endpoint's key, and that the endpoint may connect.
    ///
    /// # Errors
    /// Why it was rejected; the attempt is in the record where the endpoint is known.
    pub async fn prove_agent(&self, hello: &Hello, challenge: &Challenge, from: &str) -> Result<Proved, RejectReason> {
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
        if let Err(reason) = proof {
            self.connection_refused(e, from, reason).await?;
            return Err(reason);
        }
        if e.clone.is_some() {
            // In the record since it was found, with both. Which of the two this is nobody can know.
            return Err(if hello.protocol >= 2 {
                RejectReason::CloneDetected
            } else {
                RejectReason::BadSignature
            });
        }
        let about = hello.about.as_ref();
        let link = AgentLink {
            org: e.org_id,
            endpoint: e.id,
            name: e.name.clone(),
            protocol: hello.protocol,
            instance: about.map(|a| a.instance.clone()),
            key: Digest::of(&[&unhex(&e.public_key).unwrap_or_default()]).to_string(),
            public_key: e.public_key.clone(),
            from: from.to_owned(),
            generation: e.connection + 1,
            doubted: Default::default(),
            redaction: self.0.redaction.clone(),
        };
        Ok(Proved {
            link,
            version: short(&hello.agent_version),
            os: about.map(|a| short(&a.os)),
            capabilities: about.map(|a| a.capabilities.words().collect::<Vec<_>>().join(" ")),
            clock_skew_ms: hello.agent_time.millis() - self.now().millis(),
            e,
        })
    }

    /// Lets a proved agent in. An earlier connection of the same endpoint is no longer the endpoint's.
    ///
    /// # Errors
    /// Why it was rejected.
    pub async fn admit_agent(&self, proved: Proved) -> Result<AgentLink, RejectReason> {
        let org = proved.link.org;
        let done = self.commit(org, move |u| Box::pin(async move { admit(u, proved).await }));
        done.await.map_err(|_| RejectReason::RecordUnavailable)?
    }

    async fn connection_refused(
        &self,
        e: endpoint::Model,
        from: &str,
        reason: RejectReason,
    ) -> Result<(), RejectReason> {
        let from = from.to_owned();
        let done = self.commit(e.org_id, move |u| {
            Box::pin(async move {
                let target = target(&u.scope().await?, &e).await?;
                let event = Event::EndpointConnectionRefused {
                    reason: reason.word().into(),
                };
                let who = Who::Anonymous { from };
                u.record(who, target, EventOutcome::Refused, By::NONE, Refs::NONE, event)
                    .await
                    .map(|_| ())
            })
        });
        done.await.map_err(|_| RejectReason::RecordUnavailable)
    }

    /// At start: no agent is connected yet, whatever the database says from before.
    ///
    /// # Errors
    /// When the record can't be written.
    pub async fn forget_connections(&self) -> Result<(), ApiError> {
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
                        .col_expr(endpoint::Column::Connected, Expr::value(false))
                        .exec(scope.conn)
                        .await?;
                    let others = scope
                        .update::<endpoint::Entity>()
                        .filter(endpoint::Column::Connected.eq(true));
                    others
                        .col_expr(endpoint::Column::Connected, Expr::value(false))
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

/// A text of an agent's about itself: short, and without what can't be seen.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

async fn admit(u: &mut Unit, proved: Proved) -> Result<Result<AgentLink, RejectReason>, Failure> {
    let Proved {
        link,
        e,
        version,
        os,
        capabilities,
        clock_skew_ms,
    } = proved;
    let now = u.now();
    let scope = u.scope().await?;
    let target = target(&scope, &e).await?;
    // An agent that can't be told to retire has nothing left to do here.
    let gone = e.state == "removing" && link.protocol < 2;
    let (state, connected) = match (e.state.as_str(), e.needs_confirmation) {
        ("removing", _) if gone => ("removed", false),
        ("removing", _) => ("removing", true),
        (_, true) => ("pending", true),
        (_, false) => ("ready", true),
    };
    let same = scope
        .update::<endpoint::Entity>()
        .filter(endpoint::Column::Id.eq(e.id))
        .filter(endpoint::Column::Connection.eq(e.connection))
        .filter(endpoint::Column::State.eq(e.state.clone()))
        .filter(endpoint::Column::NeedsConfirmation.eq(e.needs_confirmation))
        .col_expr(endpoint::Column::State, Expr::value(state))
        .col_expr(endpoint::Column::Connected, Expr::value(connected))
        .col_expr(endpoint::Column::Connection, Expr::value(link.generation))
        .col_expr(endpoint::Column::AgentVersion, Expr::value(version.clone()))
        .col_expr(endpoint::Column::Os, Expr::value(os.unwrap_or_else(|| e.os.clone())))
        .col_expr(endpoint::Column::Protocol, Expr::value(link.protocol))
        .col_expr(endpoint::Column::Capabilities, Expr::value(capabilities))
        .col_expr(endpoint::Column::Instance, Expr::value(link.instance.clone()))
        .col_expr(endpoint::Column::Address, Expr::value(link.from.clone()))
        .col_expr(endpoint::Column::ClockSkewMs, Expr::value(clock_skew_ms))
        .col_expr(endpoint::Column::LastSeen, Expr::value(now));
    if same.exec(scope.conn).await?.rows_affected != 1 {
        // Another connection of the same endpoint came first, or it became something else; the agent tries again.
        return Ok(Err(RejectReason::RecordUnavailable));
    }
    // Whoever holds an earlier connection learns that it is no longer the endpoint's.
    u.touch(e.id);
    if gone {
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
        return Ok(Err(RejectReason::Removed));
    }
    let event = Event::EndpointConnected {
        agent_version: version,
        first: e.last_seen.is_none(),
        protocol: link.protocol,
        clock_skew_ms,
        instance: link.instance.clone(),
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
}
