//! What the overview asks the server.

use domain::api::Overview;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};

/// The first page, with what the person may open from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// What is on it.
    pub overview: Overview,
    /// Whether endpoints have pages for them.
    pub may_read_endpoints: bool,
    /// Whether figures have rows for them.
    pub may_read_history: bool,
    /// Whether they can enrol endpoints.
    pub may_administer: bool,
    /// Whether they can open sessions.
    pub may_initiate: bool,
}

/// Reads the first page.
#[server(endpoint = "read_overview")]
pub async fn read_overview() -> Result<First, AppError> {
    use domain::roles::Permission::{Administer, Audit, Initiate};
    let caller = caller()?;
    let overview = backend().overview(&caller).await?;
    let (may_initiate, may_audit, may_administer) = (caller.may(Initiate), caller.may(Audit), caller.may(Administer));
    Ok(First {
        overview,
        may_read_endpoints: may_initiate || may_audit || may_administer,
        may_read_history: may_initiate || may_audit,
        may_administer,
        may_initiate,
    })
}
