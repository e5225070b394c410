//! Whether all is here that a bundle says it holds.
//!
//! No signature covers the claim itself: whoever makes a bundle may claim less. So a report always says, in its checks,
//! what can be told of leaves left out.

use super::report::Findings;
use crate::bundle::Bundle;
use crate::leaf::{HeaderRef, fields};

/// Holds the bundle to what it claims to hold.
pub(crate) fn check(f: &mut Findings, b: &Bundle, headers: &[HeaderRef<'_>]) {
    if b.scope.whole {
        return check_whole(f, b);
    }
    match &b.scope.session {
        Some(session) => check_session(f, b, headers, session),
        None => f.check("These are some leaves of the record; nothing tells which others belong to them."),
    }
}

fn check_whole(f: &mut Findings, b: &Bundle) {
    let here = b.leaves.iter().map(|l| Some(l.index)).chain(std::iter::repeat(None));
    match (0..b.size)
        .zip(here)
        .find(|(expected, found)| *found != Some(*expected))
    {
        Some((index, _)) => {
            let what = format!("Leaf {index}: it is missing, and all leaves should be here.");
            f.altered(Some(index), what);
        }
        None => f.check("Every leaf of the record is here."),
    }
}

/// A session begins with `session.opened`, and its `session.closed` counts its leaves before that one.
fn check_session(f: &mut Findings, b: &Bundle, headers: &[HeaderRef<'_>], session: &str) {
    let leaves: Vec<&HeaderRef<'_>> = headers
        .iter()
        .filter(|h| h.reference("session").is_some_and(|s| s == session))
        .collect();
    if !leaves.iter().any(|h| h.kind == "session.opened") {
        return f.altered(
            None,
            "This should be a whole session, and the leaf that opened it is not here.",
        );
    }
    let Some(closed) = leaves.iter().find(|h| h.kind == "session.closed").map(|h| h.index) else {
        return f.check("The session was still open, so nothing tells whether all of its leaves are here.");
    };
    let here = leaves.iter().filter(|h| h.index < closed).count() as u64;
    match counted(b, closed) {
        Some(n) if n == here => f.check(format!("All {n} leaves before the session's end are here.")),
        Some(n) => f.altered(
            None,
            format!("The session was closed with {n} leaves before its end, and {here} are here."),
        ),
        None => f.check("The session's own count of its leaves is withheld, so nothing tells whether all are here."),
    }
}

/// The member `leaves` of the group `what` of the leaf at `index`, where it is here.
fn counted(b: &Bundle, index: u64) -> Option<u64> {
    let leaf = b.leaves.iter().find(|l| l.index == index)?;
    fields(&leaf.groups, "what", ["leaves"])[0]?.parse().ok()
}
