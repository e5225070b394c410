//! How an action ended, before the totals and the receipt are added.

use domain::action::Outcome;

use crate::stop::StopReason;

/// How an action ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code, where a program gave one.
    pub exit: Option<i64>,
    /// More for a person; redacted before it is reported.
    pub note: String,
}

impl End {
    /// It did what it should.
    pub fn succeeded() -> Self {
        Self {
            outcome: Outcome::Succeeded,
            exit: None,
            note: String::new(),
        }
    }

    /// It ran and failed, for the reason that `note` gives.
    pub fn failed(note: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            exit: None,
            note: note.into(),
        }
    }

    /// It was told to end.
    pub fn stopped(reason: StopReason) -> Self {
        let (outcome, note) = match reason {
            StopReason::Cancelled => (
                Outcome::Cancelled,
                "It was cancelled, and everything that it had started was ended.",
            ),
            StopReason::TimedOut => (
                Outcome::TimedOut,
                "Its time limit was over, and everything that it had started was ended.",
            ),
            StopReason::AgentStopped => (
                Outcome::Cancelled,
                "The agent was stopped on the endpoint, and this with it.",
            ),
        };
        Self {
            outcome,
            exit: None,
            note: note.into(),
        }
    }
}

impl From<StopReason> for End {
    fn from(reason: StopReason) -> Self {
        Self::stopped(reason)
    }
}
