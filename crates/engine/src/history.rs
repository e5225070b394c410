//! The history: actions that match a filter, on a page or as CSV.

mod export;
mod query;

use async_trait::async_trait;
use domain::api::{ApiError, Filter, History, HistoryPage};
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::{ActionId, SessionId};
use domain::roles::{Caller, Permission};

use crate::engine::Engine;
use crate::error::Failure;
use crate::redaction;
use crate::text;

#[async_trait]
impl History for Engine {
    async fn history(&self, caller: &Caller, filter: Filter) -> Result<HistoryPage, ApiError> {
        let filter = query::checked(filter)?;
        let page = self.answer(query::page(self, caller, &filter).await)?;
        if filter
            != (Filter {
                page: filter.page,
                ..Filter::default()
            })
        {
            searched(self, caller, &filter, page.total).await?;
        }
        Ok(page)
    }

    async fn find_action(&self, caller: &Caller, action: ActionId) -> Result<SessionId, ApiError> {
        self.answer(find_action(self, caller, action).await)
    }
}

async fn find_action(engine: &Engine, caller: &Caller, id: ActionId) -> Result<SessionId, Failure> {
    let scope = engine.scope(caller.org);
    let row = crate::actions::store::load(&scope, id).await?;
    Ok(crate::access::readable_session(&scope, caller, row.session_id)
        .await?
        .id)
}

/// On whose authority somebody reads the history.
fn by(caller: &Caller) -> By {
    if caller.may(Permission::Audit) {
        By::permission(Permission::Audit)
    } else {
        By::SIGNED_IN
    }
}

/// A filter as it is recorded: the fields that are set, and no sensitive value (R36).
async fn described(engine: &Engine, caller: &Caller, filter: &Filter) -> Result<String, ApiError> {
    let fields = [
        ("from", &filter.from),
        ("until", &filter.until),
        ("endpoint", &filter.endpoint),
        ("client", &filter.client),
        ("technician", &filter.technician),
        ("status", &filter.status),
        ("basis", &filter.basis),
        ("text", &filter.text),
    ];
    let set: Vec<String> = fields
        .iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let text = text::free(domain::api::Field::Text, &set.join("; "), 2000, None)?;
    let settings = engine.answer(redaction::for_any(&engine.scope(caller.org)).await)?;
    Ok(redact::redact(&settings, text.borrowed()).into_parts().0)
}

async fn searched(engine: &Engine, caller: &Caller, filter: &Filter, found: u64) -> Result<(), ApiError> {
    let (who, by, filter) = (
        Who::caller(caller),
        by(caller),
        described(engine, caller, filter).await?,
    );
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let target = Target::new("history", domain::event::Named::new(scope.org(), "history"));
                let event = Event::HistorySearched { found, filter };
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}
