//! Clients, endpoints, enrolment tokens and the overview.

mod clients;
mod confirm;
mod list;
mod overview;
mod remove;
mod tokens;
mod update;

use async_trait::async_trait;
use domain::api::{
    ApiError, ClientRow, EndpointRow, EndpointView, Endpoints, NewClient, NewToken, Overview, TokenRow, TokenSpec,
};
use domain::ids::{ClientId, EndpointId, PersonId, TokenId};
use domain::roles::{Caller, Permission};

use crate::engine::Engine;

pub(crate) use clients::{client, facts};
pub(crate) use list::{can, capabilities, load, state};
pub(crate) use remove::refuse_unsent;

/// Who may look at endpoints and clients.
const READ: &[Permission] = &[Permission::Initiate, Permission::Audit, Permission::Administer];

#[async_trait]
impl Endpoints for Engine {
    async fn overview(&self, caller: &Caller) -> Result<Overview, ApiError> {
        self.answer(overview::overview(self, caller).await)
    }

    async fn endpoints(&self, caller: &Caller) -> Result<Vec<EndpointRow>, ApiError> {
        self.require(caller, READ).await?;
        self.answer(list::endpoints(self, caller).await)
    }

    async fn endpoint(&self, caller: &Caller, id: EndpointId) -> Result<EndpointView, ApiError> {
        self.require(caller, READ).await?;
        self.answer(list::endpoint(self, caller, id).await)
    }

    async fn clients(&self, caller: &Caller) -> Result<Vec<ClientRow>, ApiError> {
        self.require(caller, READ).await?;
        self.answer(clients::clients(self, caller).await)
    }

    async fn create_client(&self, caller: &Caller, new: NewClient) -> Result<ClientId, ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        clients::create(self, caller, new).await
    }

    async fn set_contacts(&self, caller: &Caller, client: ClientId, contacts: Vec<PersonId>) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        clients::set_contacts(self, caller, client, contacts).await
    }

    async fn create_token(&self, caller: &Caller, spec: TokenSpec) -> Result<NewToken, ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        tokens::create(self, caller, spec).await
    }

    async fn tokens(&self, caller: &Caller) -> Result<Vec<TokenRow>, ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        self.answer(tokens::live(self, caller).await)
    }

    async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        tokens::revoke(self, caller, id).await
    }

    async fn rotate_token(&self, caller: &Caller, id: TokenId) -> Result<NewToken, ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        tokens::rotate(self, caller, id).await
    }

    async fn confirm_endpoint(
        &self,
        caller: &Caller,
        id: EndpointId,
        shown: String,
        client: Option<ClientId>,
    ) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        confirm::confirm(self, caller, id, shown, client).await
    }

    async fn update_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        update::one(self, caller, id).await
    }

    async fn update_client(&self, caller: &Caller, client: ClientId) -> Result<u64, ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        update::all(self, caller, client).await
    }

    async fn remove_endpoint(&self, caller: &Caller, id: EndpointId, now: bool) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Administer]).await?;
        remove::remove(self, caller, id, now).await
    }
}
