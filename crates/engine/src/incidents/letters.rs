//! Letters on incidents: one to each who is told and has a mail address. The engine says what is to be written and records
//! what a mail server took; carrying it is the server's.
//!
//! A letter waits until a mail server has taken it, as long as the incident is open and the person is one whom it concerns.
//! Between a mail server's answer and the leaf that says so the server may end: then the letter is written once more, with
//! the same message id.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::{ApiError, IncidentPlace};
use domain::event::{By, Event, EventOutcome, Who};
use domain::finding::FindingKind;
use domain::ids::{DataIncidentId, OrgId, PersonId};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use super::{open, read};
use crate::actions::store;
use crate::endpoints;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{incident, incident_letter, person};
use crate::store::event_log::as_i64;
use crate::store::scope::OrgScope;

/// A letter that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it is about.
    pub incident: DataIncidentId,
    /// To whom.
    pub person: PersonId,
    /// Their mail address: what they sign in with.
    pub address: String,
    /// What was found.
    pub kinds: Vec<FindingKind>,
    /// Where.
    pub place: IncidentPlace,
    /// On which machine, by its name.
    pub endpoint: String,
    /// Whose machine it is.
    pub client: String,
    /// When the incident was opened.
    pub opened_at: Timestamp,
}

/// Has a letter written to each of `people`.
pub(super) async fn to_write<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    incident: DataIncidentId,
    people: BTreeMap<PersonId, String>,
) -> Result<(), Failure> {
    for (person_id, name) in people {
        let row = incident_letter::Model {
            org_id: scope.org(),
            incident_id: incident,
            person_id,
            name,
            mailed_leaf: None,
        };
        scope.insert::<incident_letter::Entity, _>(row).await?;
    }
    Ok(())
}

impl Engine {
    /// What is to be written on open incidents, the oldest first, to whom they still concern.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn letters(&self, org: OrgId) -> Result<Vec<Letter>, ApiError> {
        self.answer(waiting(&self.scope(org)).await)
    }

    /// Records that a mail server took a letter, be the incident closed meanwhile or not. What was recorded already is not
    /// recorded again.
    ///
    /// # Errors
    /// When the record can't be written.
    pub async fn mailed(&self, org: OrgId, letter: &Letter) -> Result<(), ApiError> {
        let (incident, person) = (letter.incident, letter.person);
        self.commit(org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let of = incident_letter::Column::IncidentId.eq(incident);
                let mine = of.and(incident_letter::Column::PersonId.eq(person));
                let mine = mine.and(incident_letter::Column::MailedLeaf.is_null());
                let found = scope.find::<incident_letter::Entity>().filter(mine.clone());
                let Some(row) = found.one(scope.conn).await? else {
                    return Ok(());
                };
                let (session, refs) = read::with_session(&scope, incident).await?;
                let event = Event::IncidentMailed { incident, to: row.name };
                let who = Who::Server { part: "mail".into() };
                let target = sessions::target(&session);
                let leaf = u
                    .record(who, target, EventOutcome::Success, By::SERVER, refs, event)
                    .await?;
                let scope = u.scope().await?;
                let update = scope.update::<incident_letter::Entity>().filter(mine);
                let set = update.col_expr(incident_letter::Column::MailedLeaf, Expr::value(as_i64(leaf)));
                set.exec(scope.conn).await?;
                Ok(())
            })
        })
        .await
    }
}

async fn waiting<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<Vec<Letter>, Failure> {
    let open = scope
        .find::<incident::Entity>()
        .filter(incident::Column::ClosedAt.is_null());
    let open = open.order_by_asc(incident::Column::OpenedAt).all(scope.conn).await?;
    let of = scope.find::<incident_letter::Entity>();
    let of = of.filter(incident_letter::Column::IncidentId.is_in(open.iter().map(|own| own.id)));
    let rows = of.filter(incident_letter::Column::MailedLeaf.is_null());
    let mut unsent: BTreeMap<DataIncidentId, BTreeSet<PersonId>> = BTreeMap::new();
    for row in rows.all(scope.conn).await? {
        unsent.entry(row.incident_id).or_default().insert(row.person_id);
    }
    let mut letters = Vec::new();
    for own in open {
        let Some(mut people) = unsent.remove(&own.id) else {
            continue;
        };
        let session = sessions::load(scope, own.session_id).await?;
        let client = endpoints::client(scope, own.client_id).await?;
        let still = open::told(scope, &client).await?;
        people.retain(|person| still.contains_key(person));
        let people = scope.find::<person::Entity>().filter(person::Column::Id.is_in(people));
        for person in people.all(scope.conn).await? {
            letters.push(Letter {
                incident: own.id,
                person: person.id,
                address: person.subject,
                kinds: read::kinds(&own)?,
                place: read::place(&own)?,
                endpoint: store::endpoint(&session).name,
                client: store::client(&session).name,
                opened_at: own.opened_at,
            });
        }
    }
    Ok(letters)
}

/// Those to whom a letter on each of `incidents` was mailed, by name.
pub(super) async fn mailed<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    incidents: impl Iterator<Item = DataIncidentId>,
) -> Result<BTreeMap<DataIncidentId, Vec<String>>, Failure> {
    let of = scope.find::<incident_letter::Entity>();
    let of = of.filter(incident_letter::Column::IncidentId.is_in(incidents));
    let sent = of.filter(incident_letter::Column::MailedLeaf.is_not_null());
    let mut mailed: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for letter in sent.order_by_asc(incident_letter::Column::Name).all(scope.conn).await? {
        mailed.entry(letter.incident_id).or_default().push(letter.name);
    }
    Ok(mailed)
}
