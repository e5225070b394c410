//! Reading the settings, for people and for what is to be redacted.

use std::sync::Arc;

use domain::api::{ApiError, ClientRedaction, Field, RedactionView, Tried, TriedFinding};
use domain::digest::Digest;
use domain::event::Named;
use domain::ids::ClientId;
use domain::redaction::RedactionSettings;
use domain::roles::Caller;
use domain::sensitive::Raw;
use redact::{Ready, Redacted, SessionKey, Settings};
use sea_orm::{ConnectionTrait, QueryOrder};

use super::ready::ReadyRedaction;
use crate::endpoints;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{client, org, session};
use crate::store::ledger::Unit;
use crate::store::scope::OrgScope;

/// The longest text that is tried, in characters.
const LONGEST_TRY: usize = 20_000;

/// Settings as they are stored; nothing was set where there is nothing.
pub(super) fn stored(json: &str) -> Result<RedactionSettings, Failure> {
    if json.is_empty() {
        return Ok(RedactionSettings::default());
    }
    serde_json::from_str(json).map_err(Failure::stored)
}

/// What names settings as they stand.
pub(super) fn digest(settings: &RedactionSettings, cards_expected: bool) -> Result<Digest, Failure> {
    let json = serde_json::to_vec(settings).map_err(Failure::stored)?;
    Ok(Digest::of(&[
        b"countersign redaction settings v1\n",
        &[u8::from(cards_expected)],
        &json,
    ]))
}

async fn own<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<org::Model, Failure> {
    let own = scope.find::<org::Entity>().one(scope.conn).await?;
    own.ok_or_else(|| Failure::stored("no such org"))
}

async fn of_org<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<RedactionSettings, Failure> {
    stored(&own(scope).await?.redaction)
}

/// What is set for a client's machines: the organisation's settings and its own.
pub(crate) async fn set_for<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    client: &client::Model,
) -> Result<RedactionSettings, Failure> {
    Ok(of_org(scope).await?.with(&stored(&client.redaction)?))
}

/// How texts that may be about any client are redacted: by what is set for all of them and for each.
pub(crate) async fn for_any<C: ConnectionTrait>(scope: &OrgScope<'_, C>) -> Result<Settings, Failure> {
    let mut all = of_org(scope).await?;
    for c in scope.find::<client::Entity>().all(scope.conn).await? {
        all = all.with(&stored(&c.redaction)?);
    }
    Ok(Settings::of(&all, None))
}

/// How a client's output is redacted by the server's own pass, which makes no numbers.
pub(crate) async fn for_client<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    client: &client::Model,
) -> Result<Settings, Failure> {
    Ok(Settings::of(&set_for(scope, client).await?, None))
}

/// The same, compiled.
pub(crate) async fn ready_for<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    client: &client::Model,
    ready: &ReadyRedaction,
) -> Result<Arc<Ready>, Failure> {
    let all = own(scope).await?.redaction;
    ready.of(client.id, (all, client.redaction.clone()))
}

/// What somebody wrote in a session, redacted: a value has the same number as in the session's output.
pub(crate) async fn written(u: &mut Unit, session: &session::Model, text: &Raw<String>) -> Result<Redacted, Failure> {
    let key = u.keys().placeholders(session.org_id, session.id);
    let settings = in_session(&u.scope().await?, key, session).await?;
    Ok(redact::redact(&settings, text.borrowed()))
}

/// How what people write in a session is redacted, with the key of its placeholders.
pub(crate) async fn in_session<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    key: [u8; 32],
    session: &session::Model,
) -> Result<Settings, Failure> {
    let client = endpoints::client(scope, session.client_id).await?;
    Ok(Settings::of(
        &set_for(scope, &client).await?,
        Some(SessionKey::new(key)),
    ))
}

/// The settings, for people.
pub(super) async fn view(engine: &Engine, caller: &Caller) -> Result<RedactionView, Failure> {
    let scope = engine.scope(caller.org);
    let by_name = scope.find::<client::Entity>().order_by_asc(client::Column::Name);
    let row = |c: client::Model| {
        let settings = stored(&c.redaction)?;
        Ok(ClientRedaction {
            digest: digest(&settings, c.cards_expected)?,
            settings,
            cards_expected: c.cards_expected,
            client: Named::new(c.id, c.name),
        })
    };
    let all = of_org(&scope).await?;
    Ok(RedactionView {
        digest: digest(&all, false)?,
        all,
        clients: by_name
            .all(scope.conn)
            .await?
            .into_iter()
            .map(row)
            .collect::<Result<_, Failure>>()?,
        engine: redact::ENGINE_VERSION,
        rules: redact::rules().count() as u64,
    })
}

/// Redacts a text as it would be, and keeps nothing of it.
pub(super) async fn tried(
    engine: &Engine,
    caller: &Caller,
    id: Option<ClientId>,
    text: String,
) -> Result<Tried, Failure> {
    let scope = engine.scope(caller.org);
    let set = match id {
        Some(id) => set_for(&scope, &endpoints::client(&scope, id).await?).await?,
        None => of_org(&scope).await?,
    };
    // A key for this once: placeholders show which values are the same.
    let settings = Settings::of(&set, Some(SessionKey::new(engine.0.deps.bytes::<32>())));
    if text.chars().count() > LONGEST_TRY {
        let message = format!("That is longer than {LONGEST_TRY} characters. Try a part of it.");
        return Err(ApiError::invalid(Field::Text, message).into());
    }
    let (text, findings) = redact::redact(&settings, Raw::new(&*text)).into_parts();
    let finding = |f: domain::finding::Finding| TriedFinding {
        confidence: redact::rule(&f.rule)
            .map_or("likely", |r| r.confidence.word())
            .to_owned(),
        kind: f.kind,
        rule: f.rule.into_owned(),
    };
    Ok(Tried {
        text,
        findings: findings.into_iter().map(finding).collect(),
    })
}
