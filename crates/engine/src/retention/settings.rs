//! For how long texts are kept.

use domain::api::{ApiError, ClientRetention, Field, LONGEST_DAYS, RetentionView};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::ClientId;
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::holds;
use crate::endpoints;
use crate::engine::Engine;
use crate::error::Failure;
use crate::redaction::for_any;
use crate::store::entity::{client, org};
use crate::text;

/// Why somebody does something, redacted as all clients' texts are.
pub(super) async fn reason_of(
    engine: &Engine,
    caller: &Caller,
    reason: &str,
    needed: &str,
) -> Result<String, ApiError> {
    let reason = text::free(Field::Reason, reason, 500, Some(needed))?;
    let settings = engine.answer(for_any(&engine.scope(caller.org)).await)?;
    Ok(redact::redact(&settings, reason.borrowed()).into_parts().0)
}

/// Days as stored; CHECK keeps them above 0, and nothing writes more than fits.
pub(super) fn days(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(LONGEST_DAYS)
}

/// The settings and the holds.
pub(super) async fn view(engine: &Engine, caller: &Caller) -> Result<RetentionView, Failure> {
    let scope = engine.scope(caller.org);
    let own = scope.find::<org::Entity>().one(scope.conn).await?;
    let own = own.ok_or(ApiError::NotFound)?;
    let by_name = scope.find::<client::Entity>().order_by_asc(client::Column::Name);
    let row = |c: client::Model| ClientRetention {
        client: Named::new(c.id, c.name),
        days: c.retention_days.map(days),
    };
    Ok(RetentionView {
        days: days(own.retention_days),
        clients: by_name.all(scope.conn).await?.into_iter().map(row).collect(),
        holds: holds::all(&scope).await?,
    })
}

/// Sets them for a client or for all.
pub(super) async fn set(
    engine: &Engine,
    caller: &Caller,
    of: Option<ClientId>,
    new: Option<u32>,
) -> Result<(), ApiError> {
    let fits = new.map_or(of.is_some(), |d| (1..=LONGEST_DAYS).contains(&d));
    if !fits {
        let message = format!("Give a number of days from 1 to {LONGEST_DAYS}; seven years are 2557.");
        return Err(ApiError::invalid(Field::Days, message));
    }
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let value = Expr::value(new.map(i64::from));
                let (target, before) = match of {
                    Some(id) => {
                        let client = endpoints::client(&scope, id).await?;
                        let own = scope.update::<client::Entity>().filter(client::Column::Id.eq(id));
                        own.col_expr(client::Column::RetentionDays, value)
                            .exec(scope.conn)
                            .await?;
                        let target = Target::new("client", Named::new(id, client.name));
                        (target, client.retention_days.map(days))
                    }
                    None => {
                        let own = scope.find::<org::Entity>().one(scope.conn).await?;
                        let own = own.ok_or(ApiError::NotFound)?;
                        let all = scope.update::<org::Entity>();
                        all.col_expr(org::Column::RetentionDays, value).exec(scope.conn).await?;
                        (Target::org(own.id, &own.name), Some(days(own.retention_days)))
                    }
                };
                let event = Event::RetentionChanged { before, days: new };
                let by = By::permission(Permission::Retain);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}
