//! Shares: reviewed, frozen, public transcripts, read from the leaves alone.

mod bundle;
mod manage;
mod public;
mod sentences;

use async_trait::async_trait;
use domain::api::{ApiError, NewShare, PublicShare, ShareReview, ShareRow, Shares};
use domain::ids::{SessionId, ShareId};
use domain::roles::{Caller, Permission};

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

    async fn public_share(&self, token: &str, from: &str) -> Result<PublicShare, ApiError> {
        public::page(self, token, from).await
    }

    async fn public_bundle(&self, token: &str, from: &str) -> Result<Vec<u8>, ApiError> {
        public::bundle_json(self, token, from).await
    }
}
