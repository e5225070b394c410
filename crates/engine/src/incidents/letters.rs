//! Letters on incidents: one to each who is told and has a mail address. The engine says what is to be written and records
//! what a mail server took; carrying it is the server's.
//!
//! A letter is kept until a mail server has taken it, or the incident is closed. Between a mail server's answer and the leaf
//! that says so the server may be killed: then the letter is written once more.

use domain::api::{ApiError, IncidentPlace};
use domain::event::{By, Event, EventOutcome, Refs, Who};
use domain::finding::FindingKind;
use domain::ids::{DataIncidentId, OrgId, PersonId};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::read;
use crate::actions::store;
use crate::engine::Engine;
use crate::error::Failure;
use crate::sessions;
use crate::store::entity::{incident, incident_letter, person};
use crate::store::event_log::as_i64;
use crate::store::scope::OrgScope;

/// Most letters that are given at once.
const MOST: u64 = 100;

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

/// Has a letter written to each of `people` who signs in with a mail address.
pub(super) async fn to_write<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    incident: DataIncidentId,
    people: impl Iterator<Item = PersonId>,
) -> Result<(), Failure> {
    let people = scope.find::<person::Entity>().filter(person::Column::Id.is_in(people));
    for person in people
        .all(scope.conn)
        .await?
        .into_iter()
        .filter(|p| p.subject.contains('@'))
    {
        let row = incident_letter::Model {
            org_id: scope.org(),
            incident_id: incident,
            person_id: person.id,
            name: person.name,
            mailed_leaf: None,
        };
        scope.insert::<incident_letter::Entity, _>(row).await?;
    }
    Ok(())
}

/// Has nothing more written on an incident.
pub(super) async fn drop_waiting<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    incident: DataIncidentId,
) -> Result<(), Failure> {
    let of = scope.delete::<incident_letter::Entity>();
    let of = of.filter(incident_letter::Column::IncidentId.eq(incident));
    of.filter(incident_letter::Column::MailedLeaf.is_null())
        .exec(scope.conn)
        .await?;
    Ok(())
}

impl Engine {
    /// What is to be written on open incidents; a hundred at most.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn letters(&self, org: OrgId) -> Result<Vec<Letter>, ApiError> {
        self.answer(waiting(&self.scope(org)).await)
    }

    /// Records that a mail server took a letter. What was recorded already is not recorded again.
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
                let own = scope
                    .find::<incident::Entity>()
                    .filter(incident::Column::Id.eq(incident));
                let own = own.one(scope.conn).await?.ok_or(ApiError::NotFound)?;
                let session = sessions::load(&scope, own.session_id).await?;
                let refs = Refs::session(session.id);
                let refs = own.action_id.map_or(refs, |action| refs.action(action));
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
    let unsent = scope.find::<incident_letter::Entity>();
    let unsent = unsent.filter(incident_letter::Column::MailedLeaf.is_null()).limit(MOST);
    let mut letters = Vec::new();
    for row in unsent.all(scope.conn).await? {
        let of = scope
            .find::<incident::Entity>()
            .filter(incident::Column::Id.eq(row.incident_id));
        let own = of.one(scope.conn).await?.ok_or(ApiError::NotFound)?;
        let of = scope
            .find::<person::Entity>()
            .filter(person::Column::Id.eq(row.person_id));
        let person = of.one(scope.conn).await?.ok_or(ApiError::NotFound)?;
        let session = sessions::load(scope, own.session_id).await?;
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
    Ok(letters)
}

/// Those to whom a letter on each of `incidents` was mailed, by name.
pub(super) async fn mailed<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    incidents: impl Iterator<Item = DataIncidentId>,
) -> Result<Vec<(DataIncidentId, String)>, Failure> {
    let of = scope.find::<incident_letter::Entity>();
    let of = of.filter(incident_letter::Column::IncidentId.is_in(incidents));
    let sent = of.filter(incident_letter::Column::MailedLeaf.is_not_null());
    let sent = sent.order_by_asc(incident_letter::Column::Name).all(scope.conn).await?;
    Ok(sent.into_iter().map(|l| (l.incident_id, l.name)).collect())
}
