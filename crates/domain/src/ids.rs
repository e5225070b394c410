//! Identifiers: one newtype per thing, so that one can't be passed for another. All are UUIDs (version 7 when made by
//! the engine, so that they sort by the time of their making); making them is the engine's, since it takes a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(s: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(s).map(Self).map_err(|_| NotAnId)
            }
        }

        // Composite keys (org_id, id) make SeaORM ask for this; a UUID is never made from a row number.
        #[cfg(feature = "orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

/// The text is not an identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an identifier")]
pub struct NotAnId;

ids! {
    /// An organisation: the tenant.
    OrgId;
    /// A person who can sign in to an org.
    PersonId;
    /// A client of an org.
    ClientId;
    /// An enrolled machine.
    EndpointId;
    /// An enrolment token.
    TokenId;
    /// A troubleshooting visit to one endpoint.
    SessionId;
    /// One thing done on the endpoint.
    ActionId;
    /// A question to an approver.
    RequestId;
    /// A live authorisation with scope, uses and window.
    GrantId;
    /// A public, frozen transcript.
    ShareId;
    /// A note on a session.
    NoteId;
    /// An event in the record.
    EventId;
    /// Card data found where none is expected.
    DataIncidentId;
    /// A legal hold.
    HoldId;
    /// An error that was logged; quoted by the person who saw it.
    IncidentId;
}
