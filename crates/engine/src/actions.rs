//! Actions: proposing, previewing, withdrawing, cancelling, showing.

mod control;
mod propose;
pub(crate) mod sealed;
pub(crate) mod store;
pub(crate) mod view;

use async_trait::async_trait;
use domain::api::{Actions, ApiError, CommandPreview, Proposal};
use domain::ids::ActionId;
use domain::roles::Caller;

use crate::engine::Engine;

#[async_trait]
impl Actions for Engine {
    async fn preview(&self, caller: &Caller, proposal: Proposal) -> Result<CommandPreview, ApiError> {
        self.answer(propose::preview(self, caller, proposal).await)
    }

    async fn propose(&self, caller: &Caller, proposal: Proposal) -> Result<ActionId, ApiError> {
        propose::propose(self, caller, proposal).await
    }

    async fn withdraw(&self, caller: &Caller, action: ActionId) -> Result<(), ApiError> {
        control::withdraw(self, caller, action).await
    }

    async fn cancel(&self, caller: &Caller, action: ActionId) -> Result<(), ApiError> {
        control::cancel(self, caller, action).await
    }
}
