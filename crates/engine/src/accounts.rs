//! Accounts: signing in and out, one-time links, the people of an org.

mod create_org;
mod links;
mod manage;
mod sign_in;

use async_trait::async_trait;
use domain::api::{Accounts, ApiError, Invitation, NewLink, NewWebSession, PersonRow, SetPassword, SignIn};
use domain::ids::PersonId;
use domain::roles::{Caller, Roles};

use crate::engine::Engine;

#[async_trait]
impl Accounts for Engine {
    async fn sign_in(&self, with: SignIn) -> Result<NewWebSession, ApiError> {
        sign_in::sign_in(self, with).await
    }

    async fn link_owner(&self, link: &str) -> Result<String, ApiError> {
        links::owner(self, link).await
    }

    async fn redeem_link(&self, with: SetPassword) -> Result<NewWebSession, ApiError> {
        links::redeem(self, with).await
    }

    async fn resume(&self, token: &str, from: &str) -> Result<Option<Caller>, ApiError> {
        sign_in::resume(self, token, from).await
    }

    async fn sign_out(&self, caller: &Caller, token: &str) -> Result<(), ApiError> {
        sign_in::sign_out(self, caller, token).await
    }

    async fn people(&self, caller: &Caller) -> Result<Vec<PersonRow>, ApiError> {
        manage::people(self, caller).await
    }

    async fn invite(&self, caller: &Caller, who: Invitation) -> Result<NewLink, ApiError> {
        manage::invite(self, caller, who).await
    }

    async fn set_roles(&self, caller: &Caller, person: PersonId, roles: Roles) -> Result<(), ApiError> {
        manage::set_roles(self, caller, person, roles).await
    }
}
