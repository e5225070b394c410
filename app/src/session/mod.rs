//! Sessions: the list, and the page on which a technician works and everybody else reads.
//!
//! Deliberately absent: what a command may do (the gate), how output is redacted (it arrives so), and how a session is
//! opened (from an endpoint's page).

pub mod access;
pub mod api;
pub mod button;
pub mod card;
pub mod compose;
mod composer;
mod context;
mod desk;
mod follow;
mod keeping;
pub mod lines;
mod list;
pub mod output;
mod page;
mod watch;

pub use context::grant;
pub use list::SessionsPage;
pub use page::SessionPage;

#[cfg(feature = "ssr")]
use std::str::FromStr;

#[cfg(feature = "ssr")]
use domain::api::{ApiError, Field, Proposal, SessionView};

/// An id from a form or an address.
///
/// # Errors
/// [`ApiError::NotFound`] when it isn't one: then there is nothing of that id.
#[cfg(feature = "ssr")]
pub(crate) fn parse_id<T: FromStr>(text: &str) -> Result<T, ApiError> {
    text.trim().parse().map_err(|_| ApiError::NotFound)
}

/// What was typed, as a proposal.
#[cfg(feature = "ssr")]
fn proposal(session: &str, verb: &str, text: &str) -> Result<Proposal, ApiError> {
    let command = compose::parse(verb, text).map_err(|m| ApiError::invalid(Field::Command, m.sentence))?;
    Ok(Proposal {
        session: parse_id(session)?,
        command,
    })
}

/// Cuts the output of every action but number `whole` to its last `keep` lines, and says how many lines come before.
#[cfg(feature = "ssr")]
fn shorten(view: &mut SessionView, whole: u64, keep: usize) -> Vec<u64> {
    let cut = |a: &mut domain::api::ActionView| {
        if a.number == whole {
            return 0;
        }
        let (kept, before) = lines::tail(std::mem::take(&mut a.output), keep);
        a.output = kept;
        before
    };
    view.actions.iter_mut().map(cut).collect()
}
