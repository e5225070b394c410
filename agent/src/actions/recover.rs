//! After a start: what a former run left unfinished is ended truthfully, and never run again (R3, R14).

use std::sync::Arc;
use std::time::Duration;

use domain::action::{Outcome, RefusalReason};
use domain::digest::Digest;
use domain::ids::ActionId;
use redact::Settings;
use wire::ReportBody;

use super::execute::{Ended, finish};
use crate::agent::Agent;
use crate::end::End;
use crate::output;
use crate::spool::Standing;

/// Ends every order that was taken and whose end is not on record. To be called before the first connection.
pub async fn recover(agent: &Arc<Agent>) {
    for (action, order) in agent.journal.pending() {
        match agent.spool.standing(action) {
            None => not_run(agent, action, order).await,
            Some(standing) if standing.tally.ended => agent.journal_done(action).await,
            Some(standing) => unknown(agent, action, order, standing).await,
        }
    }
}

/// Nothing was said of a start, and a start is said before it happens.
async fn not_run(agent: &Arc<Agent>, action: ActionId, order: Digest) {
    tracing::warn!(%action, "an order was taken but not started before the agent ended; it will not run");
    let detail = "The agent ended after it had taken the order and before it started it.".into();
    let refused = ReportBody::Refused {
        reason: RefusalReason::NotRun,
        detail,
    };
    output::append(&agent.spool, action, order, vec![refused]).await;
    agent.journal_done(action).await;
}

async fn unknown(agent: &Arc<Agent>, action: ActionId, order: Digest, standing: Standing) {
    tracing::warn!(%action, "the agent ended while an action ran");
    let mut note = "The agent ended while this ran, so how it ended is not known. The output is complete up to the time given as its end.".to_owned();
    if standing.torn {
        note.push_str(" A last piece that was being written then is lost.");
    }
    // The file's time is the endpoint's clock at the last write; a clock set back meanwhile must not end it before its start.
    let started = standing.tally.started.unwrap_or(standing.written);
    let finished = standing.written.max(started);
    let took: Duration = finished.since(started);
    let end = End {
        outcome: Outcome::Unknown,
        exit: None,
        note,
    };
    finish(
        agent,
        action,
        order,
        Ended {
            end,
            started,
            finished,
            took,
            ran: None,
        },
        &Settings::default(),
    )
    .await;
}

impl Agent {
    /// Marks an order's end as being in the spool.
    pub(super) async fn journal_done(self: &Arc<Self>, action: ActionId) {
        let agent = Arc::clone(self);
        match tokio::task::spawn_blocking(move || agent.journal.done(action)).await {
            Ok(Ok(())) => {}
            Ok(Err(e)) => tracing::warn!(error = %e, "the journal can't be written"),
            Err(e) => tracing::warn!(error = %e, "the journal was not written"),
        }
    }
}
