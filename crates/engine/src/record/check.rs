//! The self-check (PCI DSS v4.0.1, 10.3.4): all of an org's log is computed anew from what stands in the database, against every
//! signed checkpoint and against what this process has committed itself.
//!
//! It reads up to the latest checkpoint, so that it can run while the log grows. A result that differs from the one before is a
//! leaf; one that doesn't is a leaf once a day, as evidence that it was looked. Against whoever holds the server's key only
//! witnesses help: what they cosigned is compared where it is kept.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use audit::verify::{Report, Verdict};
use domain::api::{ApiError, RecordAlarm, SelfCheck};
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::OrgId;
use domain::timestamp::Timestamp;
use sea_orm::DatabaseConnection;

use super::{verify, witnesses};
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::org;
use crate::store::event_log::{self, as_u64, digest};
use crate::store::scope::OrgScope;

/// A result that is as before is recorded this often.
const EVIDENCE: Duration = Duration::from_secs(24 * 3600);

/// What the last check of an org's log found.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    shown: SelfCheck,
    /// What the record says of it, since when.
    recorded: Option<(Timestamp, Option<RecordAlarm>)>,
}

impl Engine {
    /// Checks every org's log and records what is to be recorded.
    ///
    /// # Errors
    /// When a log can't be read, or what was found can't be recorded.
    pub async fn self_check(&self) -> Result<(), ApiError> {
        let orgs = crate::store::entrance::orgs(&self.0.read).await.map_err(Failure::from);
        // One that can't be checked, or not be written to any more, must not keep the others from being looked at.
        let mut first = Ok(());
        for org in self.answer(orgs)? {
            let checked = self.check_one(org).await;
            first = first.and(checked);
        }
        first
    }

    /// What the last check of an org's log found wrong with it.
    pub fn alarm(&self, org: OrgId) -> Option<RecordAlarm> {
        self.checked(org).and_then(|check| check.alarm)
    }

    /// The last check of an org's log since the server started.
    pub(crate) fn checked(&self, org: OrgId) -> Option<SelfCheck> {
        self.last_check(org).map(|c| c.shown)
    }

    fn last_check(&self, org: OrgId) -> Option<Checked> {
        self.checks().get(&org).cloned()
    }

    async fn check_one(&self, org: org::Model) -> Result<(), ApiError> {
        let before = self.last_check(org.id);
        let now = self.now();
        let (size, root, alarm) = match self.examine(org.id).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(()),
            Err(e) => {
                let error = e.into_api(&self.0.deps);
                let unreadable = RecordAlarm {
                    leaf: None,
                    sentence: format!("The record can't be read any more. {error}"),
                    altered: false,
                };
                let size = before.as_ref().map_or(0, |b| b.shown.size);
                (size, Digest([0; 32]), Some(unreadable))
            }
        };
        let recorded = before.as_ref().and_then(|b| b.recorded.clone());
        let news = recorded.as_ref().is_none_or(|(at, said)| {
            let due = said.is_none() && now.since(*at) >= EVIDENCE;
            said.as_ref().map(RecordAlarm::what) != alarm.as_ref().map(RecordAlarm::what) || due
        });
        let shown = SelfCheck {
            at: now,
            size,
            alarm: alarm.clone(),
        };
        // Known before it is recorded: a record that was tampered with may not take a leaf any more.
        self.keep(org.id, Checked { shown, recorded });
        if news {
            self.record_check(&org, size, root, alarm.clone()).await?;
            self.recorded(org.id, (now, alarm));
        }
        Ok(())
    }

    fn keep(&self, org: OrgId, checked: Checked) {
        self.checks().insert(org, checked);
    }

    fn recorded(&self, org: OrgId, what: (Timestamp, Option<RecordAlarm>)) {
        if let Some(checked) = self.checks().get_mut(&org) {
            checked.recorded = Some(what);
        }
    }

    fn checks(&self) -> MutexGuard<'_, BTreeMap<OrgId, Checked>> {
        self.0.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest checkpoint's size and root, and what is wrong with the log up to there; `None` for a log without one.
    async fn examine(&self, org: OrgId) -> Result<Option<(u64, Digest, Option<RecordAlarm>)>, Failure> {
        // Before the database is asked: what it says may be newer, and never older.
        let tip = self.0.ledger.tip(org);
        let scope = self.scope(org);
        let latest = event_log::latest(&scope).await?;
        if latest.is_none() && tip.is_none() {
            return Ok(None);
        }
        let (size, root) = match &latest {
            Some(latest) => (as_u64(latest.size), digest(&latest.root)?),
            None => (0, Digest([0; 32])),
        };
        let known = verify::Known::Committed(tip);
        let report = verify::verify(&scope, &self.0.texts, self.0.keys.log_vkey(org), Some(size), known).await?;
        let alarm = match alarm(&report) {
            Some(alarm) => Some(alarm),
            None => self.contradicted(&scope).await?,
        };
        Ok(Some((size, root, alarm)))
    }

    /// A record that agrees with itself, and not with what a witness cosigned, was written anew with the server's own key.
    async fn contradicted(&self, scope: &OrgScope<'_, DatabaseConnection>) -> Result<Option<RecordAlarm>, Failure> {
        let witnesses = self.0.witnesses.get().map(Vec::as_slice).unwrap_or_default();
        let found = witnesses::contradicted(scope, witnesses).await?;
        Ok(found.map(|(name, size)| RecordAlarm {
            leaf: None,
            sentence: format!("The checkpoint over {size} leaves is not the one that the witness {name} cosigned."),
            altered: true,
        }))
    }

    async fn record_check(
        &self,
        org: &org::Model,
        size: u64,
        root: Digest,
        alarm: Option<RecordAlarm>,
    ) -> Result<(), ApiError> {
        let target = Target::org(org.id, &org.name);
        let who = Who::Server {
            part: "self-check".into(),
        };
        let (event, outcome) = match alarm {
            None => (Event::RecordChecked { size, root }, EventOutcome::Success),
            Some(alarm) => {
                tracing::error!(org = %org.id, leaf = ?alarm.leaf, why = %alarm.sentence, "the record is not what it was");
                let event = Event::RecordAlarmed {
                    size,
                    leaf: alarm.leaf,
                    why: alarm.sentence,
                };
                (event, EventOutcome::Failure)
            }
        };
        self.commit(org.id, move |u| {
            Box::pin(async move {
                u.record(who, target, outcome, By::SERVER, Refs::NONE, event).await?;
                Ok(())
            })
        })
        .await
    }
}

/// What is wrong, if something is.
fn alarm(report: &Report) -> Option<RecordAlarm> {
    (report.verdict != Verdict::Verified).then(|| RecordAlarm {
        leaf: report.first_wrong.as_ref().map(|wrong| wrong.index),
        sentence: report.sentence.clone(),
        altered: report.verdict == Verdict::Altered,
    })
}
