//! Texts from before they were encrypted: moved to where they can be erased, once, at the first start that finds some.
//!
//! A migration left them in a table of their own. The leaves commit to the same salts and texts as before, so nothing changes for who
//! verifies.

use audit::leaf::SealedGroup;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, DatabaseConnection, DatabaseTransaction, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TransactionTrait as _,
};

use super::entity::{leaf, leaf_text, older_text, org};
use super::scope::OrgScope;
use super::texts::{TEXT, Texts};
use crate::error::Failure;

/// Texts moved at a time.
const PART: u64 = 500;

/// Encrypts the org's texts, unless that was done.
pub(crate) async fn encrypt(db: &DatabaseConnection, texts: &Texts, org: &org::Model) -> Result<(), Failure> {
    if org.texts_encrypted {
        return Ok(());
    }
    tracing::info!(org = %org.id, "encrypting the texts of the record, once");
    let txn = db.begin().await?;
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
                name: TEXT.to_owned(),
                salt: g.salt.as_slice().try_into().map_err(Failure::stored)?,
                json: g.json,
            };
            scope
                .insert::<leaf_text::Entity, _>(texts.seal(&row, &group).await?)
                .await?;
            let plain = scope
                .delete::<older_text::Entity>()
                .filter(older_text::Column::Idx.eq(idx));
            plain.exec(&txn).await?;
        }
    }
    let own = scope.update::<org::Entity>();
    own.col_expr(org::Column::TextsEncrypted, Expr::value(true))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(())
}

/// The next texts that are not encrypted.
async fn part(scope: &OrgScope<'_, DatabaseTransaction>) -> Result<Vec<older_text::Model>, Failure> {
    let first = scope
        .find::<older_text::Entity>()
        .order_by_asc(older_text::Column::Idx)
        .limit(PART);
    Ok(first.all(scope.conn).await?)
}
