//! A share's passcode: what its readers have to know besides the link, which they are told in another way.
//!
//! A share sets no cookies. Who gave the passcode gets a ticket, which stands in the addresses of what the page loads, for a quarter of
//! an hour. It is derived from the server's secret and needs no row.

use std::ops::RangeInclusive;
use std::time::Duration;

use domain::api::{ApiError, Field};
use domain::digest::hex;
use domain::event::{Event, EventOutcome};
use domain::sensitive::Raw;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::public;
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::people;
use crate::store::entity::share;

/// How long a passcode is, in characters.
const LENGTH: RangeInclusive<usize> = 8..=100;
/// How long a ticket opens the share.
const TICKET: Duration = Duration::from_secs(15 * 60);
/// After this many wrong ones in a row …
const FAILURES: i64 = 10;
/// … nothing is tried for this long, as for a password.
const LOCK: Duration = Duration::from_secs(10 * 60);

/// The hash of a passcode that somebody chose.
pub(super) async fn hashed(engine: &Engine, passcode: Option<Raw<String>>) -> Result<Option<String>, ApiError> {
    let Some(passcode) = passcode else { return Ok(None) };
    if !LENGTH.contains(&passcode.borrowed().expose().chars().count()) {
        let message = "Choose a passcode of 8 to 100 characters, or none.";
        return Err(ApiError::invalid(Field::Passcode, message));
    }
    engine
        .answer(people::hash_password(&engine.0.deps, passcode).await)
        .map(Some)
}

/// Whether the ticket opens the share now.
pub(super) fn opens(engine: &Engine, s: &share::Model, ticket: Option<&str>) -> bool {
    let Some(passcode) = &s.passcode else { return true };
    let Some((until, given)) = ticket.and_then(|t| t.split_once('.')) else {
        return false;
    };
    let Ok(until) = until.parse().map(Timestamp) else {
        return false;
    };
    let right = engine.0.keys.share_ticket(s.org_id, s.id, passcode, until);
    // Hashes are compared, so that the time that it takes says nothing of the ticket.
    until > engine.now() && hash_secret(given) == hash_secret(&hex(&right))
}

/// Checks a passcode; gives a ticket.
pub(super) async fn unlock(
    engine: &Engine,
    token: &str,
    passcode: Raw<String>,
    from: &str,
) -> Result<String, ApiError> {
    let s = engine.answer(public::live(engine, token).await)?;
    let Some(hash) = s.passcode.clone() else {
        return Ok(String::new());
    };
    let (now, since) = (engine.now(), s.last_failure);
    if s.failures >= FAILURES && now.since(since) < LOCK {
        let left = LOCK.saturating_sub(now.since(since));
        refused(engine, &s, from, "locked").await?;
        return Err(ApiError::LockedOut {
            minutes: left.as_secs().div_ceil(60),
        });
    }
    // Hashing is slow on purpose: what is too long to be right is not hashed.
    let fits = passcode.borrowed().expose().chars().count() <= *LENGTH.end();
    let right = fits && engine.answer(people::check_password(passcode, Some(hash.clone())).await)?;
    if !right {
        refused(engine, &s, from, "wrong").await?;
        return Err(ApiError::WrongPasscode);
    }
    let until = now.plus(TICKET);
    let event = Event::ShareUnlocked { until };
    let forgotten = [(share::Column::Failures, Expr::value(0))];
    public::by_link(engine, &s, from, EventOutcome::Success, event, forgotten).await?;
    let ticket = engine.0.keys.share_ticket(s.org_id, s.id, &hash, until);
    Ok(format!("{}.{}", until.0, hex(&ticket)))
}

async fn refused(engine: &Engine, s: &share::Model, from: &str, reason: &'static str) -> Result<(), ApiError> {
    let event = Event::SharePasscodeRefused { reason: reason.into() };
    let counted = [
        (share::Column::Failures, Expr::col(share::Column::Failures).add(1)),
        (share::Column::LastFailure, Expr::value(engine.now())),
    ];
    public::by_link(engine, s, from, EventOutcome::Failure, event, counted).await
}
