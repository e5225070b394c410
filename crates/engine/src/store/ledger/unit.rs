//! One piece of work, inside the transaction of its batch: the org's rows, and the leaves that it appends.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::digest::Digest;
use domain::event::{By, Entry, Event, EventOutcome, Refs, Target, Who};
use domain::ids::{EndpointId, EventId, OrgId, SessionId};
use domain::timestamp::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{Tips, load};
use crate::deps::Deps;
use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::text_erasure;
use crate::store::event_log::{self, Head, Sealed};
use crate::store::scope::OrgScope;
use crate::store::texts::{Subject, Texts};

/// Whether what the piece of work changes can be taken back by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Savepoint {
    /// None is open.
    None,
    /// That of an earlier piece of work, which succeeded, is still open: the next one's takes its place in the same statement.
    Earlier,
    /// Its own is.
    Own,
}

/// One piece of work in the batch's transaction.
pub(crate) struct Unit {
    pub(super) org: OrgId,
    pub(super) deps: Deps,
    pub(super) keys: Arc<Keys>,
    pub(super) txn: Arc<DatabaseTransaction>,
    pub(super) savepoint: Savepoint,
    pub(super) tips: Tips,
    pub(super) heads: HashMap<OrgId, Head>,
    pub(super) leaves: Vec<Sealed>,
    pub(super) texts: Arc<Texts>,
    pub(super) erased: Vec<(OrgId, Subject)>,
    pub(super) touched: BTreeMap<OrgId, BTreeSet<EndpointId>>,
}

impl Unit {
    /// The keys of texts, to read some.
    pub(crate) fn texts(&self) -> Arc<Texts> {
        self.texts.clone()
    }

    /// Has the key of these texts destroyed as soon as the work is committed; if the server dies in between, at its next start.
    pub(crate) async fn erase(&mut self, subject: Subject) -> Result<(), Failure> {
        let scope = self.scope().await?;
        let row = text_erasure::Model {
            org_id: scope.org(),
            subject: subject.as_str().to_owned(),
        };
        scope.insert::<text_erasure::Entity, _>(row).await?;
        self.erased.push((self.org, subject));
        Ok(())
    }

    /// Has the agent of this endpoint looked for again once the work is committed. Forgetting to costs its agent time, nothing
    /// else: it looks by itself now and then.
    pub(crate) fn touch(&mut self, endpoint: EndpointId) {
        self.touched.entry(self.org).or_default().insert(endpoint);
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.deps.now()
    }

    /// Time and randomness.
    pub(crate) fn deps(&self) -> &Deps {
        &self.deps
    }

    /// The server's keys.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The org's rows, inside this piece of work.
    pub(crate) async fn scope(&mut self) -> Result<OrgScope<'_, DatabaseTransaction>, Failure> {
        let begin = match self.savepoint {
            Savepoint::Own => None,
            Savepoint::Earlier => Some("RELEASE unit; SAVEPOINT unit"),
            Savepoint::None => Some("SAVEPOINT unit"),
        };
        if let Some(begin) = begin {
            self.txn.execute_unprepared(begin).await?;
            self.savepoint = Savepoint::Own;
        }
        Ok(OrgScope::new(self.org, &*self.txn))
    }

    /// The connection of this piece of work, for the `entrance`.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.txn
    }

    /// Appends an event and returns its index.
    pub(crate) async fn append(&mut self, entry: Entry) -> Result<u64, Failure> {
        if !self.heads.contains_key(&self.org) {
            let head = load(&*self.txn, self.org, &self.keys, &self.tips).await?;
            self.heads.insert(self.org, head);
        }
        let head = self.heads.get_mut(&self.org).ok_or_else(|| Failure::stored("no log"))?;
        let index = head.size();
        self.leaves.push(head.append(self.org, &entry, &self.deps)?);
        Ok(index)
    }

    /// Appends what `who` did to `target` now.
    pub(crate) async fn record(
        &mut self,
        who: Who,
        target: Target,
        outcome: EventOutcome,
        by: By,
        refs: Refs,
        event: Event,
    ) -> Result<u64, Failure> {
        let entry = Entry {
            id: EventId(self.deps.uuid()),
            at: self.now(),
            who,
            target,
            outcome,
            by,
            refs,
            event,
        };
        self.append(entry).await
    }

    /// How many leaves belong to `session` so far, those of this batch included.
    pub(crate) async fn session_leaves(&mut self, session: SessionId) -> Result<u64, Failure> {
        let stored = event_log::session_size(&self.scope().await?, session).await?;
        let fresh = self
            .leaves
            .iter()
            .filter(|l| l.row.org_id == self.org && l.row.session_id == Some(session))
            .count();
        Ok(stored + fresh as u64)
    }

    /// Size and root of the org's latest signed checkpoint: what this batch appends is not in it yet.
    pub(crate) async fn signed_head(&mut self) -> Result<(u64, Digest), Failure> {
        let newest = event_log::latest(&OrgScope::new(self.org, &*self.txn)).await?;
        let signed = newest.ok_or_else(|| Failure::stored("a log without a checkpoint"))?;
        Ok((event_log::as_u64(signed.size), event_log::digest(&signed.root)?))
    }
}
