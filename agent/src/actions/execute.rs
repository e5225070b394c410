//! Running an accepted order, and saying how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::action::RefusalReason;
use domain::digest::{Digest, unhex};
use domain::redaction::RedactionSettings;
use domain::timestamp::Timestamp;
use redact::{SessionKey, Settings};
use tokio::time::sleep;
use wire::{ActionRedaction, Finish, Order, Ran, ReportBody};

use super::accept::Accepted;
use super::{Actions, NoRun, redacted};
use crate::agent::{Agent, VERSION};
use crate::clock;
use crate::day_log::{self, Line};
use crate::end::End;
use crate::endpoint_log::Entry;
use crate::output::{self, Output};
use crate::spool::Tally;
use crate::stop::{StopReason, StopSignal, Stopper};
use crate::verbs::{self, Refusal};

impl Actions {
    /// Prepares the action against the live system, says that it starts, runs it, and says how it ended.
    pub(super) async fn execute(
        &self,
        accepted: Accepted<'_>,
        redaction: Option<ActionRedaction>,
        digest: Digest,
        mut stop: StopSignal,
    ) {
        let (order, scope) = (&accepted.order, &accepted.scope);
        let settings = settings(order, redaction);
        let action = order.action.to_string();
        let preparing = verbs::prepare(&action, &order.command, scope, &self.agent.host);
        let prepared = match stop.or(preparing).await {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(Refusal { reason, detail })) => {
                return self.never_ran(order, digest, reason, &detail, &settings).await;
            }
            Err(_) => {
                let why = "It was ended before it started.";
                return self
                    .never_ran(order, digest, RefusalReason::NotRun, why, &settings)
                    .await;
            }
        };
        if let Err(forbidden) = self.locally_allowed_on(order, &prepared.resource).await {
            let (reason, why) = (RefusalReason::LocalPolicy, forbidden.to_string());
            return self.never_ran(order, digest, reason, &why, &settings).await;
        }
        let resource = redacted(&settings, &prepared.resource);
        let started = match self.say_started(order, digest, resource.clone(), &mut stop).await {
            Ok(started) => started,
            Err((reason, why)) => return self.never_ran(order, digest, reason, &why, &settings).await,
        };
        tracing::info!(action = %order.action, verb = order.command.name(), "started");
        self.note(order, &settings, day_log::RUNNING.to_owned());
        self.agent
            .endpoint_log
            .add(&Entry::new(order, &settings, &resource, "started"));

