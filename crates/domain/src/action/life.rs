//! The life of an action, as types: each step is made only from the one before it, and a step that runs something can be
//! made only with its [`Basis`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Command;
use crate::ids::{ActionId, EndpointId, GrantId, RequestId, SessionId};

/// Where an action stands, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// Waits for a person's decision.
    Waiting,
    /// Allowed; not sent yet.
    Authorised,
    /// Its order is durable and on its way, or waits for the endpoint to connect.
    Dispatched,
    /// The agent said that it started.
    Running,
    /// Ended, with an [`Outcome`].
    Finished,
    /// Will never run, with a [`RefusalReason`].
    Refused,
}

/// How a finished action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Ran to its end and reported success (exit code 0, or the verb's own success).
    Succeeded,
    /// Ran to its end and reported failure.
    Failed,
    /// Ended because a person cancelled it.
    Cancelled,
    /// Ended because its time was up.
    TimedOut,
    /// The agent died after it started; nobody can know how it ended.
    Unknown,
}

/// Why an action was allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Basis {
    /// A person approved exactly this.
    OneTime {
        /// The approval request that was decided.
        request: RequestId,
    },
    /// A live grant covers it.
    Grant {
        /// The grant.
        grant: GrantId,
        /// The request whose approval made the grant.
        request: RequestId,
    },
    /// A policy rule allows it.
    Policy {
        /// The rule's id, such as `inventory`.
        rule: String,
        /// The policy's version.
        version: u32,
    },
}

impl Basis {
    /// The word, as stored and exported.
    pub fn word(&self) -> &'static str {
        match self {
            Self::OneTime { .. } => "one_time",
            Self::Grant { .. } => "grant",
            Self::Policy { .. } => "policy",
        }
    }
}

/// Why something was refused. Every way around an approval has its own reason (R22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// A policy rule denies it.
    PolicyDenied,
    /// The approver denied it.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The technician took it back.
    Withdrawn,
    /// The session was closed first.
    SessionClosed,
    /// The requester tried to approve it.
    SelfApproval,
    /// The approver decided about something else than what stands now.
    StaleStatement,
    /// Somebody else had decided already.
    AlreadyDecided,
    /// The person is not, or no longer, an approver for this client.
    NotApprover,
    /// The client has no contact who could approve.
    NoApprover,
    /// Not within the scope that was approved.
    OutOfScope,
    /// The command is not the one that was approved.
    ChangedBytes,
    /// The order's signature is not the server's.
    BadSignature,
    /// The order is for another endpoint.
    WrongEndpoint,
    /// The order came too late.
    OrderExpired,
    /// The order was used before.
    Replayed,
    /// The order can't be read.
    Malformed,
    /// The endpoint can't do this.
    Unsupported,
    /// The endpoint was removed.
    EndpointRemoved,
    /// Nobody has confirmed yet that the machine is the right one.
    EndpointNotConfirmed,
    /// The agent stopped before it started the action.
    NotRun,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word, as stored and exported.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(s: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.word() == s).ok_or_else(|| format!("unknown {}: {s}", stringify!($name)))
            }
        }
    };
}

words!(ActionState {
    Waiting = "waiting", Authorised = "authorised", Dispatched = "dispatched", Running = "running", Finished = "finished", Refused = "refused",
});
words!(Outcome { Succeeded = "succeeded", Failed = "failed", Cancelled = "cancelled", TimedOut = "timed_out", Unknown = "unknown" });
words!(RefusalReason {
    PolicyDenied = "policy_denied", Denied = "denied", Expired = "expired", Withdrawn = "withdrawn", SessionClosed = "session_closed",
    SelfApproval = "self_approval", StaleStatement = "stale_statement", AlreadyDecided = "already_decided", NotApprover = "not_approver",
    NoApprover = "no_approver", OutOfScope = "out_of_scope", ChangedBytes = "changed_bytes", BadSignature = "bad_signature",
    WrongEndpoint = "wrong_endpoint", OrderExpired = "order_expired", Replayed = "replayed", Malformed = "malformed",
    Unsupported = "unsupported", EndpointRemoved = "endpoint_removed",
    EndpointNotConfirmed = "endpoint_not_confirmed", NotRun = "not_run",
});

impl RefusalReason {
    /// One sentence for the person it concerns.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PolicyDenied => "The policy denies this.",
            Self::Denied => "The approver denied it.",
            Self::Expired => "Nobody decided in time. Ask again.",
            Self::Withdrawn => "It was withdrawn before a decision.",
            Self::SessionClosed => "The session was closed first.",
            Self::SelfApproval => "Nobody approves their own request.",
            Self::StaleStatement => "What was shown is no longer what is asked. Read it again.",
            Self::AlreadyDecided => "Somebody else had already decided.",
            Self::NotApprover => "Only a contact of this client, with the role approver, may decide.",
            Self::NoApprover => "This client has no contact who could approve. An admin can name one.",
            Self::OutOfScope => "It reaches outside what was approved.",
            Self::ChangedBytes => "It is not what was approved, byte for byte.",
            Self::BadSignature => "The order was not signed by this endpoint's server.",
            Self::WrongEndpoint => "The order was made for another endpoint.",
            Self::OrderExpired => "The order came too late and was not run.",
            Self::Replayed => "The order had been used before.",
            Self::Malformed => "The order could not be read.",
            Self::Unsupported => "This endpoint can't do that.",
            Self::EndpointRemoved => "The endpoint was removed.",
            Self::EndpointNotConfirmed => {
                "Nobody has confirmed yet that this machine is the right one. An admin does, on the endpoint's page."
            }
            Self::NotRun => "The agent stopped before it started this; it did not run.",
        }
    }
}

