//! The page and the bundle behind a link. Both are read from the leaves as they stand now, at the size that the link pins:
//! what was changed since shows, and the verifier in the reader's browser says so.

use audit::bundle::GroupData;
use audit::leaf::Leaf;
use domain::action::Command;
use domain::api::{ApiError, PublicShare, SharedAction, SharedEntry, SharedOutput};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{bundle, manage, passcode, sentences};
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::error::Failure;
use crate::record::StoredLeaf;
use crate::store::entity::{org, share};
use crate::store::entrance;
use crate::store::event_log::as_u64;
use crate::store::groups;
use crate::store::texts::TEXT;

/// The share behind a token, opened by a ticket where it has a passcode.
async fn find(engine: &Engine, token: &str, ticket: Option<&str>) -> Result<share::Model, Failure> {
    let found = live(engine, token).await?;
    if passcode::opens(engine, &found, ticket) {
        Ok(found)
    } else {
        Err(ApiError::PasscodeNeeded.into())
    }
}

/// The share behind a token. Unknown is `NotFound`, revoked or expired is `LinkSpent`. The look-up compares hashes, so its time says
/// nothing about a token.
pub(super) async fn live(engine: &Engine, token: &str) -> Result<share::Model, Failure> {
    let found = entrance::share(&engine.0.read, &hash_secret(token))
        .await?
        .ok_or(ApiError::NotFound)?;
    if found.revoked_at.is_some() || found.expires_at.is_some_and(|at| at <= engine.now()) {
        return Err(ApiError::LinkSpent.into());
    }
    Ok(found)
}

async fn viewed(engine: &Engine, s: &share::Model, from: &str, part: &'static str) -> Result<(), ApiError> {
    let counted = (part == "page").then(|| (share::Column::Views, Expr::col(share::Column::Views).add(1)));
    let event = Event::ShareViewed { part: part.into() };
    by_link(engine, s, from, EventOutcome::Success, event, counted).await
}

