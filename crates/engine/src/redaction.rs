//! Redaction: what an organisation and its clients set, and trying it.

mod change;
mod ready;
mod settings;

use async_trait::async_trait;
use domain::api::{ApiError, Redaction, RedactionView, SetRedaction, Tried};
use domain::ids::ClientId;
use domain::roles::{Caller, Permission};

use crate::engine::Engine;

pub(crate) use ready::ReadyRedaction;
pub(crate) use settings::{for_any, for_client, in_session, ready_for, set_for, written};

/// Who may look at the settings, try and change them: the lists are the client's data, which directors answer for.
const MAY: &[Permission] = &[Permission::Administer, Permission::Audit];

#[async_trait]
impl Redaction for Engine {
    async fn redaction(&self, caller: &Caller) -> Result<RedactionView, ApiError> {
        self.require(caller, MAY).await?;
        self.answer(settings::view(self, caller).await)
    }

    async fn set_redaction(&self, caller: &Caller, change: SetRedaction) -> Result<(), ApiError> {
        self.require(caller, MAY).await?;
        change::set(self, caller, change).await
    }

    async fn try_redaction(&self, caller: &Caller, client: Option<ClientId>, text: String) -> Result<Tried, ApiError> {
        self.require(caller, MAY).await?;
        self.answer(settings::tried(self, caller, client, text).await)
    }
}