/// An action in state `S`.
///
/// `Action<Authorised>` is what the dispatcher takes, and it comes only from [`Action::allow`], which takes a [`Basis`]:
///
/// ```compile_fail
/// use domain::action::{Action, Authorised};
/// fn forge(a: Action<domain::action::Proposed>) -> Action<Authorised> {
///     Action { state: Authorised { basis: unreachable!() }, ..a }
/// }
/// ```
/// ```compile_fail
/// use domain::action::{Action, Dispatched, Waiting};
/// fn skip(a: Action<Waiting>) -> Action<Dispatched> {
///     a.dispatch()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action<S> {
    id: ActionId,
    session: SessionId,
    endpoint: EndpointId,
    command: Command,
    state: S,
}

/// Asked for; nothing decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed(());

/// Waits for the decision of `request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    request: RequestId,
}

/// Allowed, on `basis`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorised {
    basis: Basis,
}

/// Its order is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatched(());

/// The agent started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running(());

/// Ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    outcome: Outcome,
}

/// Never ran, never will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    reason: RefusalReason,
}

impl<S> Action<S> {
    /// The action's id.
    pub fn id(&self) -> ActionId {
        self.id
    }

    /// The session it belongs to.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The endpoint it is for.
    pub fn endpoint(&self) -> EndpointId {
        self.endpoint
    }

    /// What it would do.
    pub fn command(&self) -> &Command {
        &self.command
    }

    fn with<T>(self, state: T) -> Action<T> {
        Action {
            id: self.id,
            session: self.session,
            endpoint: self.endpoint,
            command: self.command,
            state,
        }
    }
}

impl Action<Proposed> {
    /// A new action, with nothing decided.
    pub fn propose(id: ActionId, session: SessionId, endpoint: EndpointId, command: Command) -> Self {
        Self {
            id,
            session,
            endpoint,
            command,
            state: Proposed(()),
        }
    }

    /// Allowed at once, by a rule or a live grant.
    pub fn allow(self, basis: Basis) -> Action<Authorised> {
        self.with(Authorised { basis })
    }

    /// A person is asked.
    pub fn ask(self, request: RequestId) -> Action<Waiting> {
        self.with(Waiting { request })
    }

    /// Refused at once.
    pub fn refuse(self, reason: RefusalReason) -> Action<Refused> {
        self.with(Refused { reason })
    }
}

impl Action<Waiting> {
    /// A waiting action as stored. The store calls it with what it read in the same transaction.
    pub fn waiting(
        id: ActionId,
        session: SessionId,
        endpoint: EndpointId,
        command: Command,
        request: RequestId,
    ) -> Self {
        Self {
            id,
            session,
            endpoint,
            command,
            state: Waiting { request },
        }
    }

    /// The approver said yes to exactly this.
    pub fn approved(self) -> Action<Authorised> {
        let request = self.state.request;
        self.with(Authorised {
            basis: Basis::OneTime { request },
        })
    }

    /// Denied, expired, withdrawn …
    pub fn refuse(self, reason: RefusalReason) -> Action<Refused> {
        self.with(Refused { reason })
    }
}

impl Action<Authorised> {
    /// Why it is allowed.
    pub fn basis(&self) -> &Basis {
        &self.state.basis
    }

    /// The order is written, in the same transaction as this.
    pub fn dispatch(self) -> Action<Dispatched> {
        self.with(Dispatched(()))
    }
}

impl Action<Dispatched> {
    /// A dispatched action as stored.
    pub fn dispatched(id: ActionId, session: SessionId, endpoint: EndpointId, command: Command) -> Self {
        Self {
            id,
            session,
            endpoint,
            command,
            state: Dispatched(()),
        }
    }

    /// The agent started it.
    pub fn start(self) -> Action<Running> {
        self.with(Running(()))
    }

    /// The agent refused it, or never got it.
    pub fn refuse(self, reason: RefusalReason) -> Action<Refused> {
        self.with(Refused { reason })
    }
}

impl Action<Running> {
    /// A running action as stored.
    pub fn running(id: ActionId, session: SessionId, endpoint: EndpointId, command: Command) -> Self {
        Self {
            id,
            session,
            endpoint,
            command,
            state: Running(()),
        }
    }

    /// It ended.
    pub fn finish(self, outcome: Outcome) -> Action<Finished> {
        self.with(Finished { outcome })
    }
}

impl Action<Finished> {
    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.state.outcome
    }
}

impl Action<Refused> {
    /// Why it never ran.
    pub fn reason(&self) -> RefusalReason {
        self.state.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for reason in RefusalReason::ALL {
            assert_eq!(reason.word().parse(), Ok(*reason));
            assert_eq!(
                serde_json::to_value(reason).unwrap(),
                reason.word(),
                "the stored and the serialised word agree"
            );
        }
        for state in ActionState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.word());
        }
        assert!("approved".parse::<ActionState>().is_err());
    }
}
