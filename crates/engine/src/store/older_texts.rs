//! Texts from before they were encrypted: moved to where they can be erased, once, at the first start that finds some.
//!
//! The leaves commit to the same salts and texts as before, so nothing changes for who verifies. It is the one place that takes rows
//! out of the record's tables, for which it lifts their guard inside one transaction.

use audit::leaf::SealedGroup;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, TransactionTrait as _,
};

use super::entity::{leaf, leaf_group, leaf_text, org};
use super::scope::OrgScope;
use super::texts::{TEXT, Texts};
use crate::error::Failure;

/// Texts moved at a time.
const PART: u64 = 500;

const UNGUARD: &str = "DROP TRIGGER leaf_group_no_delete";
/// As the migration made it.
const GUARD: &str = "CREATE TRIGGER leaf_group_no_delete BEFORE DELETE ON leaf_group
                     BEGIN SELECT RAISE(ABORT, 'the record only grows'); END";

/// Encrypts the org's texts, unless that was done.
pub(crate) async fn encrypt(db: &DatabaseConnection, texts: &Texts, org: &org::Model) -> Result<(), Failure> {
    if org.texts_encrypted {
        return Ok(());
    }
    tracing::info!(org = %org.id, "encrypting the texts of the record, once");
    let txn = db.begin().await?;
    txn.execute_unprepared(UNGUARD).await?;
    let scope = OrgScope::new(org.id, &txn);
    loop {
        let plain = part(&scope).await?;
        if plain.is_empty() {
            break;
        }
        for g in plain {
            let idx = g.idx;
            let row = scope.find::<leaf::Entity>().filter(leaf::Column::Idx.eq(idx));
            let row = row.one(&txn).await?;
            let row = row.ok_or_else(|| Failure::stored("a text without its leaf"))?;
            let group = SealedGroup {
                name: g.name,
                salt: g.salt.as_slice().try_into().map_err(Failure::stored)?,
                json: g.json,
            };
            scope
                .insert::<leaf_text::Entity, _>(texts.seal(&row, &group).await?)
                .await?;
            let plain = scope
                .delete::<leaf_group::Entity>()
                .filter(leaf_group::Column::Idx.eq(idx));
            plain.filter(leaf_group::Column::Name.eq(TEXT)).exec(&txn).await?;
        }
    }
    txn.execute_unprepared(GUARD).await?;
    let own = scope.update::<org::Entity>();
    own.col_expr(org::Column::TextsEncrypted, Expr::value(true))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(())
}

/// The next texts that are not encrypted.
async fn part(scope: &OrgScope<'_, DatabaseTransaction>) -> Result<Vec<leaf_group::Model>, Failure> {
    let plain = scope
        .find::<leaf_group::Entity>()
        .filter(leaf_group::Column::Name.eq(TEXT));
    let first = plain.order_by_asc(leaf_group::Column::Idx).limit(PART);
    Ok(first.all(scope.conn).await?)
}
