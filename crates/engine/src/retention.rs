//! How long what was typed and printed is kept: retention, legal holds, and erasing by destroying keys (R5).

mod erase;
mod holds;
mod settings;
mod timer;

use async_trait::async_trait;
use domain::api::{ApiError, HoldOn, Retention, RetentionView};
use domain::ids::{ClientId, HoldId, SessionId};
use domain::roles::{Caller, Permission};

use crate::engine::Engine;

pub(crate) use erase::erasure;
pub(crate) use holds::on_session as holds_on;

const MAY: &[Permission] = &[Permission::Retain];

#[async_trait]
impl Retention for Engine {
    async fn retention(&self, caller: &Caller) -> Result<RetentionView, ApiError> {
        self.require(caller, &[Permission::Retain, Permission::Audit, Permission::Administer])
            .await?;
        self.answer(settings::view(self, caller).await)
    }

    async fn set_retention(
        &self,
        caller: &Caller,
        client: Option<ClientId>,
        days: Option<u32>,
    ) -> Result<(), ApiError> {
        self.require(caller, MAY).await?;
        settings::set(self, caller, client, days).await
    }

    async fn place_hold(&self, caller: &Caller, on: HoldOn, reason: String) -> Result<HoldId, ApiError> {
        self.require(caller, MAY).await?;
        holds::place(self, caller, on, reason).await
    }

    async fn release_hold(&self, caller: &Caller, id: HoldId, reason: String) -> Result<(), ApiError> {
        self.require(caller, MAY).await?;
        holds::release(self, caller, id, reason).await
    }

    async fn erase_session(&self, caller: &Caller, id: SessionId, reason: String) -> Result<(), ApiError> {
        self.require(caller, MAY).await?;
        erase::by_request(self, caller, id, reason).await
    }
}
