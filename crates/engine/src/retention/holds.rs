//! Legal holds: what they are on, placing and releasing them.

use domain::api::{ApiError, Conflict, HoldOn, HoldView};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::HoldId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder};

use super::settings::reason_of;
use crate::endpoints;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{legal_hold, org, session};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

const NEEDED: &str = "Say why, such as the matter's reference. The record will show it.";

/// The holds that keep a session's texts.
pub(crate) async fn on_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    s: &session::Model,
) -> Result<Vec<HoldView>, Failure> {
    let all = Condition::all()
        .add(legal_hold::Column::ClientId.is_null())
        .add(legal_hold::Column::SessionId.is_null());
    let any = Condition::any()
        .add(legal_hold::Column::SessionId.eq(s.id))
        .add(legal_hold::Column::ClientId.eq(s.client_id))
        .add(all);
    let found = lasting(scope).filter(any).order_by_asc(legal_hold::Column::PlacedAt);
    Ok(found.all(scope.conn).await?.into_iter().map(view).collect())
}

/// Any hold that lasts: what belongs to no session is kept as long as there is one.
pub(super) async fn any<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<bool, Failure> {
    Ok(lasting(scope).one(scope.conn).await?.is_some())
}

fn lasting<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> sea_orm::Select<legal_hold::Entity> {
    scope
        .find::<legal_hold::Entity>()
        .filter(legal_hold::Column::ReleasedAt.is_null())
}

/// All holds: those that last first, then the newest.
pub(super) async fn all<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<Vec<HoldView>, Failure> {
    let found = scope
        .find::<legal_hold::Entity>()
        .order_by_desc(legal_hold::Column::PlacedAt);
    let mut holds: Vec<HoldView> = found.all(scope.conn).await?.into_iter().map(view).collect();
    holds.sort_by_key(|h| h.released.is_some());
    Ok(holds)
}

fn view(h: legal_hold::Model) -> HoldView {
    HoldView {
        id: h.id,
        on: match (h.session_id, h.client_id) {
            (Some(session), _) => HoldOn::Session(session),
            (None, Some(client)) => HoldOn::Client(client),
            (None, None) => HoldOn::All,
        },
        name: h.name,
        reason: h.reason,
        placed_by: h.placed_by,
        placed_at: h.placed_at,
        released: h.released_at.map(|at| (h.released_by, at)),
    }
}

/// What a hold is on, as the target of its events, and the name of that.
async fn target(u: &mut Unit, on: HoldOn) -> Result<(Target, String), Failure> {
    let scope = u.scope().await?;
    Ok(match on {
        HoldOn::All => {
            let own = scope.find::<org::Entity>().one(scope.conn).await?;
            let own = own.ok_or(ApiError::NotFound)?;
            (Target::org(own.id, &own.name), own.name)
        }
        HoldOn::Client(id) => {
            let client = endpoints::client(&scope, id).await?;
            let name = client.name.clone();
            (Target::new("client", Named::new(id, client.name)), name)
        }
        HoldOn::Session(id) => {
            let session = sessions::load(&scope, id).await?;
            if session.erased_at.is_some() {
                return Err(ApiError::Conflict(Conflict::Erased).into());
            }
            let name = format!(
                "session on {}, {}",
                session.endpoint_name,
                session.opened_at.for_people()
            );
            (sessions::target(&session), name)
        }
    })
}

/// Places a hold.
pub(super) async fn place(engine: &Engine, caller: &Caller, on: HoldOn, reason: String) -> Result<HoldId, ApiError> {
    let reason = reason_of(engine, caller, &reason, NEEDED).await?;
    let (who, placed_by) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let (target, name) = target(u, on).await?;
                let id = HoldId(u.deps().uuid());
                let event = Event::HoldPlaced {
                    hold: id,
                    reason: reason.clone(),
                };
                let by = By::permission(Permission::Retain);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                let placed_at = u.now();
                let scope = u.scope().await?;
                let (client_id, session_id) = match on {
                    HoldOn::All => (None, None),
                    HoldOn::Client(client) => (Some(client), None),
                    HoldOn::Session(session) => (None, Some(session)),
                };
                let row = legal_hold::Model {
                    org_id: scope.org(),
                    id,
                    client_id,
                    session_id,
                    name,
                    reason,
                    placed_by,
                    placed_at,
                    released_by: String::new(),
                    released_at: None,
                };
                scope.insert::<legal_hold::Entity, _>(row).await?;
                Ok(id)
            })
        })
        .await
}

/// Releases a hold. Of two who release it, one does.
pub(super) async fn release(engine: &Engine, caller: &Caller, id: HoldId, reason: String) -> Result<(), ApiError> {
    let reason = reason_of(engine, caller, &reason, NEEDED).await?;
    let (who, name) = (Who::caller(caller), caller.name.clone());
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let own = scope.find::<legal_hold::Entity>();
                let own = own.filter(legal_hold::Column::Id.eq(id)).one(scope.conn).await?;
                let (target, _) = target(u, view(own.ok_or(ApiError::NotFound)?).on).await?;
                let event = Event::HoldReleased { hold: id, reason };
                let by = By::permission(Permission::Retain);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                let at = u.now();
                let scope = u.scope().await?;
                let lasts = scope
                    .update::<legal_hold::Entity>()
                    .filter(legal_hold::Column::Id.eq(id))
                    .filter(legal_hold::Column::ReleasedAt.is_null());
                let released = lasts
                    .col_expr(legal_hold::Column::ReleasedAt, Expr::value(at))
                    .col_expr(legal_hold::Column::ReleasedBy, Expr::value(name))
                    .exec(scope.conn)
                    .await?;
                if released.rows_affected != 1 {
                    return Err(ApiError::Conflict(Conflict::HoldReleased).into());
                }
                Ok(())
            })
        })
        .await
}
