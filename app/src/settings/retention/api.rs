//! Server functions of retention and legal holds.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::RetentionView;
#[cfg(feature = "ssr")]
use domain::api::{ApiError, Field, HoldOn};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};
#[cfg(feature = "ssr")]
use crate::session::parse_id;

/// What is set, and what the reader may do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPageData {
    /// What is set and held.
    pub view: RetentionView,
    /// Whether the reader may change it.
    pub may_change: bool,
    /// Whether the reader may open the other settings.
    pub may_administer: bool,
}

/// How long texts are kept, and what is held.
#[server(endpoint = "read_retention")]
pub async fn read_retention() -> Result<RetentionPageData, AppError> {
    use domain::roles::Permission;
    let caller = caller()?;
    Ok(RetentionPageData {
        view: backend().retention(&caller).await?,
        may_change: caller.may(Permission::Retain),
        may_administer: caller.may(Permission::Administer),
    })
}

/// Sets for how many days texts are kept: of a client, or of all where none is named. Without a number a client's are kept as
/// long as all others.
#[server(endpoint = "set_retention")]
pub async fn set_retention(#[server(default)] client: String, #[server(default)] days: String) -> Result<(), AppError> {
    let caller = caller()?;
    let client = match client.as_str() {
        "" => None,
        id => Some(parse_id(id)?),
    };
    let days = match days.trim() {
        "" => None,
        days => Some(days.parse().map_err(|_| {
            ApiError::invalid(Field::Days, format!("“{days}” is no number of days. Write it as: 2557"))
        })?),
    };
    Ok(backend().set_retention(&caller, client, days).await?)
}

/// Puts a session's texts under a legal hold, or all of a client, or everything where neither is named.
#[server(endpoint = "place_hold")]
pub async fn place_hold(
    #[server(default)] client: String,
    #[server(default)] session: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let caller = caller()?;
    let on = match (client.as_str(), session.as_str()) {
        ("", "") => HoldOn::All,
        (client, "") => HoldOn::Client(parse_id(client)?),
        ("", session) => HoldOn::Session(parse_id(session)?),
        _ => {
            return Err(ApiError::invalid(Field::Client, "A hold is on a client or on a session, not on both.").into());
        }
    };
    backend().place_hold(&caller, on, reason).await?;
    Ok(())
}

/// Ends a legal hold.
#[server(endpoint = "release_hold")]
pub async fn release_hold(hold: String, #[server(default)] reason: String) -> Result<(), AppError> {
    let caller = caller()?;
    Ok(backend().release_hold(&caller, parse_id(&hold)?, reason).await?)
}
