//! The ports between whoever shows the product (`app`, `server`) and whoever does it (`engine`): a small trait per area, the
//! plain data that crosses, and the one closed error that comes back.
//!
//! Every method takes the [`Caller`](crate::roles::Caller) first, save the few that make or resume one, or that serve a public
//! share. Data structs are flat and hold names as of the event they come from, never a key into somebody else's table.

mod accounts;
mod actions;
mod approvals;
mod endpoints;
mod error;
mod history;
mod incidents;
mod record;
mod redaction;
mod retention;
mod sessions;
mod shares;

pub use accounts::{Accounts, Invitation, NewLink, NewWebSession, PersonRow, SetPassword, SignIn};
pub use actions::{ActionView, Actions, BasisView, CommandPreview, OutputPiece, Proposal};
pub use approvals::{ApprovalRow, ApprovalView, Approvals, AskAccess, Decision, Done, GrantView, RequestState, Ruling};
pub use endpoints::{
    ClientRow, CloneFound, Confirmed, EndpointRow, EndpointState, EndpointView, Endpoints, NewClient, NewToken,
    Overview, TokenRow, TokenSpec, UpdateStage, UpdateView, Week, WeekDay,
};
pub use error::{ApiError, Conflict, Field};
pub use history::{Filter, History, HistoryPage, HistoryRow, MAX_PAGE};
pub use incidents::{Disposition, IncidentClosed, IncidentPlace, IncidentRow, Incidents};
pub use record::{LeafView, Record, RecordAlarm, RecordStatus, SelfCheck, WitnessView};
pub use redaction::{ClientRedaction, Redaction, RedactionView, SetRedaction, Tried, TriedFinding};
pub use retention::{
    ClientRetention, Erasure, ErasureCause, HoldOn, HoldView, LONGEST_DAYS, Retention, RetentionView, STANDARD_DAYS,
};
pub use sessions::{LiveItem, NewSession, NoteView, SessionRow, SessionView, Sessions};
pub use shares::{
    NewShare, PublicShare, ShareReview, ShareRow, SharedAction, SharedEntry, SharedOutput, Shares, Withheld,
};

/// Everything that the engine offers, as one object in the request's context.
pub trait Backend:
    Accounts + Endpoints + Sessions + Actions + Approvals + History + Record + Shares + Redaction + Incidents + Retention
{
}

impl<T> Backend for T where
    T: Accounts
        + Endpoints
        + Sessions
        + Actions
        + Approvals
        + History
        + Record
        + Shares
        + Redaction
        + Incidents
        + Retention
{
}
