//! Reports that can't be true: what was wrong goes into the record, and nothing else changes (R22, R72).
//!
//! What such a report said is not kept: it may be output, and it is nobody's word.

use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Named, Refs, Target};
use domain::ids::ActionId;
use sea_orm::{ColumnTrait, QueryFilter};
use wire::{Report, ReportBody};

use super::AgentLink;
use crate::actions::store;
use crate::error::Failure;
use crate::store::entity::{action, report_digest};
use crate::store::event_log::{self, as_i64};
use crate::store::ledger::Unit;

/// What was wrong with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// There is no such action, or it is another endpoint's.
    NoSuchAction,
    /// The action had ended.
    Ended,
    /// It repeats a report with another content.
    OtherContent,
    /// Reports before it are missing.
    Gap,
    /// Its kind does not fit what the action is doing: output before the start, a second start.
    OutOfPlace,
    /// The receipt is not the endpoint's for this action, order and end.
    Receipt,
    /// The digest is not the one of the output that was sent.
    Digest,
    /// The totals are not those of the output that was sent.
    Totals,
    /// It claims success with an exit code that says otherwise.
    Exit,
}

impl Doubt {
    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoSuchAction => "no_such_action",
            Self::Ended => "ended",
            Self::OtherContent => "other_content",
            Self::Gap => "gap",
            Self::OutOfPlace => "out_of_place",
            Self::Receipt => "receipt",
            Self::Digest => "digest",
            Self::Totals => "totals",
            Self::Exit => "exit",
        }
    }

    /// What was wrong, for a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoSuchAction => "it is about an action that this endpoint does not have",
            Self::Ended => "the action had ended before",
            Self::OtherContent => "it repeats an earlier report with another content",
            Self::Gap => "reports before it are missing",
            Self::OutOfPlace => "its kind does not fit what the action is doing",
            Self::Receipt => "its receipt is not signed by the endpoint for this action and order",
            Self::Digest => "its digest is not the one of the output that was sent",
            Self::Totals => "its totals are not those of the output that was sent",
            Self::Exit => "it claims success with an exit code that says otherwise",
        }
    }
}

/// Records that a report was not taken. `row` is its action, where it is one of the endpoint's.
pub(super) async fn note(
    u: &mut Unit,
    link: &AgentLink,
    row: Option<&action::Model>,
    (about, n): (ActionId, u64),
    doubt: Doubt,
) -> Result<(), Failure> {
    let (target, refs) = match row {
        Some(row) => {
            let session = store::session_of(&u.scope().await?, row).await?;
            let target = store::target(&session, row.id, row.number, store::command(row)?.name());
            (target, Refs::session(row.session_id).action(row.id))
        }
        None => {
            let endpoint = Named::new(link.endpoint, &*link.name);
            (Target::new("endpoint", endpoint), Refs::NONE)
        }
    };
    let event = Event::ReportRefused {
        action: about,
        report: n,
        why: doubt.word().to_owned(),
    };
    u.record(link.who(), target, EventOutcome::Refused, By::DEVICE_KEY, refs, event)
        .await
        .map(|_| ())
}

/// Keeps what tells a repetition of this report from another one.
pub(super) async fn remember(u: &mut Unit, about: ActionId, n: u64, digest: Digest) -> Result<(), Failure> {
    let scope = u.scope().await?;
    let row = report_digest::Model {
        org_id: scope.org(),
        action_id: about,
        n: as_i64(n),
        digest: digest.as_bytes().to_vec(),
    };
    Ok(scope.insert::<report_digest::Entity, _>(row).await?)
}

/// The digest of report `n`, if it was taken.
pub(super) async fn kept(u: &mut Unit, about: ActionId, n: u64) -> Result<Option<Digest>, Failure> {
    let scope = u.scope().await?;
    let found = scope
        .find::<report_digest::Entity>()
        .filter(report_digest::Column::ActionId.eq(about))
        .filter(report_digest::Column::N.eq(as_i64(n)))
        .one(scope.conn)
        .await?;
    found.map(|kept| event_log::digest(&kept.digest)).transpose()
}

/// The digest of what a report says.
pub(super) fn digest(body: &ReportBody) -> Result<Digest, Failure> {
    let bytes = serde_json::to_vec(body).map_err(Failure::stored)?;
    Ok(Digest::of(&[b"countersign report v1\n", &bytes]))
}

/// Which report it is.
pub(super) fn place(report: &Report) -> (ActionId, u64) {
    (report.action, report.n)
}
