//! Verifying whole logs from a database file, as `countersign verify --database` does: read-only, nothing trusted but the
//! key, the groups' commitments, the leaves' hashes and the signed checkpoints.

use std::path::Path;
use std::sync::Arc;

use audit::checkpoint::Vkey;
use audit::tree::NodeId;
use audit::verify::{LogVerifier, Report};
use domain::digest::Digest;
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, DbErr, QueryFilter, QueryOrder};

use super::read::stored;
use crate::deps::Deps;
use crate::engine::Engine;
use crate::error::Failure;
use crate::keys::{KEY_FILE, KeyError, Keys};
use crate::store::connect::TEXT_KEYS_FILE;
use crate::store::entity::{checkpoint, leaf, log_node};
use crate::store::event_log::{self, as_i64, as_u64, digest};
use crate::store::groups;
use crate::store::scope::OrgScope;
use crate::store::texts::Texts;
use crate::store::{connect, entrance};

/// Leaves read at a time: memory stays the same however long the log is.
const PART: u64 = 1000;

/// Why a database can't be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no readable database.
    #[error("the database can't be read: {0}")]
    Database(#[from] DbErr),
    /// The key file, which says what the log's key is, can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no key file in the folder.
    #[error("there is no {KEY_FILE} beside the database, so the log's key is unknown")]
    NoKey,
    /// There is no file of text keys in the folder.
    #[error("there is no {TEXT_KEYS_FILE} beside the database, so what was typed and printed can't be read")]
    NoTextKeys,
    /// None of the checkpoints that were kept is of a record in the folder.
    #[error("none of the checkpoints that were kept is of a record in this folder, so there is nothing to compare")]
    OtherRecords,
    /// What is stored can't even be read as a record.
    #[error("the record can't be read: {0}")]
    Unreadable(String),
}

impl Engine {
    /// Verifies the log of every org in the data folder: org's name and report. `kept` are checkpoints that were kept elsewhere,
    /// one after the other; each log must still have those of it.
    ///
    /// # Errors
    /// When it can't be read; what is wrong with a readable record is in the reports.
    pub async fn verify_database(data: &Path, kept: &str) -> Result<Vec<(String, Report)>, VerifyError> {
        if !data.join(KEY_FILE).exists() {
            return Err(VerifyError::NoKey);
        }
        let keys = Keys::load(data, &Deps::system())?;
        if !data.join(TEXT_KEYS_FILE).exists() {
            return Err(VerifyError::NoTextKeys);
        }
        let db = connect::readers(data).await?;
        let keys = Arc::new(keys);
        let texts = Texts::open(data, keys.clone(), Deps::system()).await?;
        let orgs = entrance::orgs(&db).await?;
        let of_ours = |line: &str| {
            orgs.iter()
                .any(|org| line == audit::checkpoint::origin_for(&org.id.to_string()))
        };
        if !kept.trim().is_empty() && !kept.lines().any(of_ours) {
            return Err(VerifyError::OtherRecords);
        }
        let mut reports = Vec::new();
        for org in orgs {
            let scope = OrgScope::new(org.id, &db);
            let report = verify(&scope, &texts, keys.log_vkey(org.id), None, Known::Kept(kept))
                .await
                .map_err(|e| VerifyError::Unreadable(e.to_string()))?;
            reports.push((org.name, report));
        }
        Ok(reports)
    }
}

/// What is known of a log beside what the database says.
pub(super) enum Known<'a> {
    /// What this process committed last.
    Committed(Option<(u64, Digest)>),
    /// Checkpoints that were kept elsewhere, of any log.
    Kept(&'a str),
}

/// Verifies a log: all of it, or for one that grows meanwhile up to the size of a checkpoint; with what is known of it otherwise.
pub(super) async fn verify(
    scope: &OrgScope<'_, DatabaseConnection>,
    texts: &Texts,
    key: Vkey,
    whole: Option<u64>,
    known: Known<'_>,
) -> Result<Report, Failure> {
    let mut verifier = LogVerifier::new(key);
    match known {
        Known::Committed(tip) => {
            if let Some((size, root)) = tip {
                verifier.committed(size, root);
            }
        }
        Known::Kept(notes) => verifier.kept(notes),
    }
    let mut next = 0;
    let size = match whole {
        Some(size) => size,
        None => event_log::size(scope).await?,
    };
    while next < size {
        let upto = (next + PART).min(whole.unwrap_or(u64::MAX >> 1));
        checkpoints(scope, &mut verifier, next, upto).await?;
        let part = Condition::all()
            .add(leaf::Column::Idx.gte(as_i64(next)))
            .add(leaf::Column::Idx.lt(as_i64(upto)));
        for l in stored(scope, texts, part).await? {
            verifier.leaf(as_u64(l.index), l.leaf.as_bytes(), &l.hash, &l.groups);
            let complete: Vec<NodeId> = verifier.completed().iter().map(|(id, _)| *id).collect();
            for id in complete {
                let stored = node(scope, id).await?;
                verifier.node(id, stored.as_ref());
            }
        }
        next = upto;
    }
    if whole.is_none() {
        // Checkpoints beyond the last leaf say that leaves were cut off.
        checkpoints(scope, &mut verifier, next, u64::MAX >> 1).await?;
    }
    if whole.is_some() {
        // What was erased while this was reading is said in leaves that it does not read.
        erased_since(scope, texts, &mut verifier, size).await?;
    }
    Ok(verifier.finish())
}

/// Hands over what leaves from `size` on say was erased.
async fn erased_since(
    scope: &OrgScope<'_, DatabaseConnection>,
    texts: &Texts,
    verifier: &mut LogVerifier,
    size: u64,
) -> Result<(), Failure> {
    let later = Condition::all()
        .add(leaf::Column::Idx.gte(as_i64(size)))
        .add(leaf::Column::Kind.eq("text.erased"));
    for l in stored(scope, texts, later).await? {
        let what = groups::values(&l.groups).remove("what");
        if let Some(subject) = what.as_ref().and_then(|what| what.get("subject")?.as_str()) {
            verifier.erased_later(subject);
        }
    }
    Ok(())
}

/// Hands over the checkpoints of sizes `from + 1 ..= upto`.
async fn checkpoints(
    scope: &OrgScope<'_, DatabaseConnection>,
    verifier: &mut LogVerifier,
    from: u64,
    upto: u64,
) -> Result<(), Failure> {
    let of = scope
        .find::<checkpoint::Entity>()
        .filter(checkpoint::Column::Size.gt(as_i64(from)));
    let of = of
        .filter(checkpoint::Column::Size.lte(as_i64(upto)))
        .order_by_asc(checkpoint::Column::Size);
    for c in of.all(scope.conn).await? {
        verifier.checkpoint(as_u64(c.size), &c.note);
    }
    Ok(())
}

async fn node(scope: &OrgScope<'_, DatabaseConnection>, id: NodeId) -> Result<Option<Digest>, Failure> {
    let of = scope
        .find::<log_node::Entity>()
        .filter(log_node::Column::Level.eq(i64::from(id.level)));
    let found = of
        .filter(log_node::Column::Idx.eq(as_i64(id.index)))
        .one(scope.conn)
        .await?;
    found.map(|n| digest(&n.hash)).transpose()
}
