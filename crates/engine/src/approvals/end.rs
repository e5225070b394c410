//! How a request ends without a yes: withdrawn, expired, its session closed; and the one write that settles it.

use domain::action::RefusalReason;
use domain::api::{ApiError, Conflict};
use domain::event::{By, Event, EventOutcome, Who};
use domain::ids::{OrgId, RequestId, SessionId};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::list;
use super::view::{pending, refs, target};
use crate::actions::store;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::approval_request;
use crate::store::entrance;
use crate::store::event_log::as_i64;
use crate::store::ledger::Unit;

/// Settles a request as long as it still is what was read: of two who decide, one wins.
pub(super) async fn settle(
    u: &mut Unit,
    r: &approval_request::Model,
    state: &str,
    by: Option<&Caller>,
    leaf: u64,
    allowed: &str,
) -> Result<(), Failure> {
    let now = u.now();
    let scope = u.scope().await?;
    let mut same = scope
        .update::<approval_request::Entity>()
        .filter(approval_request::Column::Id.eq(r.id))
        .filter(approval_request::Column::State.eq("pending"))
        .filter(approval_request::Column::Version.eq(r.version))
        .col_expr(approval_request::Column::Version, Expr::value(r.version + 1))
        .col_expr(approval_request::Column::State, Expr::value(state))
        .col_expr(approval_request::Column::DecidedAt, Expr::value(now))
        .col_expr(approval_request::Column::DecisionLeaf, Expr::value(as_i64(leaf)))
        .col_expr(approval_request::Column::Allowed, Expr::value(allowed));
    if let Some(caller) = by {
        same = same
            .col_expr(approval_request::Column::DecidedBy, Expr::value(caller.person))
            .col_expr(
                approval_request::Column::DecidedByName,
                Expr::value(caller.name.clone()),
            );
    }
    let changed = same.exec(scope.conn).await?.rows_affected;
    if changed == 1 {
        Ok(())
    } else {
        Err(ApiError::Conflict(Conflict::AlreadyDecided).into())
    }
}

/// Refuses the action that the request was about, if it was about one.
pub(super) async fn refuse_action(
    u: &mut Unit,
    r: &approval_request::Model,
    reason: RefusalReason,
    who: Who,
    by: By,
    detail: &str,
) -> Result<(), Failure> {
    let Some(id) = r.action_id else { return Ok(()) };
    let row = store::load(&u.scope().await?, id).await?;
    let refused = store::waiting(u.keys(), &row)?.refuse(reason);
    store::refuse(u, &row, refused, who, by, false, detail).await
}

/// Ends a request that its requester took back, or whose session was closed.
pub(crate) async fn withdrawn(
    u: &mut Unit,
    r: &approval_request::Model,
    who: Who,
    by: By,
    reason: RefusalReason,
) -> Result<(), Failure> {
    if !pending(r)? {
        return Err(ApiError::Conflict(Conflict::AlreadyDecided).into());
    }
    let event = Event::ApprovalWithdrawn {
        statement: r.digest.parse().map_err(Failure::stored)?,
    };
    let leaf = u
        .record(
            who.clone(),
            target(r),
            EventOutcome::Refused,
            by.clone(),
            refs(r),
            event,
        )
        .await?;
    settle(u, r, "withdrawn", None, leaf, "").await?;
    refuse_action(u, r, reason, who, by, "").await
}

/// Ends a request whose time is up.
pub(super) async fn expired(u: &mut Unit, r: &approval_request::Model) -> Result<(), Failure> {
    let who = Who::Server { part: "timer".into() };
    let event = Event::ApprovalExpired {
        statement: r.digest.parse().map_err(Failure::stored)?,
    };
    let leaf = u
        .record(
            who.clone(),
            target(r),
            EventOutcome::Refused,
            By::SERVER,
            refs(r),
            event,
        )
        .await?;
    settle(u, r, "expired", None, leaf, "").await?;
    refuse_action(u, r, RefusalReason::Expired, who, By::SERVER, "").await
}

/// Takes a request back.
pub(super) async fn withdraw(engine: &Engine, caller: &Caller, id: RequestId) -> Result<(), ApiError> {
    let (who, caller) = (Who::caller(caller), caller.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let r = list::load(&u.scope().await?, id).await?;
                if r.requester_id != caller.person {
                    return Err(ApiError::NotFound.into());
                }
                withdrawn(
                    u,
                    &r,
                    who,
                    By::permission(Permission::Initiate),
                    RefusalReason::Withdrawn,
                )
                .await
            })
        })
        .await
}

/// Ends what waits in a session that is closed.
pub(crate) async fn session_closed(u: &mut Unit, session: SessionId, who: &Who) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let of = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::SessionId.eq(session));
    for r in of
        .filter(approval_request::Column::State.eq("pending"))
        .all(scope.conn)
        .await?
    {
        let by = By::permission(Permission::Initiate);
        withdrawn(u, &r, who.clone(), by, RefusalReason::SessionClosed).await?;
    }
    Ok(())
}

impl Engine {
    /// Ends the requests whose time is up and the orders that were never sent in time. The server calls it every second.
    ///
    /// # Errors
    /// When the record can't be read or written; nothing is lost, the next call finds the same.
    pub async fn expire(&self) -> Result<(), ApiError> {
        let now = self.now();
        let overdue = entrance::orgs_with_overdue_requests(&self.0.read, now).await;
        for org in self.answer(overdue.map_err(Failure::from))? {
            self.commit(org, |u| Box::pin(async move { expire_requests(u).await }))
                .await?;
        }
        let unsent = entrance::orgs_with_overdue_orders(&self.0.read, now).await;
        for org in self.answer(unsent.map_err(Failure::from))? {
            self.expire_orders(org).await?;
        }
        Ok(())
    }

    async fn expire_orders(&self, org: OrgId) -> Result<(), ApiError> {
        self.commit(org, move |u| {
            Box::pin(async move {
                let now = u.now();
                let scope = u.scope().await?;
                for row in entrance::overdue_orders(scope.conn, Some(org), now).await? {
                    let refused = store::dispatched(&row)?.refuse(RefusalReason::OrderExpired);
                    let who = Who::Server { part: "timer".into() };
                    let detail = "The endpoint was not connected in time; the order was never sent.";
                    store::refuse(u, &row, refused, who, By::SERVER, false, detail).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn expire_requests(u: &mut Unit) -> Result<(), Failure> {
    let now = u.now();
    let scope = u.scope().await?;
    let pending = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::State.eq("pending"));
    for r in pending
        .filter(approval_request::Column::ExpiresAt.lte(now))
        .all(scope.conn)
        .await?
    {
        expired(u, &r).await?;
    }
    Ok(())
}
