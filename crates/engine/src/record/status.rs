//! How the log stands, and one leaf of it.

use audit::bundle::GroupData;
use audit::leaf::Leaf;
use audit::proof::Plan;
use domain::api::{ApiError, LeafView, RecordStatus};
use domain::digest::hex;
use domain::event::{Target, Who};
use domain::roles::Caller;
use sea_orm::{ColumnTrait, DatabaseConnection, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize as _;

use super::witnesses;
use crate::engine::{Engine, OpenError};
use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::leaf;
use crate::store::event_log::{self, Head, HeadError, as_i64, as_u64, latest};
use crate::store::groups::{self, Groups};
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
    let rows = scope
        .find::<leaf::Entity>()
        .order_by_desc(leaf::Column::Idx)
        .limit(LATEST)
        .all(scope.conn)
        .await?;
    let indexes: Vec<i64> = rows.iter().map(|r| r.idx).collect();
    let mut groups = groups::read(&scope, &engine.0.texts, &indexes).await?;
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
            .map(|r| view(&r, groups.remove(&r.idx).unwrap_or_default(), vec![]))
            .collect(),
    })
}

fn view(row: &leaf::Model, groups: Groups, proof: Vec<String>) -> LeafView {
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
    let outcome = Leaf::parse(row.leaf.as_bytes())
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
        leaf: row.leaf.clone(),
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
    let groups = groups::read(&scope, &engine.0.texts, &[row.idx])
        .await?
        .remove(&row.idx)
        .unwrap_or_default();
    let plan = Plan::inclusion(index, as_u64(checkpoint.size)).map_err(Failure::stored)?;
    let nodes = event_log::fetch(&scope, &plan).await?;
    let proof = plan.assemble(&nodes).map_err(Failure::stored)?;
    Ok(view(&row, groups, proof.iter().map(ToString::to_string).collect()))
}
