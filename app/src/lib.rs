//! The views of Countersign and the server functions behind them: server-rendered first, hydrated afterwards, usable without
//! either script or WASM wherever nothing live is needed.
//!
//! Depends on `domain` (words and ports) and `audit` (verification), never on the engine: server functions reach the backend
//! as a trait object from the request's context ([`ctx`]). Deliberately absent: business rules, persistence, sessions.

#![expect(
    unreachable_pub,
    reason = "Leptos' macros give the inner functions that they make the visibility of the outer ones"
)]

pub mod account;
pub mod answer;
pub mod api_error;
pub mod approvals;
#[cfg(feature = "ssr")]
pub mod ctx;
pub mod endpoints;
pub mod frame;
pub mod history;
pub mod incidents;
pub mod overview;
pub mod record;
mod routes;
pub mod session;
pub mod settings;
pub mod share;
pub mod share_page;
mod shell;
pub mod ui;

pub use routes::{App, param};
pub use shell::shell;
