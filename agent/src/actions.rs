//! Orders from arrival to their last report. An order is verified, journalled, prepared against the live system, said to
//! have started, and only then run; whatever stops it on the way is reported as its refusal (R10, R22).

mod accept;
mod execute;
mod recover;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::action::RefusalReason;
use domain::digest::Digest;
use domain::ids::ActionId;
use domain::sensitive::Raw;
use ed25519_dalek::VerifyingKey;
use redact::Settings;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use wire::{ActionRedaction, ReportBody, SignedOrder};

use crate::agent::Agent;
use crate::output;
use crate::stop::{StopReason, StopSignal, Stopper};

pub use recover::recover;

/// Actions that run at the same time; more wait their turn.
const AT_ONCE: usize = 8;

/// When the agent stops, actions have this long to end and write down how.
const STOPPING: Duration = Duration::from_secs(8);

/// The orders in hand.
#[derive(Debug)]
pub struct Actions {
    agent: Arc<Agent>,
    turns: Semaphore,
    running: Mutex<Running>,
    ended: Notify,
    stuck: Notify,
}

/// What runs, and whether more is taken.
#[derive(Debug, Default)]
struct Running {
    actions: HashMap<ActionId, Stopper>,
    closed: bool,
}

/// Why an order does not run.
#[derive(Debug)]
enum NoRun {
    /// To be reported.
    Refused(RefusalReason, String),
    /// It runs or ran already: its reports say everything.
    Known,
    /// The disk did not take it. Nothing happened; the server will send it again on the next connection.
    Disk(io::Error),
}

impl Actions {
    /// No orders yet.
    pub fn new(agent: Arc<Agent>) -> Arc<Self> {
        let running = Mutex::default();
        Arc::new(Self {
            agent,
            turns: Semaphore::new(AT_ONCE),
            running,
            ended: Notify::new(),
            stuck: Notify::new(),
        })
    }

    /// Takes an order, with what the server said just before about redacting its output; everything else about it shows in its
    /// reports.
    pub fn order(self: &Arc<Self>, signed: SignedOrder, redaction: Option<ActionRedaction>) {
        let Some(action) = signed.claimed_action() else { return };
        let (stopper, stop) = Stopper::new();
        {
            let mut running = self.lock();
            if running.closed {
                tracing::debug!(%action, "an order came while none are taken; the server sends it again");
                return;
            }
            if running.actions.contains_key(&action) {
                tracing::debug!(%action, "an order for an action in hand came again");
                return;
            }
            running.actions.insert(action, stopper);
        }
        // The key as it stands when the order arrives: a new one that comes after it is not the one it was signed with.
        let key = self.agent.order_key.now();
        let redaction = redaction.filter(|r| r.action == action);
        let actions = Arc::clone(self);
        tokio::spawn(async move {
            actions.see_through(action, &signed, redaction, &key, stop).await;
            actions.lock().actions.remove(&action);
            actions.ended.notify_waiters();
        });
    }

    /// Ends an action, if it is in hand.
    pub fn cancel(&self, action: ActionId) {
        if let Some(stopper) = self.lock().actions.get(&action) {
            stopper.stop(StopReason::Cancelled);
        }
    }

    /// Ends all actions and waits until they wrote down how, for a while.
    pub async fn stop_all(&self) {
        for stopper in self.lock().actions.values() {
            stopper.stop(StopReason::AgentStopped);
        }
        let gone = async {
            loop {
                let ended = self.ended.notified();
                if self.lock().actions.is_empty() {
                    return;
                }
                ended.await;
            }
        };
        if timeout(STOPPING, gone).await.is_err() {
            tracing::warn!("some actions did not end in time; the next start will say so");
        }
    }

    /// Takes no more orders from now on. The server keeps what is not taken, and sends it on the next connection.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Whether no orders are taken any more.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Returns once nothing runs; from then on, nothing is taken any more.
    pub async fn close_when_idle(&self) {
        loop {
            let ended = self.ended.notified();
            {
                let mut running = self.lock();
                if running.actions.is_empty() {
                    running.closed = true;
                    return;
                }
            }
            ended.await;
        }
    }

    /// Returns when an order could not be taken because of the disk: the connection should be made anew later, so that the
    /// server sends it again.
    pub async fn stuck(&self) {
        self.stuck.notified().await;
    }

    async fn see_through(
        &self,
        action: ActionId,
        signed: &SignedOrder,
        redaction: Option<ActionRedaction>,
        key: &VerifyingKey,
        mut stop: StopSignal,
    ) {
        match self.accept(signed, key, &mut stop).await {
            Ok(accepted) => self.execute(accepted, redaction, signed.digest(), stop).await,
            Err(NoRun::Refused(reason, detail)) => {
                self.refuse(action, signed.digest(), reason, &detail, &Settings::default())
                    .await;
            }
            Err(NoRun::Known) => tracing::debug!(%action, "an order that was taken before came again"),
            Err(NoRun::Disk(e)) => {
                tracing::error!(error = %e, "an order can't be written down, so it is not run");
                self.stuck.notify_one();
            }
        }
    }

    /// Reports a refusal, unless the action has reports that are still under way: then nothing may come between them.
    async fn refuse(&self, action: ActionId, order: Digest, reason: RefusalReason, detail: &str, settings: &Settings) {
        if self.agent.spool.standing(action).is_some() {
            tracing::warn!(%action, reason = reason.word(), "an order was refused for an action that has reports under way");
            return;
        }
        tracing::info!(%action, reason = reason.word(), "refused");
        let detail = redacted(settings, detail);
        output::append(
            &self.agent.spool,
            action,
            order,
            vec![ReportBody::Refused { reason, detail }],
        )
        .await;
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text for a report, without what is sensitive.
fn redacted(settings: &Settings, text: &str) -> String {
    redact::redact(settings, Raw::new(text)).into_parts().0
}
