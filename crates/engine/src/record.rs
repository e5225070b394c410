//! The record itself: its state, one leaf with its proof, and verifying all of it.

mod check;
mod read;
mod status;
mod verify;
mod witnesses;

use async_trait::async_trait;
use domain::api::{ApiError, LeafView, Record, RecordAlarm, RecordStatus};
use domain::roles::{Caller, Permission};

use crate::engine::Engine;

pub(crate) use check::Checked;
pub(crate) use read::{StoredLeaf, stored};
pub(crate) use status::check_head;
pub use verify::VerifyError;
pub(crate) use witnesses::witnessed;

#[async_trait]
impl Record for Engine {
    async fn record_status(&self, caller: &Caller) -> Result<RecordStatus, ApiError> {
        self.require(caller, &[Permission::Audit, Permission::Administer])
            .await?;
        self.answer(status::status(self, caller).await)
    }

    async fn record_alarm(&self, caller: &Caller) -> Result<Option<RecordAlarm>, ApiError> {
        let may = caller.may(Permission::Audit) || caller.may(Permission::Administer);
        Ok(self.checked(caller.org).filter(|_| may).and_then(|check| check.alarm))
    }

    async fn leaf(&self, caller: &Caller, index: u64) -> Result<LeafView, ApiError> {
        self.require(caller, &[Permission::Audit]).await?;
        self.answer(status::leaf(self, caller, index).await)
    }
}
