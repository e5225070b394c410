//! Witnesses: what they are asked, and their cosignatures, kept beside the checkpoints that they are of.
//!
//! A cosignature is no event: it says something about the record from outside, and a leaf for each would make the record
//! grow for ever. Deliberately absent: asking over the network, which is the server's.

use audit::bundle::Witnessed;
use audit::checkpoint::Checkpoint;
use audit::cosignature::WitnessKey;
use audit::proof::Plan;
use audit::witness::AddCheckpoint;
use domain::api::{ApiError, WitnessView};
use domain::ids::OrgId;
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, DatabaseConnection, QueryFilter, QueryOrder, QuerySelect};

use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{checkpoint, cosignature};
use crate::store::entrance;
use crate::store::event_log::{self, as_i64, as_u64, latest};
use crate::store::scope::OrgScope;

impl Engine {
    /// Has the self-check compare the record with what these witnesses cosigned. The first call counts.
    pub fn watched_by(&self, witnesses: Vec<WitnessKey>) {
        // A second call changes nothing, as its documentation says.
        let _ = self.0.witnesses.set(witnesses);
    }

    /// Every org with a record.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn records(&self) -> Result<Vec<OrgId>, ApiError> {
        let orgs = self.answer(entrance::orgs(&self.0.read).await.map_err(Failure::from))?;
        Ok(orgs.into_iter().map(|org| org.id).collect())
    }

    /// The latest checkpoint: its size and its signed note; `None` for a log that has none yet.
    ///
    /// # Errors
    /// When the record can't be read.
    pub async fn checkpoint(&self, org: OrgId) -> Result<Option<(u64, String)>, ApiError> {
        let newest = self.answer(latest(&self.scope(org)).await)?;
        Ok(newest.map(|c| (as_u64(c.size), c.note)))
    }

    /// What to ask a witness next: the latest checkpoint, from the size `old` that the witness says it cosigned last, or,
    /// where it did not say, from the one that is kept here. `None` when it cosigned the latest.
    ///
    /// # Errors
    /// When the record can't be read.
    pub async fn to_witness(
        &self,
        org: OrgId,
        witness: &WitnessKey,
        old: Option<u64>,
    ) -> Result<Option<AddCheckpoint>, ApiError> {
        self.answer(to_witness(&self.scope(org), witness, old).await)
    }

    /// Keeps a witness's answer to what it was asked: signature lines, of which its own cosignature counts.
    ///
    /// # Errors
    /// When there is no right cosignature by this witness among them (then it is `false`), or it can't be kept.
    pub async fn cosigned(&self, org: OrgId, witness: &WitnessKey, note: &str, lines: &str) -> Result<bool, ApiError> {
        let Some((size, line, at)) = own_line(witness, note, lines) else {
            return Ok(false);
        };
        let name = witness.name().to_owned();
        self.commit(org, move |u| {
            Box::pin(async move {
                let scope = u.scope().await?;
                let row = cosignature::Model {
                    org_id: scope.org(),
                    size: as_i64(size),
                    witness: name,
                    line,
                    at,
                };
                let known = scope
                    .find::<cosignature::Entity>()
                    .filter(cosignature::Column::Size.eq(row.size))
                    .filter(cosignature::Column::Witness.eq(&*row.witness));
                if known.one(scope.conn).await?.is_none() {
                    scope.insert::<cosignature::Entity, _>(row).await?;
                }
                Ok(())
            })
        })
        .await?;
        Ok(true)
    }
}

/// Size, line and time of the witness's own cosignature of `note`, if it is among `lines`.
fn own_line(witness: &WitnessKey, note: &str, lines: &str) -> Option<(u64, String, Timestamp)> {
    let size = Checkpoint::read_unverified(note).ok()?.size;
    lines.lines().find_map(|line| {
        let line = format!("{line}\n");
        let time = witness.cosigned(&format!("{note}{line}")).ok()??;
        let at = i64::try_from(time).ok()?.checked_mul(1_000_000_000)?;
        Some((size, line, Timestamp(at)))
    })
}

