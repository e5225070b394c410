//! The record itself: its state, one leaf with its proof, all of it as tiles, and verifying all of it.

mod check;
mod pack;
mod read;
mod status;
mod tiles;
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

/// Who may see how the record stands, and read its leaves.
const READERS: [Permission; 2] = [Permission::Audit, Permission::Administer];

#[async_trait]
impl Record for Engine {
    async fn record_status(&self, caller: &Caller) -> Result<RecordStatus, ApiError> {
        self.require(caller, &READERS).await?;
        self.answer(status::status(self, caller).await)
    }

    async fn record_alarm(&self, caller: &Caller) -> Result<Option<RecordAlarm>, ApiError> {
        let may = caller.may(Permission::Audit) || caller.may(Permission::Administer);
        Ok(self.alarm(caller.org).filter(|_| may))
    }

    async fn leaf(&self, caller: &Caller, index: u64) -> Result<LeafView, ApiError> {
        self.require(caller, &[Permission::Audit]).await?;
        self.answer(status::leaf(self, caller, index).await)
    }

    async fn log_checkpoint(&self, caller: &Caller) -> Result<String, ApiError> {
        self.require(caller, &READERS).await?;
        tiles::checkpoint(self, caller).await
    }

    async fn log_tile(&self, caller: &Caller, path: &str) -> Result<Vec<u8>, ApiError> {
        self.require(caller, &READERS).await?;
        self.answer(tiles::tile(self, caller, path).await)
    }
}
