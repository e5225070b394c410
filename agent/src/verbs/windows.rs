//! Verbs on Windows: files and registry keys checked by what was opened, services by the service control manager, logs from
//! the event log, all by the system's own calls.
//!
//! Such calls block, some for a long time; they run on threads of their own ([`aside`]), so that an action can always be
//! ended, and what they say reaches the output as it comes.

pub(super) mod accounts;
pub(super) mod file;
pub(super) mod log;
pub(super) mod net;
pub(super) mod registry;
pub(super) mod service;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use win::error::WinError;

use crate::end::End;
use crate::output::Output;
use crate::stop::{StopReason, StopSignal};

/// How long work that was told to end may take to say how it left things.
const PATIENCE: Duration = Duration::from_millis(800);

/// How many pieces of text may wait for the output.
const WAITING: usize = 16;

/// Something that only Windows does.
#[derive(Debug)]
pub(super) enum Task {
    /// Reading a registry key.
    Key(registry::Reading),
    /// Setting a value in the registry.
    Value(registry::Setting),
    /// Reading an event log.
    Log(log::Reading),
    /// Listing the services.
    Services,
    /// Asking about a service, or changing its state.
    Service(service::Asked),
}

impl Task {
    /// Does it.
    pub(super) async fn run(self, output: &mut Output) -> End {
        match self {
            Self::Key(reading) => aside(output, move |say| reading.run(say)).await,
            Self::Value(setting) => aside(output, move |say| setting.run(say)).await,
            Self::Log(reading) => aside(output, move |say| reading.run(say)).await,
            Self::Services => aside(output, service::list_all).await,
            Self::Service(asked) => aside(output, move |say| asked.run(say)).await,
        }
    }
}

/// What work on another thread says, and whether it has to end.
pub(super) struct Speaker {
    tell: mpsc::Sender<String>,
    stop: StopSignal,
}

impl Speaker {
    /// Says a piece of text. Waits while the output is behind.
    pub(super) fn say(&self, text: impl Into<String>) {
        // Nobody hears it once the action ended; `has_to_end` says so.
        let _ = self.tell.blocking_send(text.into());
    }

    /// Whether the action has to end.
    pub(super) fn has_to_end(&self) -> bool {
        self.stop.reason().is_some() || self.tell.is_closed()
    }
}

/// Runs work that blocks on a thread of its own. Its error is a sentence for the report.
pub(super) async fn aside(
    output: &mut Output,
    work: impl FnOnce(&Speaker) -> Result<(), String> + Send + 'static,
) -> End {
    let mut stop = output.stop_signal();
    let (tell, mut hear) = mpsc::channel(WAITING);
    let speaker = Speaker {
        tell,
        stop: stop.clone(),
    };
    let work = tokio::task::spawn_blocking(move || work(&speaker));
    loop {
        let said = match stop.or(hear.recv()).await {
            Ok(Some(text)) => output.say(&text).await,
            Ok(None) => break,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = said {
            drop(hear);
            return ended(reason, work).await;
        }
    }
    match work.await {
        Ok(Ok(())) => End::succeeded(),
        Ok(Err(why)) => End::failed(why),
        Err(e) => End::failed(format!("It failed on the way: {e}.")),
    }
}

/// How work that was told to end left things, if it says so in time.
async fn ended(reason: StopReason, work: JoinHandle<Result<(), String>>) -> End {
    let end = End::stopped(reason);
    let note = match timeout(PATIENCE, work).await {
        Ok(Ok(Ok(()))) => return end,
        Ok(Ok(Err(why))) => format!("It was told to end. {why}"),
        Ok(Err(e)) => format!("It was told to end, and failed: {e}."),
        Err(_) => "It was told to end; Windows has not answered its last call yet and carries on with that by itself."
            .to_owned(),
    };
    End { note, ..end }
}

/// An error of the system for people; where a right is missing, it says to whom.
pub(super) fn told(error: &WinError) -> String {
    if error.is_denied() {
        let account = win::accounts::own().unwrap_or_else(|_| "an account that can't be named".into());
        format!("permission denied. The agent runs as {account}, which may not do this ({error})")
    } else {
        error.to_string()
    }
}
