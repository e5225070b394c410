//! What the frame asks the server: who is signed in and what waits for them.

use domain::api::RecordAlarm;
use domain::roles::{Permission, Roles};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Their name.
    pub name: String,
    /// Their roles.
    pub roles: Roles,
    /// Requests that they may decide now.
    pub to_decide: u64,
    /// Requests of their own that wait for somebody else.
    pub waiting: u64,
    /// What is wrong with the record, for those who are told.
    pub alarm: Option<RecordAlarm>,
}

impl Me {
    /// Whether they hold any of these permissions.
    pub fn may_any(&self, permissions: &[Permission]) -> bool {
        permissions.iter().any(|p| self.roles.allow(*p))
    }
}

/// Who is signed in and what waits for them.
#[server(endpoint = "who_am_i")]
pub async fn who_am_i() -> Result<Me, AppError> {
    let caller = caller()?;
    let pending = backend()
        .approvals(&caller)
        .await?
        .into_iter()
        .filter(|r| r.state == domain::api::RequestState::Pending);
    let (decide, wait): (Vec<_>, Vec<_>) = pending.partition(|r| r.may_decide);
    let alarm = backend().record_alarm(&caller).await?;
    Ok(Me {
        alarm,
        name: caller.name,
        roles: caller.roles,
        to_decide: decide.len() as u64,
        waiting: wait.len() as u64,
    })
}
