//! Server functions of endpoints.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{EndpointRow, EndpointView};
use domain::event::Named;
#[cfg(feature = "ssr")]
use domain::{
    api::{ApiError, Field, NewSession},
    ids::{ClientId, EndpointId},
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
    /// Whether they can confirm and remove it.
    pub may_remove: bool,
    /// The clients that it may be said to belong to: while it belongs to none, for who may say so.
    pub clients: Vec<Named>,
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
    let may_remove = caller.may(Permission::Administer);
    let clients = if may_remove && view.row.client.id.is_empty() {
        let all = backend().clients(&caller).await?;
        all.into_iter().map(|c| Named::new(c.id, c.name)).collect()
    } else {
        vec![]
    };
    Ok(EndpointData {
        view,
        may_open: caller.may(Permission::Initiate),
        may_remove,
        clients,
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

/// Confirms that the machine with the fingerprint that was shown is the right one, and whose it is.
#[server(endpoint = "confirm_endpoint")]
pub async fn confirm_endpoint(
    endpoint: String,
    shown: String,
    #[server(default)] client: String,
) -> Result<(), AppError> {
    let client = match client.as_str() {
        "" => None,
        id => Some(
            id.parse::<ClientId>()
                .map_err(|_| ApiError::invalid(Field::Client, "Choose a client from the list."))?,
        ),
    };
    Ok(backend()
        .confirm_endpoint(&caller()?, endpoint_id(&endpoint)?, shown, client)
        .await?)
}

/// Has an endpoint's agent updated.
#[server(endpoint = "update_endpoint")]
pub async fn update_endpoint(endpoint: String) -> Result<(), AppError> {
    Ok(backend().update_endpoint(&caller()?, endpoint_id(&endpoint)?).await?)
}

/// Has the agents of all of a client's endpoints updated.
#[server(endpoint = "update_client")]
pub async fn update_client(client: String) -> Result<(), AppError> {
    let client = client.parse::<ClientId>().map_err(|_| ApiError::NotFound)?;
    backend().update_client(&caller()?, client).await?;
    Ok(())
}

/// Removes an endpoint, with `now` without waiting for its agent, and goes to the list.
#[server(endpoint = "remove_endpoint")]
pub async fn remove_endpoint(endpoint: String, #[server(default)] now: bool) -> Result<(), AppError> {
    backend()
        .remove_endpoint(&caller()?, endpoint_id(&endpoint)?, now)
        .await?;
    send_to("/endpoints");
    Ok(())
}

#[cfg(feature = "ssr")]
fn endpoint_id(id: &str) -> Result<EndpointId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound)
}
