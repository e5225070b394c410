//! Incidents: opening one where card data was found and none is expected, reading them, and closing them (R35).

mod close;
mod letters;
mod open;
mod read;

use async_trait::async_trait;
use domain::api::{ApiError, Disposition, IncidentRow, Incidents};
use domain::ids::DataIncidentId;
use domain::roles::{Caller, Permission};

use crate::engine::Engine;

pub use letters::Letter;
pub(crate) use open::{found, opened};
pub(crate) use read::still_open;

#[async_trait]
impl Incidents for Engine {
    async fn incidents(&self, caller: &Caller) -> Result<Vec<IncidentRow>, ApiError> {
        self.answer(read::all(self, caller).await)
    }

    async fn incident(&self, caller: &Caller, id: DataIncidentId) -> Result<IncidentRow, ApiError> {
        self.answer(read::one(self, caller, id).await)
    }

    async fn close_incident(
        &self,
        caller: &Caller,
        id: DataIncidentId,
        disposition: Disposition,
        note: String,
    ) -> Result<(), ApiError> {
        self.require(caller, &[Permission::Audit]).await?;
        close::close(self, caller, id, disposition, note).await
    }
}
