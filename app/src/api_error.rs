//! The error of every server function: a [`domain::api::ApiError`], or a failure of the call itself.
//!
//! It crosses the wire as the JSON of a closed enum, so that nothing internal can be in it. Without JavaScript server_fn
//! sends the browser back to the form's page with the same JSON in the address (`__path`, `__err`): therefore only
//! [`ApiError`]'s codes, ids and sentences that we wrote ourselves may be in it, never what a person typed.
//! Deliberately absent: what a form does with it (`ui::form`), and any text of an error from a library.

use domain::api::{ApiError, Field};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use server_fn::Encodes;
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::{Bytes, Decodes};

/// Why a server function was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", content = "why", rename_all = "snake_case")]
pub enum AppError {
    /// The backend said no.
    Api(ApiError),
    /// The server could not be reached, or its answer was cut off. It is not known whether anything was done.
    Unreachable,
    /// The call could not be read: a page of another version, or a form that was tampered with. Nothing was done.
    Unreadable,
}

impl AppError {
    /// The heading: what happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Api(e) => match e {
                ApiError::SignedOut => "You are signed out",
                ApiError::WrongCredentials => "Sign-in failed",
                ApiError::LockedOut { .. } => "Sign-in is paused",
                ApiError::PasscodeNeeded | ApiError::WrongPasscode => "This needs its passcode",
                ApiError::LinkSpent => "This link can't be used",
                ApiError::Forbidden { .. } => "Not allowed",
                ApiError::NotFound => "Not found",
                ApiError::Invalid { .. } => "Something needs changing",
                ApiError::Sensitive { .. } => "This holds a sensitive value",
                ApiError::Conflict(_) => "Something else happened first",
                ApiError::Refused { .. } => "Refused, and recorded",
                ApiError::RecordUnavailable => "The record can't be written",
                ApiError::RecordAltered => "The record was altered",
                ApiError::Internal { .. } => "Something went wrong",
            },
            Self::Unreachable => "No connection to the server",
            Self::Unreadable => "This page is out of date",
        }
    }

    /// What it means and what to do, as one or two sentences.
    pub fn sentence(&self) -> String {
        match self {
            Self::Api(e) => e.to_string(),
            Self::Unreachable => {
                "The answer didn't arrive, so it isn't known whether this was done. Check the connection, look again, then repeat it."
                    .into()
            }
            Self::Unreadable => "The server couldn't read what this page sent, and nothing was done. Reload the page and try again.".into(),
        }
    }

    /// The incident to quote, where there is one.
    pub fn incident(&self) -> Option<String> {
        match self {
            Self::Api(ApiError::Internal { incident }) => Some(incident.to_string()),
            Self::Api(_) | Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// The message that belongs beside `field`, if this error is about it.
    pub fn at(&self, field: Field) -> Option<String> {
        match self {
            Self::Api(ApiError::Invalid { field: at, message }) if *at == field => Some(message.clone()),
            Self::Api(_) | Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// The field that this error is about.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Api(ApiError::Invalid { field, .. }) => Some(*field),
            Self::Api(_) | Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// Whether trying the same again may help.
    pub fn may_retry(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::Api(ApiError::RecordUnavailable | ApiError::Internal { .. })
        )
    }

    /// This error as it may stand in an address: without the one text that can quote what a person typed.
    pub fn for_address(&self) -> Self {
        match self {
            Self::Api(ApiError::Invalid { field, .. }) => {
                Self::Api(ApiError::invalid(*field, standing_message(*field)))
            }
            Self::Api(_) | Self::Unreachable | Self::Unreadable => self.clone(),
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::Api(e) => e.status(),
            Self::Unreachable => 502,
            Self::Unreadable => 400,
        }
    }
}

/// What is asked of a field, for a message that must not quote what was typed.
fn standing_message(field: Field) -> &'static str {
    match field {
        Field::Email => "Enter a whole e-mail address, such as jo@example.com.",
        Field::Password => "Use at least 12 characters, the same in both fields.",
        Field::Name => "Enter a name of at most 200 characters.",
        Field::Roles => "Choose at least one role that exists.",
        Field::Client => "Choose a client from the list.",
        Field::Tags => "Separate tags by commas; use letters, digits and hyphens.",
        Field::Hosts => "Write each host as name:port, one a line.",
        Field::Contact => "Choose people who hold the role approver.",
        Field::Reason => "Say why, in a few words.",
        Field::Ticket => "Enter a shorter ticket reference.",
        Field::Note => "Enter some text, at most a few pages of it.",
        Field::Command => "Check the command: a part is missing, too long or out of range.",
        Field::Scope => "Check the scope: it must be written out and lie within what was asked.",
        Field::From | Field::Until => "Write a UTC day or minute, such as 2026-03-01 or 2026-03-01T02:47.",
        Field::Text => "Enter a shorter text.",
        Field::Host => "Enter a host name of at most 100 characters, without spaces.",
        Field::Uses => "A token is for 1 to 10,000 machines; one for a named machine is for one.",
        Field::Expires => "Choose how long it works from the list.",
        Field::MerchantIds => {
            "Write each id on a line of its own: six characters or more, with a digit, without blanks."
        }
        Field::Terms => {
            "Write each word on a line of its own: three letters or more, and none that ordinary output is full of."
        }
        Field::Patterns => "Write each pattern on a line of its own, as: loyalty card = LC-########",
        Field::Disposition => "Choose what became of the data.",
        Field::Days => "Enter a number of days from 1 to 36,525.",
        Field::Withheld => "Choose what the link shows from the list.",
        Field::Passcode => "Choose a passcode of 8 to 100 characters, or none.",
        Field::Other => "Check what you entered.",
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for AppError {}

/// On the server this also gives the response the error's status, and sends whoever is signed out to the sign-in page.
impl From<ApiError> for AppError {
    fn from(e: ApiError) -> Self {
        let e = Self::Api(e);
        #[cfg(feature = "ssr")]
        crate::ctx::answer_with(&e);
        e
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// A plain form's error travels in the address.
    #[cfg(feature = "ssr")]
    fn ser(&self) -> Bytes {
        let shown = if crate::ctx::is_plain_form() {
            self.for_address()
        } else {
            self.clone()
        };
        // A closed enum of words, numbers and ids: serialising it can't fail.
        JsonEncoding::encode(&shown).unwrap_or_default()
    }

    /// The server reads an error only from an address, where anybody can have put it: only our own sentences are shown.
    #[cfg(feature = "ssr")]
    fn de(data: Bytes) -> Self {
        JsonEncoding::decode(data).map_or(Self::Unreadable, |e: Self| e.for_address())
    }

    /// Whoever is signed out is led to the sign-in page and back: server_fn follows no redirect of an answer that is an error.
    #[cfg(not(feature = "ssr"))]
    fn de(data: Bytes) -> Self {
        let error = JsonEncoding::decode(data).unwrap_or(Self::Unreadable);
        if error == Self::Api(ApiError::SignedOut) {
            crate::ui::browser::sign_in_first();
        }
        error
    }

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) | ServerFnErrorErr::ServerError(_) => {
                Self::Unreachable
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_) => {
                let e = Self::Unreadable;
                #[cfg(feature = "ssr")]
                crate::ctx::answer_with(&e);
                e
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::api::Conflict;

    use super::*;

    /// Invariant 9: whatever a library said, only our own words travel.
    #[test]
    fn the_text_of_a_library_does_not_travel() {
        let secret = "row 17 of table people";
        for e in [
            ServerFnErrorErr::ServerError(secret.into()),
            ServerFnErrorErr::Args(secret.into()),
            ServerFnErrorErr::Deserialization(secret.into()),
            ServerFnErrorErr::MiddlewareError(secret.into()),
        ] {
            let e = AppError::from_server_fn_error(e);
            assert!(!String::from_utf8_lossy(&e.ser()).contains(secret));
            assert!(!e.sentence().contains(secret));
        }
    }

    #[test]
    fn an_error_reads_back_from_its_bytes() {
        for e in [
            AppError::Api(ApiError::Conflict(Conflict::AlreadyDecided)),
            AppError::Api(ApiError::NotFound),
            AppError::Unreachable,
        ] {
            assert_eq!(AppError::de(e.ser()), e);
        }
        assert_eq!(AppError::de("not json".into()), AppError::Unreadable);
    }

    /// Without JavaScript an error travels in the address: nothing that was typed may be in it (R36).
    #[test]
    fn an_address_never_quotes_what_was_typed() {
        let typed = "4242 4242 4242 4242";
        let e = AppError::Api(ApiError::invalid(Field::Scope, format!("{typed} is not a scope.")));
        assert!(!String::from_utf8_lossy(&e.for_address().ser()).contains(typed));
        assert_eq!(e.for_address().field(), Some(Field::Scope));
    }

    #[test]
    fn a_message_stands_beside_its_field_only() {
        let e = AppError::Api(ApiError::invalid(Field::Reason, "Say why."));
        assert_eq!(e.at(Field::Reason).as_deref(), Some("Say why."));
        assert_eq!(e.at(Field::Ticket), None);
    }
}
