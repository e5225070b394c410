//! The log as C2SP `tlog-tiles` serves it: its latest checkpoint, and the tiles that this commits to.
//!
//! Hashes and leaves are given as they stand in the database, nothing computed anew: whoever fetches them leads them to the
//! checkpoint's root, where a change shows. That a checkpoint was fetched is in the record; the tiles that follow from it are
//! not one by one, since a leaf for each would make the record grow by being read.

use audit::proof::Run;
use audit::tiles::{Tile, bundle};
use domain::api::ApiError;
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::roles::{Caller, Permission};
use sea_orm::{ColumnTrait as _, Condition, DatabaseConnection};

use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::leaf;
use crate::store::event_log::{self, as_i64, as_u64, latest};
use crate::store::leaves;
use crate::store::scope::OrgScope;

/// The latest checkpoint, as it was before its being fetched is recorded.
pub(super) async fn checkpoint(engine: &Engine, caller: &Caller) -> Result<String, ApiError> {
    let found = engine.answer(latest(&engine.scope(caller.org)).await)?;
    let signed = found.ok_or(ApiError::NotFound)?;
    let (who, size) = (Who::caller(caller), as_u64(signed.size));
    let by = By::permission(if caller.may(Permission::Audit) {
        Permission::Audit
    } else {
        Permission::Administer
    });
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let target = Target::new("record", Named::new(scope.org(), "record"));
                let event = Event::RecordRead { size };
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await?;
    Ok(signed.note)
}

/// A tile's bytes. A path that names none, and a tile that the latest checkpoint doesn't commit to, are not there.
pub(super) async fn tile(engine: &Engine, caller: &Caller, path: &str) -> Result<Vec<u8>, Failure> {
    let tile: Tile = path.parse().map_err(|_| ApiError::NotFound)?;
    let scope = engine.scope(caller.org);
    let signed = latest(&scope).await?.ok_or(ApiError::NotFound)?;
    let run = tile.run(as_u64(signed.size)).ok_or(ApiError::NotFound)?;
    if tile.is_entries() {
        let leaves = whole(run, leaves(&scope, run).await?)?;
        bundle(&leaves).map_err(Failure::stored)
    } else {
        let hashes = whole(run, event_log::hashes(&scope, run).await?)?;
        Ok(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect())
    }
}

/// All rows of a run: a tile is never shorter than its name says.
fn whole<T>(run: Run, rows: Vec<T>) -> Result<Vec<T>, Failure> {
    if rows.len() as u64 == run.count {
        Ok(rows)
    } else {
        Err(Failure::stored(format!(
            "of the {} nodes from {} at level {} there are {}",
            run.count,
            run.first,
            run.level,
            rows.len()
        )))
    }
}

/// The leaves' bytes as stored.
async fn leaves(scope: &OrgScope<'_, DatabaseConnection>, run: Run) -> Result<Vec<Vec<u8>>, Failure> {
    let which = Condition::all()
        .add(leaf::Column::Idx.gte(as_i64(run.first)))
        .add(leaf::Column::Idx.lt(as_i64(run.first + run.count)));
    let leaves = leaves::read(scope, which).await?;
    Ok(leaves.into_iter().map(|l| l.leaf).collect())
}
