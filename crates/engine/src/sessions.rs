//! Sessions: opening, reading, noting, closing, and what arrives while one watches.

mod change;
mod live;
mod open;
mod view;

use async_trait::async_trait;
use domain::api::{ApiError, LiveItem, NewSession, SessionRow, SessionView, Sessions};
use domain::event::{Named, Target};
use domain::ids::SessionId;
use domain::roles::Caller;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::session;
use crate::store::scope::OrgScope;

pub(crate) use view::{read, rows};

/// One session.
pub(crate) async fn load<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    id: SessionId,
) -> Result<session::Model, Failure> {
    let own = scope.find::<session::Entity>().filter(session::Column::Id.eq(id));
    Ok(own.one(scope.conn).await?.ok_or(ApiError::NotFound)?)
}

/// A session as the target of an event.
pub(crate) fn target(s: &session::Model) -> Target {
    Target::new("session", Named::new(s.id, format!("session on {}", s.endpoint_name)))
        .on(crate::actions::store::endpoint(s), crate::actions::store::client(s))
}

#[async_trait]
impl Sessions for Engine {
    async fn open_session(&self, caller: &Caller, new: NewSession) -> Result<SessionId, ApiError> {
        open::open(self, caller, new).await
    }

    async fn sessions(&self, caller: &Caller) -> Result<Vec<SessionRow>, ApiError> {
        self.answer(view::list(self, caller).await)
    }

    async fn session(&self, caller: &Caller, id: SessionId) -> Result<SessionView, ApiError> {
        view::open_page(self, caller, id).await
    }

    async fn session_since(
        &self,
        caller: &Caller,
        id: SessionId,
        from: u64,
    ) -> Result<(Vec<(u64, LiveItem)>, u64), ApiError> {
        self.answer(live::since(self, caller, id, from).await)
    }

    async fn add_note(&self, caller: &Caller, id: SessionId, text: String) -> Result<(), ApiError> {
        change::add_note(self, caller, id, text).await
    }

    async fn close_session(&self, caller: &Caller, id: SessionId, reason: String) -> Result<(), ApiError> {
        change::close(self, caller, id, reason).await
    }
}
