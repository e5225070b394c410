//! Why and when a running action has to end.

use std::future::{Future, pending};

use tokio::sync::watch;

/// Why an action is ended before its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A person cancelled it.
    Cancelled,
    /// Its time limit is over.
    TimedOut,
    /// The agent is being stopped.
    AgentStopped,
}

/// Asks one action to end. The first reason counts.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<Option<StopReason>>);

/// Seen by the action that has to end.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Receiver<Option<StopReason>>);

impl Stopper {
    /// A stopper and the signal that it gives.
    pub fn new() -> (Self, StopSignal) {
        let (sender, receiver) = watch::channel(None);
        (Self(sender), StopSignal(receiver))
    }

    /// Asks the action to end.
    pub fn stop(&self, reason: StopReason) {
        self.0
            .send_if_modified(|now| now.is_none() && now.replace(reason).is_none());
    }
}

impl StopSignal {
    /// The reason, if the action has to end.
    pub fn reason(&self) -> Option<StopReason> {
        *self.0.borrow()
    }

    /// Returns once the action has to end.
    pub async fn wait(&mut self) -> StopReason {
        let reason = match self.0.wait_for(Option::is_some).await {
            Ok(reason) => *reason,
            // Nobody is left who could ask.
            Err(_) => None,
        };
        match reason {
            Some(reason) => reason,
            None => pending().await,
        }
    }

    /// What `future` gives, unless the action has to end first.
    ///
    /// # Errors
    /// The reason to end; the future is dropped.
    pub async fn or<T>(&mut self, future: impl Future<Output = T>) -> Result<T, StopReason> {
        tokio::select! {
            biased;
            reason = self.wait() => Err(reason),
            value = future => Ok(value),
        }
    }
}
