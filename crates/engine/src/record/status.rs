//! How the log stands, and one leaf of it.

use std::collections::BTreeMap;

use audit::bundle::GroupData;
use audit::leaf::Leaf;
use audit::proof::Plan;
use domain::api::{ApiError, LeafView, RecordStatus};
use domain::digest::hex;
use domain::event::{Target, Who};
use domain::roles::Caller;
use sea_orm::{ColumnTrait as _, Condition, DatabaseConnection, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::Deserialize as _;

use super::witnesses;
use crate::engine::{Engine, OpenError};
use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::leaf;
use crate::store::event_log::{self, Head, HeadError, as_i64, as_u64, latest};
use crate::store::groups::{self, Groups};
use crate::store::leaves::{self, OpenLeaf};
use crate::store::scope::OrgScope;

/// Leaves shown in the list of the latest.
const LATEST: u64 = 50;

/// Whether the log on disk ends where its latest checkpoint says, with the same root, signed by this server's key.
pub(crate) async fn check_head(scope: &OrgScope<'_, DatabaseConnection>, keys: &Keys) -> Result<(), OpenError> {
    let fork = |e: HeadError| OpenError::Fork {
        org: scope.org(),
        why: e.to_string(),
    };
    Head::load(scope, &keys.log_vkey(scope.org()))
        .await
        .map(|_| ())
        .map_err(fork)
}

/// How the log stands.
pub(super) async fn status(engine: &Engine, caller: &Caller) -> Result<RecordStatus, Failure> {
    let scope = engine.scope(caller.org);
    let checkpoint = latest(&scope).await?.ok_or(ApiError::NotFound)?;
    let newest = scope.find::<leaf::Entity>().order_by_desc(leaf::Column::Idx);
    let rows = newest.limit(LATEST).all(scope.conn).await?;
    let (mut open, mut groups) = of_rows(engine, &scope, &rows).await?;
    let vkey = engine.0.keys.log_vkey(caller.org);
    Ok(RecordStatus {
        size: as_u64(checkpoint.size),
        root: hex(&checkpoint.root),
        checkpoint: checkpoint.note,
        signed_at: checkpoint.at,
        key: vkey.to_string(),
        key_hash: vkey.fingerprint().to_string(),
        witnesses: witnesses::views(&scope).await?,
        check: engine.checked(caller.org),
        latest: rows
            .into_iter()
            .map(|r| {
                let of = (open.remove(&r.idx), groups.remove(&r.idx));
                view(&r, of.0.unwrap_or_default(), of.1.unwrap_or_default(), vec![])
            })
            .collect(),
    })
}

/// The bytes of these leaves and their groups, each by index.
async fn of_rows(
    engine: &Engine,
    scope: &OrgScope<'_, DatabaseConnection>,
    rows: &[leaf::Model],
) -> Result<(BTreeMap<i64, String>, BTreeMap<i64, Groups>), Failure> {
    let which = Condition::all().add(leaf::Column::Idx.is_in(rows.iter().map(|r| r.idx)));
    let open = leaves::read(scope, which).await?;
    let groups = groups::of(scope, &engine.0.texts, &open).await?;
    let text = |l: OpenLeaf| (l.index, String::from_utf8_lossy(&l.leaf).into_owned());
    Ok((open.into_iter().map(text).collect(), groups))
}

fn view(row: &leaf::Model, leaf: String, groups: Groups, proof: Vec<String>) -> LeafView {
    let read = groups::values(&groups);
    let who = read
        .get("who")
        .and_then(|v| Who::deserialize(v).ok())
        .map(|w| w.name().to_owned())
        .unwrap_or_default();
    let target = read
        .get("target")
        .and_then(|v| Target::deserialize(v).ok())
        .map(|t| t.object.name)
        .unwrap_or_default();
    let outcome = Leaf::parse(leaf.as_bytes())
        .map(|l| l.header.outcome)
        .unwrap_or_default();
    LeafView {
        index: as_u64(row.idx),
        kind: row.kind.clone(),
        at: row.at,
        who,
        target,
        outcome,
        hash: hex(&row.hash),
        leaf,
        groups: groups.into_iter().map(shown).collect(),
        proof,
    }
}

/// A group's name and JSON; none where it is gone.
fn shown((name, data): (String, GroupData)) -> (String, Option<String>) {
    match data {
        GroupData::Open { json, .. } => (name, Some(json)),
        GroupData::Withheld | GroupData::Erased => (name, None),
    }
}

/// One leaf with its proof at the size of the latest checkpoint.
pub(super) async fn leaf(engine: &Engine, caller: &Caller, index: u64) -> Result<LeafView, Failure> {
    let scope = engine.scope(caller.org);
    let checkpoint = latest(&scope).await?.ok_or(ApiError::NotFound)?;
    let found = scope
        .find::<leaf::Entity>()
        .filter(leaf::Column::Idx.eq(as_i64(index)))
        .one(scope.conn)
        .await?;
    let row = found.ok_or(ApiError::NotFound)?;
    let (mut open, mut groups) = of_rows(engine, &scope, std::slice::from_ref(&row)).await?;
    let plan = Plan::inclusion(index, as_u64(checkpoint.size)).map_err(Failure::stored)?;
    let nodes = event_log::fetch(&scope, &plan).await?;
    let proof = plan.assemble(&nodes).map_err(Failure::stored)?;
    Ok(view(
        &row,
        open.remove(&row.idx).unwrap_or_default(),
        groups.remove(&row.idx).unwrap_or_default(),
        proof.iter().map(ToString::to_string).collect(),
    ))
}