async fn to_witness(
    scope: &OrgScope<'_, DatabaseConnection>,
    witness: &WitnessKey,
    old: Option<u64>,
) -> Result<Option<AddCheckpoint>, Failure> {
    let newest = latest(scope).await?.ok_or(ApiError::NotFound)?;
    let size = as_u64(newest.size);
    let old = match old {
        Some(old) => old,
        None => last_of(scope, witness.name()).await?.map_or(0, |c| as_u64(c.size)),
    };
    if old >= size {
        return Ok(None);
    }
    let plan = Plan::consistency(old, size).map_err(Failure::stored)?;
    let nodes = event_log::fetch(scope, &plan).await?;
    Ok(Some(AddCheckpoint {
        old,
        proof: plan.assemble(&nodes).map_err(Failure::stored)?,
        note: newest.note,
    }))
}

/// The first of these witnesses whose latest cosignature that is kept here is not of the checkpoint that is kept here, and its size: then
/// one of them was written anew.
pub(super) async fn contradicted(
    scope: &OrgScope<'_, DatabaseConnection>,
    witnesses: &[WitnessKey],
) -> Result<Option<(String, u64)>, Failure> {
    for witness in witnesses {
        let Some(last) = last_of(scope, witness.name()).await? else {
            continue;
        };
        let signed = scope
            .find::<checkpoint::Entity>()
            .filter(checkpoint::Column::Size.eq(last.size));
        let note = signed.one(scope.conn).await?.map(|s| s.note).unwrap_or_default();
        if !matches!(witness.cosigned(&format!("{note}{}", last.line)), Ok(Some(_))) {
            return Ok(Some((witness.name().to_owned(), as_u64(last.size))));
        }
    }
    Ok(None)
}

async fn last_of(
    scope: &OrgScope<'_, DatabaseConnection>,
    witness: &str,
) -> Result<Option<cosignature::Model>, Failure> {
    let newest = scope
        .find::<cosignature::Entity>()
        .filter(cosignature::Column::Witness.eq(witness))
        .order_by_desc(cosignature::Column::Size)
        .limit(1);
    Ok(newest.one(scope.conn).await?)
}

/// Every witness's latest cosignature, by name.
pub(super) async fn views(scope: &OrgScope<'_, DatabaseConnection>) -> Result<Vec<WitnessView>, Failure> {
    let names: Vec<String> = scope
        .find::<cosignature::Entity>()
        .select_only()
        .column(cosignature::Column::Witness)
        .distinct()
        .order_by_asc(cosignature::Column::Witness)
        .into_tuple()
        .all(scope.conn)
        .await?;
    let mut views = Vec::with_capacity(names.len());
    for name in names {
        if let Some(last) = last_of(scope, &name).await? {
            views.push(WitnessView {
                name,
                size: as_u64(last.size),
                at: last.at,
            });
        }
    }
    Ok(views)
}

/// The latest checkpoint at or beyond `size` that witnesses cosigned, with all its cosignatures and the proof that the log of
/// `size` is where it begins.
pub(crate) async fn witnessed(
    scope: &OrgScope<'_, DatabaseConnection>,
    size: i64,
) -> Result<Option<Witnessed>, Failure> {
    let newest = scope
        .find::<cosignature::Entity>()
        .filter(cosignature::Column::Size.gte(size))
        .order_by_desc(cosignature::Column::Size)
        .limit(1);
    let Some(newest) = newest.one(scope.conn).await? else {
        return Ok(None);
    };
    let signed = scope
        .find::<checkpoint::Entity>()
        .filter(checkpoint::Column::Size.eq(newest.size))
        .one(scope.conn)
        .await?;
    let mut note = signed
        .ok_or_else(|| Failure::stored("a cosignature of no checkpoint"))?
        .note;
    let lines = scope
        .find::<cosignature::Entity>()
        .filter(cosignature::Column::Size.eq(newest.size))
        .order_by_asc(cosignature::Column::Witness);
    for cosigned in lines.all(scope.conn).await? {
        note.push_str(&cosigned.line);
    }
    let plan = Plan::consistency(as_u64(size), as_u64(newest.size)).map_err(Failure::stored)?;
    let nodes = event_log::fetch(scope, &plan).await?;
    Ok(Some(Witnessed {
        checkpoint: note,
        consistency: plan.assemble(&nodes).map_err(Failure::stored)?,
    }))
}
