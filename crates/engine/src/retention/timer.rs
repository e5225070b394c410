//! The end of the retention: what is older is erased by the server itself, session by session.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::api::{ApiError, ErasureCause};
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::ClientId;
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::settings::days;
use super::{erase, holds};
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{client, org, session};
use crate::store::entrance;
use crate::store::texts::Subject;

/// The sentence that stands where a person's reason would.
const REASON: &str = "The time for which texts are kept is over.";

impl Engine {
    /// Erases what has been kept for long enough and is under no legal hold.
    ///
    /// # Errors
    /// When it can't be read or written; the next call goes on.
    pub async fn retain(&self) -> Result<(), ApiError> {
        let orgs = entrance::orgs(&self.0.read).await.map_err(Failure::from);
        let mut first = Ok(());
        for org in self.answer(orgs)? {
            first = first.and(self.retain_one(org).await);
        }
        first
    }

    async fn retain_one(&self, org: org::Model) -> Result<(), ApiError> {
        let now = self.now();
        let kept = self.answer(self.kept(&org).await)?;
        let mut any = false;
        for s in self.answer(self.overdue(&org, &kept, now).await)? {
            any |= self.erase_overdue(s).await?;
        }
        let longest = kept.values().copied().chain([days(org.retention_days)]).max();
        any |= self.erase_months(&org, before(now, longest.unwrap_or(1))).await?;
        if any {
            self.forget_pages().await;
        }
        Ok(())
    }

    /// Each client's days, where it has its own.
    async fn kept(&self, org: &org::Model) -> Result<BTreeMap<ClientId, u32>, Failure> {
        let scope = self.scope(org.id);
        let own = scope
            .find::<client::Entity>()
            .filter(client::Column::RetentionDays.is_not_null());
        let rows = own.all(scope.conn).await?;
        Ok(rows
            .into_iter()
            .filter_map(|c| Some((c.id, days(c.retention_days?))))
            .collect())
    }

    /// Closed sessions whose time is over, the oldest first.
    async fn overdue(
        &self,
        org: &org::Model,
        kept: &BTreeMap<ClientId, u32>,
        now: Timestamp,
    ) -> Result<Vec<session::Model>, Failure> {
        let scope = self.scope(org.id);
        let standard = days(org.retention_days);
        let shortest = kept.values().copied().chain([standard]).min().unwrap_or(standard);
        let closed = scope
            .find::<session::Entity>()
            .filter(session::Column::ErasedAt.is_null())
            .filter(session::Column::ClosedAt.lt(before(now, shortest)));
        let oldest = closed.order_by_asc(session::Column::ClosedAt);
        let mut rows = oldest.all(scope.conn).await?;
        rows.retain(|s| {
            let own = kept.get(&s.client_id).copied().unwrap_or(standard);
            s.closed_at.is_some_and(|at| at < before(now, own))
        });
        Ok(rows)
    }

    /// Erases one, unless it is held or something of it has not ended; whether it did.
    async fn erase_overdue(&self, s: session::Model) -> Result<bool, ApiError> {
        let erased = self.commit(s.org_id, move |u| {
            Box::pin(async move {
                let s = sessions::load(&u.scope().await?, s.id).await?;
                if !holds::on_session(&u.scope().await?, &s).await?.is_empty() {
                    return Ok(false);
                }
                let cause = ErasureCause::Retention;
                erase::erase(u, &s, server(), By::SERVER, cause, REASON.into()).await?;
                Ok(true)
            })
        });
        match erased.await {
            Err(ApiError::Conflict(_)) => Ok(false),
            other => other,
        }
    }

    /// Erases what belongs to no session of months that ended before `until`; whether there was any.
    async fn erase_months(&self, org: &org::Model, until: Timestamp) -> Result<bool, ApiError> {
        let current = Subject::month(until);
        let months = self.answer(self.0.texts.months_before(org.id, &current).await)?;
        let mut any = false;
        for month in months {
            let target = Target::org(org.id, &org.name);
            any |= self
                .commit(org.id, move |u| {
                    Box::pin(async move {
                        if holds::any(&u.scope().await?).await? {
                            return Ok(false);
                        }
                        let leaves = u.texts().count(&u.scope().await?, &month).await?;
                        let event = Event::TextErased {
                            subject: month.as_str().to_owned(),
                            leaves,
                            cause: ErasureCause::Retention,
                            reason: REASON.into(),
                        };
                        u.record(server(), target, EventOutcome::Success, By::SERVER, Refs::NONE, event)
                            .await?;
                        u.erase(month).await?;
                        Ok(true)
                    })
                })
                .await?;
        }
        Ok(any)
    }
}

fn server() -> Who {
    Who::Server {
        part: "retention".into(),
    }
}

fn before(now: Timestamp, days: u32) -> Timestamp {
    now.minus(Duration::from_secs(u64::from(days) * 24 * 3600))
}
