//! Server functions of endpoints.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{EndpointRow, EndpointView};
#[cfg(feature = "ssr")]
use domain::{
    api::{ApiError, NewSession},
    ids::EndpointId,
    roles::Permission,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller, send_to};

/// An endpoint, with what the person may do there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointData {
    /// The endpoint.
    pub view: EndpointView,
    /// Whether they can open a session.
    pub may_open: bool,
    /// Whether they can remove it.
    pub may_remove: bool,
}

/// The endpoints.
#[server(endpoint = "list_endpoints")]
pub async fn list_endpoints() -> Result<Vec<EndpointRow>, AppError> {
    Ok(backend().endpoints(&caller()?).await?)
}

/// One endpoint.
#[server(endpoint = "read_endpoint")]
pub async fn read_endpoint(id: String) -> Result<EndpointData, AppError> {
    let caller = caller()?;
    let view = backend().endpoint(&caller, endpoint_id(&id)?).await?;
    Ok(EndpointData {
        view,
        may_open: caller.may(Permission::Initiate),
        may_remove: caller.may(Permission::Administer),
    })
}

/// Opens a session and goes to it.
#[server(endpoint = "open_session")]
pub async fn open_session(endpoint: String, reason: String, ticket: String) -> Result<(), AppError> {
    let new = NewSession {
        endpoint: endpoint_id(&endpoint)?,
        reason,
        ticket,
    };
    let session = backend().open_session(&caller()?, new).await?;
    send_to(&format!("/sessions/{session}"));
    Ok(())
}

/// Removes an endpoint and goes to the list.
#[server(endpoint = "remove_endpoint")]
pub async fn remove_endpoint(endpoint: String) -> Result<(), AppError> {
    backend().remove_endpoint(&caller()?, endpoint_id(&endpoint)?).await?;
    send_to("/endpoints");
    Ok(())
}

#[cfg(feature = "ssr")]
fn endpoint_id(id: &str) -> Result<EndpointId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound)
}
