//! Server functions of incidents.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::IncidentRow;
#[cfg(feature = "ssr")]
use domain::api::{ApiError, Disposition, Field};
use leptos::prelude::*;

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};
#[cfg(feature = "ssr")]
use crate::session::parse_id;

/// The incidents that the reader may see.
#[server(endpoint = "list_incidents")]
pub async fn list_incidents() -> Result<Vec<IncidentRow>, AppError> {
    Ok(backend().incidents(&caller()?).await?)
}

/// One of them.
#[server(endpoint = "read_incident")]
pub async fn read_incident(id: String) -> Result<IncidentRow, AppError> {
    Ok(backend().incident(&caller()?, parse_id(&id)?).await?)
}

/// Closes one.
#[server(endpoint = "close_incident")]
pub async fn close_incident(id: String, #[server(default)] disposition: String, note: String) -> Result<(), AppError> {
    let caller = caller()?;
    let chosen = Disposition::ALL.into_iter().find(|d| d.word() == disposition);
    let chosen = chosen.ok_or_else(|| ApiError::invalid(Field::Disposition, "Choose what became of the data."))?;
    Ok(backend().close_incident(&caller, parse_id(&id)?, chosen, note).await?)
}
