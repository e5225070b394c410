//! The one error that crosses a port. Closed, so that nothing internal can be put into it.

use serde::{Deserialize, Serialize};

use crate::action::RefusalReason;
use crate::finding::FindingKind;
use crate::ids::IncidentId;
use crate::roles::Permission;

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ApiError {
    /// Nobody is signed in, or the web session ended.
    #[error("You are signed out. Sign in and try again.")]
    SignedOut,
    /// E-mail or password is wrong. It doesn't say which.
    #[error("That e-mail address and password don't match an account.")]
    WrongCredentials,
    /// Too many failed sign-ins for this account or address.
    #[error("Too many failed sign-ins. Wait {minutes} minutes and try again.")]
    LockedOut {
        /// Minutes until the next try is taken.
        minutes: u64,
    },
    /// The share has a passcode, and none was given, or so long ago that it has to be given again.
    #[error("This needs the passcode that whoever shared it chose. Ask them for it.")]
    PasscodeNeeded,
    /// The share has another passcode.
    #[error("That is not the passcode of this link. Check it and try again.")]
    WrongPasscode,
    /// A one-time link or enrolment token that was used, has expired or never was.
    #[error("This link is used up or has expired. Ask for a new one.")]
    LinkSpent,
    /// The caller's roles don't allow it.
    #[error("This needs the permission to {}. Ask an admin of your organisation.", needs.to_do())]
    Forbidden {
        /// What is missing.
        needs: Permission,
    },
    /// There is no such thing, or the caller may not know that there is.
    #[error("There is nothing here. It may have been removed, or the address may be mistyped.")]
    NotFound,
    /// A field of a form is wrong.
    #[error("{message}")]
    Invalid {
        /// Which field.
        field: Field,
        /// What to change, as a sentence.
        message: String,
    },
    /// The command, note or search text holds a value that is never stored.
    #[error("This holds what looks like a {}. Countersign doesn't store those: take it out and try again.", kind.label())]
    Sensitive {
        /// What it looks like.
        kind: FindingKind,
    },
    /// Something else happened first.
    #[error("{0}")]
    Conflict(Conflict),
    /// The gate said no; the refusal is in the record.
    #[error("{}", reason.sentence())]
    Refused {
        /// Why.
        reason: RefusalReason,
    },
    /// The record can't be written, so nothing was done.
    #[error("The record can't be written right now, so nothing was done. It resumes by itself; try again in a moment.")]
    RecordUnavailable,
    /// The record as stored is not the one that was signed, so nothing is added to it and nothing was done.
    #[error(
        "The record on this server is not the one that it signed: somebody changed it. Nothing is added to it until an administrator has looked, so nothing was done."
    )]
    RecordAltered,
    /// Something broke. The details are in the server's log under this id.
    #[error("Something went wrong on our side and nothing was done. Quote incident {incident} to your administrator.")]
    Internal {
        /// To be quoted.
        incident: IncidentId,
    },
}

/// What happened first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Somebody else decided.
    #[error("Somebody else decided a moment ago. Look at it again.")]
    AlreadyDecided,
    /// What was shown is no longer what is asked.
    #[error("What you were shown is no longer what is asked. Read it again.")]
    StaleStatement,
    /// The session is closed.
    #[error("The session is closed.")]
    SessionClosed,
    /// The action ended already.
    #[error("The action has ended.")]
    ActionEnded,
    /// The name or address is taken.
    #[error("That is taken already.")]
    Taken,
    /// The endpoint was removed.
    #[error("The endpoint was removed.")]
    EndpointRemoved,
    /// The endpoint is being removed.
    #[error("The endpoint is being removed. Its agent ends what runs first; an admin can remove it without waiting.")]
    EndpointRemoving,
    /// The endpoint belongs to no client yet.
    #[error("This machine belongs to no client yet. An admin says which, and confirms it, on the endpoint's page.")]
    EndpointUnassigned,
    /// The endpoint needs no confirmation.
    #[error("Somebody has confirmed this machine already. Look at it again.")]
    AlreadyConfirmed,
    /// Somebody else changed the settings.
    #[error(
        "Somebody else changed these settings a moment ago, so nothing was saved. Load the page again and look at them."
    )]
    StaleSettings,
    /// Somebody closed the incident.
    #[error("Somebody has closed this incident already. Look at it again.")]
    IncidentClosed,
    /// A legal hold forbids it.
    #[error(
        "A legal hold forbids erasing this. Release the hold first, if it may be released. The record says that it was tried."
    )]
    Held,
    /// The hold was released.
    #[error("Somebody has released this hold already. Look at it again.")]
    HoldReleased,
    /// It was erased.
    #[error("What was written here was erased. The record says by whom and why.")]
    Erased,
    /// Only what is over can be erased.
    #[error("The session is still open, so its texts can't be erased yet. Close it first.")]
    NotOver,
    /// The share has a newer version.
    #[error("This link has a newer version already. Load the page again and go on from that one.")]
    ShareReplaced,
    /// There is nothing to update to.
    #[error(
        "There is no release that this agent could be updated to. The server's operator puts releases into its folder."
    )]
    NoRelease,
    /// The enrolment token can't be used any more.
    #[error("The token is used up, revoked or expired already. Make a new one.")]
    TokenEnded,
}

/// Fields of forms, so that an error can stand beside the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is a form's field of that name")]
pub enum Field {
    Email,
    Password,
    Name,
    Roles,
    Client,
    Tags,
    Hosts,
    Contact,
    Reason,
    Ticket,
    Note,
    Command,
    Scope,
    From,
    Until,
    Text,
    Host,
    Uses,
    Expires,
    MerchantIds,
    Terms,
    Patterns,
    Disposition,
    Days,
    Withheld,
    Passcode,
    Other,
}

impl ApiError {
    /// An invalid field.
    pub fn invalid(field: Field, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut | Self::WrongCredentials => 401,
            Self::LockedOut { .. } => 429,
            Self::Forbidden { .. } | Self::PasscodeNeeded | Self::WrongPasscode => 403,
            Self::NotFound => 404,
            Self::LinkSpent => 410,
            Self::Invalid { .. } | Self::Sensitive { .. } => 422,
            Self::Conflict(_) | Self::Refused { .. } => 409,
            Self::RecordUnavailable | Self::RecordAltered => 503,
            Self::Internal { .. } => 500,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invariant 9: every variant reads as a sentence for people and holds nothing internal.
    #[test]
    fn every_variant_says_what_happened_and_what_now() {
        let incident = IncidentId(uuid::Uuid::nil());
        let all = [
            ApiError::SignedOut,
            ApiError::WrongCredentials,
            ApiError::LockedOut { minutes: 5 },
            ApiError::PasscodeNeeded,
            ApiError::WrongPasscode,
            ApiError::LinkSpent,
            ApiError::Forbidden {
                needs: Permission::Audit,
            },
            ApiError::NotFound,
            ApiError::invalid(Field::Reason, "Say why you open it."),
            ApiError::Sensitive {
                kind: FindingKind::Card,
            },
            ApiError::Conflict(Conflict::AlreadyDecided),
            ApiError::Refused {
                reason: RefusalReason::SelfApproval,
            },
            ApiError::RecordUnavailable,
            ApiError::RecordAltered,
            ApiError::Internal { incident },
        ];
        for e in all {
            let text = e.to_string();
            assert!(text.ends_with('.') && text.len() > 8, "{text}");
            assert!((400..=503).contains(&e.status()));
            let json = serde_json::to_string(&e).unwrap();
            assert_eq!(serde_json::from_str::<ApiError>(&json).unwrap(), e);
        }
    }
}
