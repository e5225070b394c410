//! Approval requests, decisions and grants.

pub(crate) mod ask;
mod decide;
pub(crate) mod end;
pub(crate) mod grants;
pub(crate) mod list;
mod view;

use async_trait::async_trait;
use domain::api::{ApiError, ApprovalRow, ApprovalView, Approvals, AskAccess, Decision};
use domain::ids::{GrantId, RequestId};
use domain::roles::Caller;

use crate::engine::Engine;

#[async_trait]
impl Approvals for Engine {
    async fn ask_access(&self, caller: &Caller, ask: AskAccess) -> Result<RequestId, ApiError> {
        ask::ask_access(self, caller, ask).await
    }

    async fn approvals(&self, caller: &Caller) -> Result<Vec<ApprovalRow>, ApiError> {
        self.answer(list::rows(self, caller).await)
    }

    async fn approval(&self, caller: &Caller, id: RequestId) -> Result<ApprovalView, ApiError> {
        view::view(self, caller, id).await
    }

    async fn decide(&self, caller: &Caller, decision: Decision) -> Result<(), ApiError> {
        decide::decide(self, caller, decision).await
    }

    async fn withdraw_request(&self, caller: &Caller, id: RequestId) -> Result<(), ApiError> {
        end::withdraw(self, caller, id).await
    }

    async fn revoke_grant(&self, caller: &Caller, id: GrantId) -> Result<(), ApiError> {
        grants::revoke(self, caller, id).await
    }
}