/// Records what somebody did who has nothing but the link, and puts these columns of the share to something else.
pub(super) async fn by_link(
    engine: &Engine,
    s: &share::Model,
    from: &str,
    outcome: EventOutcome,
    event: Event,
    changed: impl IntoIterator<Item = (share::Column, Expr)>,
) -> Result<(), ApiError> {
    let (id, from) = (s.id, from.to_owned());
    let changed: Vec<_> = changed.into_iter().collect();
    engine
        .commit(s.org_id, move |u| {
            Box::pin(async move {
                if !changed.is_empty() {
                    let scope = u.scope().await?;
                    let own = scope.update::<share::Entity>().filter(share::Column::Id.eq(id));
                    let own = changed
                        .into_iter()
                        .fold(own, |own, (column, to)| own.col_expr(column, to));
                    own.exec(scope.conn).await?;
                }
                let target = Target::new("share", Named::new(id, "share"));
                let who = Who::Anonymous { from };
                u.record(who, target, outcome, By::LINK, Refs::NONE.share(id), event)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// The bundle as JSON.
pub(super) async fn bundle_json(
    engine: &Engine,
    token: &str,
    ticket: Option<&str>,
    from: &str,
) -> Result<Vec<u8>, ApiError> {
    let found = engine.answer(find(engine, token, ticket).await)?;
    viewed(engine, &found, from, "bundle").await?;
    let bundle = engine.answer(bundle::bundle(engine, &found).await)?;
    engine.answer(bundle.to_json().map_err(Failure::stored)).map(Into::into)
}

/// The page.
pub(super) async fn page(
    engine: &Engine,
    token: &str,
    ticket: Option<&str>,
    from: &str,
) -> Result<PublicShare, ApiError> {
    let found = engine.answer(find(engine, token, ticket).await)?;
    viewed(engine, &found, from, "page").await?;
    engine.answer(read(engine, found).await)
}

/// A leaf as far as it can be read.
struct Read {
    index: u64,
    at: Timestamp,
    kind: String,
    action: Option<String>,
    target: Option<Target>,
    event: Option<(Who, Event)>,
    /// Why its text is not here, where that is as it should be.
    gap: Option<&'static str>,
}

fn parse(l: StoredLeaf) -> Read {
    let header = Leaf::parse(l.leaf.as_bytes()).ok().map(|l| l.header);
    let gap = l.groups.get(TEXT).and_then(|data| match data {
        GroupData::Open { .. } => None,
        GroupData::Withheld => Some("What was written is withheld."),
        GroupData::Erased => Some("What was written was erased."),
    });
    let groups = match &header {
        Some(h) => groups::readable(&h.kind, h.kind_version, &l.groups),
        None => groups::values(&l.groups),
    };
    Read {
        index: as_u64(l.index),
        at: header.as_ref().map_or(Timestamp(0), |h| h.time),
        kind: header.as_ref().map_or_else(|| "unreadable".into(), |h| h.kind.clone()),
        action: header.as_ref().and_then(|h| h.refs.get("action").cloned()),
        target: groups
            .get("target")
            .and_then(|v| serde_json::from_value(v.clone()).ok()),
        event: header.and_then(|h| sentences::read(&h.kind, h.kind_version, &groups)),
        gap,
    }
}

const UNREADABLE: &str = "This leaf can't be read: it is not what was written.";

fn entry(r: &Read) -> SharedEntry {
    let (sentence, fields) = match &r.event {
        Some((who, event)) => sentences::sentence(who, event),
        None => (UNREADABLE.to_owned(), vec![]),
    };
    let (sentence, fields) = match r.gap {
        None => (sentence, fields),
        Some(gap) => (
            format!("{}. {gap}", sentence.trim_end_matches([':', '.'])),
            fields.into_iter().filter(|(group, ..)| group != TEXT).collect(),
        ),
    };
    SharedEntry {
        leaf: r.index,
        at: r.at,
        kind: r.kind.clone(),
        sentence,
        fields,
    }
}

async fn read(engine: &Engine, s: share::Model) -> Result<PublicShare, Failure> {
    let scope = engine.scope(s.org_id);
    let org = scope
        .find::<org::Entity>()
        .one(scope.conn)
        .await?
        .ok_or(ApiError::NotFound)?;
    let leaves: Vec<Read> = bundle::leaves(&scope, &engine.0.texts, &s)
        .await?
        .into_iter()
        .map(parse)
        .collect();
    let mut page = PublicShare {
        org: org.name,
        endpoint: String::new(),
        client: String::new(),
        technician: String::new(),
        opened_at: Timestamp(0),
        closed_at: None,
        size: as_u64(s.size),
        root: domain::digest::hex(&s.root),
        withheld: bundle::withheld(&s),
        made_at: s.made_at,
        reviewed_by: s.made_by.clone(),
        version: manage::version(&s),
        newer: manage::newer(&scope, s.id).await?.map(|next| next.made_at),
        entries: vec![],
        actions: vec![],
    };
    let mut actions: Vec<(String, SharedAction)> = Vec::new();
    for r in &leaves {
        match &r.event {
            Some((who, Event::SessionOpened { .. })) => {
                let target = r.target.as_ref();
                page.endpoint = target
                    .and_then(|t| Some(t.endpoint.as_ref()?.name.clone()))
                    .unwrap_or_default();
                page.client = target
                    .and_then(|t| Some(t.client.as_ref()?.name.clone()))
                    .unwrap_or_default();
                page.technician = who.name().to_owned();
                page.opened_at = r.at;
            }
            Some((_, Event::SessionClosed { .. })) => page.closed_at = Some(r.at),
            _ => {}
        }
        let Some(id) = &r.action else {
            page.entries.push(entry(r));
            continue;
        };
        let at = match actions.iter().position(|(known, _)| known == id) {
            Some(at) => at,
            None => {
                actions.push((id.clone(), empty()));
                actions.len() - 1
            }
        };
        if let Some((_, action)) = actions.get_mut(at) {
            add(action, r);
        }
    }
    page.actions = actions.into_iter().map(|(_, a)| a).collect();
    Ok(page)
}

fn empty() -> SharedAction {
    SharedAction {
        number: 0,
        verb: String::new(),
        command: String::new(),
        status: String::new(),
        entries: vec![],
        output: vec![],
    }
}

fn add(action: &mut SharedAction, r: &Read) {
    match &r.event {
        Some((
            _,
            Event::OutputChunk {
                stream, text, findings, ..
            }
            | Event::OutputChunkV1 {
                stream, text, findings, ..
            },
        )) if r.gap.is_none() => {
            let piece = SharedOutput {
                leaf: r.index,
                stream: stream.clone(),
                text: text.clone(),
                findings: findings.clone(),
            };
            action.output.push(piece);
            return;
        }
        Some((
            _,
            Event::ActionProposed {
                number, verb, command, ..
            }
            | Event::ActionProposedV1 {
                number, verb, command, ..
            },
        )) => {
            action.number = *number;
            action.verb = verb.clone();
            action.command = match command {
                _ if r.gap.is_some() => String::new(),
                Command::Script(s) => s.text.clone(),
                Command::Verb(_) => command.to_string(),
            };
            action.status = "waiting".into();
        }
        Some((_, Event::ActionRefused { .. })) => action.status = "refused".into(),
        Some((
            _,
            Event::ActionFinished { outcome, .. }
            | Event::ActionFinishedV1 { outcome, .. }
            | Event::ActionFinishedV2 { outcome, .. },
        )) => {
            action.status = outcome.word().into();
        }
        _ => {}
    }
    action.entries.push(entry(r));
}