        let ran = Instant::now();
        let limit = self.limit(order);
        let mut output = Output::new(order.action, digest, &settings, Arc::clone(&self.agent.spool), stop);
        let end = prepared.run(&mut output, &self.agent.host).await;
        limit.abort();
        output.finish().await;
        let ended = Ended {
            end,
            started,
            finished: clock::now(),
            took: ran.elapsed(),
            ran: Some(Box::new(Ran {
                command: order.command_digest,
                statement: order.statement,
                agent_version: VERSION.to_owned(),
                receipt: String::new(),
            })),
        };
        tracing::info!(action = %order.action, outcome = ended.end.outcome.word(), "ended");
        self.note(order, &settings, ended.end.outcome.word().to_owned());
        self.agent
            .endpoint_log
            .add(&Entry::new(order, &settings, &resource, ended.end.outcome.word()));
        finish(&self.agent, order.action, digest, ended, &settings).await;
    }

    /// Makes durable that the action starts now. While the disk does not take that, it does not start; and it may become too
    /// late for it.
    async fn say_started(
        &self,
        order: &Order,
        digest: Digest,
        resource: String,
        stop: &mut StopSignal,
    ) -> Result<Timestamp, NeverRan> {
        loop {
            let at = clock::now();
            let body = Arc::new(vec![ReportBody::Started {
                at,
                resource: resource.clone(),
            }]);
            match output::try_append(&self.agent.spool, order.action, digest, &body).await {
                Ok(()) => return Ok(at),
                Err(e) => tracing::error!(error = %e, "a start can't be written down; waiting with it"),
            }
            if stop.or(sleep(output::RETRY)).await.is_err() {
                return Err((RefusalReason::NotRun, "It was ended before it started.".into()));
            }
            if let Err(NoRun::Refused(reason, why)) = self.check_time(order) {
                return Err((reason, why));
            }
        }
    }

    /// Reports why an order that was taken did not run.
    async fn never_ran(&self, order: &Order, digest: Digest, reason: RefusalReason, detail: &str, settings: &Settings) {
        let outcome = format!("refused: {}", reason.word());
        self.agent.endpoint_log.add(&Entry::new(order, settings, "", &outcome));
        self.note(order, settings, outcome);
        self.refuse(order.action, digest, reason, detail, settings).await;
        self.agent.journal_done(order.action).await;
    }

    /// Ends the action when its time is up.
    fn limit(&self, order: &Order) -> tokio::task::JoinHandle<()> {
        let stopper: Option<Stopper> = self.lock().actions.get(&order.action).cloned();
        let limit = Duration::from_secs(u64::from(order.time_limit_seconds));
        tokio::spawn(async move {
            sleep(limit).await;
            if let Some(stopper) = stopper {
                stopper.stop(StopReason::TimedOut);
            }
        })
    }

    fn note(&self, order: &Order, settings: &Settings, outcome: String) {
        let command = day_log::show_command(&order.command, settings);
        let basis = day_log::show_basis(&order.basis);
        self.agent.day_log.add(&Line {
            at: clock::now(),
            action: order.action,
            command,
            basis,
            session: Some(order.session),
            outcome,
        });
    }
}

/// Why an action that was taken never ran.
type NeverRan = (RefusalReason, String);

/// How an action ended, and when.
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) started: Timestamp,
    pub(super) finished: Timestamp,
    pub(super) took: Duration,
    /// What was run, as far as it is known: an agent that died meanwhile has the order's digest alone.
    pub(super) ran: Option<Box<Ran>>,
}

/// Makes an action's last report, with totals and receipt.
pub(super) async fn finish(
    agent: &Arc<Agent>,
    action: domain::ids::ActionId,
    order: Digest,
    ended: Ended,
    settings: &Settings,
) {
    let Some(standing) = agent.spool.standing(action) else {
        tracing::error!(%action, "nothing is in the spool of an action that started");
        return;
    };
    let Ended {
        end,
        started,
        finished,
        took,
        ran,
    } = ended;
    let Tally {
        stdout_bytes,
        stderr_bytes,
        lines,
        chunks,
        findings,
        output,
        ..
    } = standing.tally;
    let finish = Finish {
        outcome: end.outcome,
        exit: end.exit,
        started,
        finished,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        stdout_bytes,
        stderr_bytes,
        lines,
        chunks,
        findings,
        output: output.digest(),
        note: redacted(settings, &end.note),
        receipt: String::new(),
        ran,
    };
    match finish.sign(action, &order, &agent.identity.device_key) {
        Ok(finish) => {
            output::append(&agent.spool, action, order, vec![ReportBody::Finished(finish)]).await;
            agent.journal_done(action).await;
        }
        Err(e) => tracing::error!(error = %e, "an end can't be signed"),
    }
}

/// What the order says, with what was said beside it.
fn settings(order: &Order, redaction: Option<ActionRedaction>) -> Settings {
    let (more, key) = redaction.map(|r| (r.settings, r.session_key)).unwrap_or_default();
    let own = RedactionSettings {
        ip_addresses: order.redaction.ip_addresses,
        merchant_ids: order.redaction.merchant_ids.clone(),
        ..RedactionSettings::default()
    };
    // No key: placeholders without numbers.
    Settings::of(&more.with(&own), session_key(&key))
}

fn session_key(hex: &str) -> Option<SessionKey> {
    unhex(hex)?.try_into().ok().map(SessionKey::new)
}
