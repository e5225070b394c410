//! Shares: reviewed, frozen, public transcripts, read from the leaves alone.

mod bundle;
mod manage;
mod passcode;
mod public;
mod sentences;

use async_trait::async_trait;
use domain::api::{ApiError, NewShare, PublicShare, ShareReview, ShareRow, Shares};
use domain::ids::{SessionId, ShareId};
use domain::roles::{Caller, Permission};
use domain::sensitive::Raw;

use crate::engine::Engine;

#[async_trait]
impl Shares for Engine {
    async fn review_share(&self, caller: &Caller, session: SessionId) -> Result<ShareReview, ApiError> {
        self.require(caller, &[Permission::Share]).await?;
        self.answer(manage::review(self, caller, session).await)
    }

    async fn create_share(&self, caller: &Caller, new: NewShare) -> Result<ShareRow, ApiError> {
        self.require(caller, &[Permission::Share]).await?;
        manage::create(self, caller, new).await
    }

    async fn revoke_share(&self, caller: &Caller, share: ShareId) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Share]).await?;
        manage::revoke(self, caller, share).await
    }

    async fn unlock_share(&self, token: &str, passcode: Raw<String>, from: &str) -> Result<String, ApiError> {
        passcode::unlock(self, token, passcode, from).await
    }

    async fn public_share(&self, token: &str, ticket: Option<&str>, from: &str) -> Result<PublicShare, ApiError> {
        public::page(self, token, ticket, from).await
    }

    async fn public_bundle(&self, token: &str, ticket: Option<&str>, from: &str) -> Result<Vec<u8>, ApiError> {
        public::bundle_json(self, token, ticket, from).await
    }
}
