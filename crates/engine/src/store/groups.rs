//! The groups of leaves as they stand in the database: bytes as they are, nothing parsed, nothing trusted.

use std::collections::BTreeMap;

use audit::bundle::GroupData;
use domain::event::REGISTRY;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::entity::{leaf_group, leaf_text};
use super::scope::OrgScope;
use super::texts::{ERASED, TEXT, Texts};
use crate::error::Failure;

/// A leaf's groups, by name.
pub(crate) type Groups = BTreeMap<String, GroupData>;

/// Index, name, salt, JSON.
type GroupRow = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Leaves whose groups are read at once.
const PART: usize = 500;

/// The groups of the leaves with these indexes, by index.
pub(crate) async fn read<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
    indexes: &[i64],
) -> Result<BTreeMap<i64, Groups>, Failure> {
    let mut all = BTreeMap::new();
    for part in indexes.chunks(PART) {
        open(scope, part, &mut all).await?;
        let sealed = scope
            .find::<leaf_text::Entity>()
            .filter(leaf_text::Column::Idx.is_in(part.iter().copied()))
            .all(scope.conn)
            .await?;
        for (index, text) in texts.unseal(scope.org(), sealed).await? {
            all.entry(index).or_default().insert(TEXT.to_owned(), text);
        }
    }
    Ok(all)
}

/// The groups that are not encrypted.
async fn open<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    indexes: &[i64],
    all: &mut BTreeMap<i64, Groups>,
) -> Result<(), Failure> {
    let rows = scope
        .find::<leaf_group::Entity>()
        .filter(leaf_group::Column::Idx.is_in(indexes.iter().copied()))
        .select_only();
    let rows = rows
        .column(leaf_group::Column::Idx)
        .expr_as(bytes(leaf_group::Column::Name), "name_bytes");
    let rows = rows
        .column(leaf_group::Column::Salt)
        .expr_as(bytes(leaf_group::Column::Json), "json_bytes");
    let rows: Vec<GroupRow> = rows.into_tuple().all(scope.conn).await?;
    for (index, name, salt, json) in rows {
        // A salt of another length can't be right; zeros make the commitment differ, which is what the verifier reports.
        let salt = salt.as_slice().try_into().unwrap_or([0; 16]);
        let json = String::from_utf8_lossy(&json).into_owned();
        let name = String::from_utf8_lossy(&name).into_owned();
        all.entry(index)
            .or_default()
            .insert(name, GroupData::Open { salt, json });
    }
    Ok(())
}

/// A text column's bytes.
pub(crate) fn bytes(column: impl ColumnTrait) -> Expr {
    column.into_expr().cast_as(Alias::new("blob"))
}

/// The fields of a leaf's groups as its kind of event has them: in the place of a text that is withheld or was erased stands a word
/// that says so.
pub(crate) fn readable(kind: &str, version: u32, groups: &Groups) -> BTreeMap<String, Value> {
    let mut all = values(groups);
    let Some(word) = groups.get(TEXT).and_then(gap) else {
        return all;
    };
    let spec = REGISTRY
        .iter()
        .find(|spec| (spec.name, spec.version) == (kind, version));
    let fields = spec
        .into_iter()
        .flat_map(|spec| spec.fields)
        .filter(|f| f.group == TEXT);
    let text = fields
        .map(|f| (f.name.to_owned(), standing_for(f.name, word)))
        .collect();
    all.insert(TEXT.to_owned(), Value::Object(text));
    all
}

/// What stands where a text was; none where it is there.
pub(crate) fn gap(data: &GroupData) -> Option<&'static str> {
    match data {
        GroupData::Open { .. } => None,
        GroupData::Withheld => Some("[withheld]"),
        GroupData::Erased => Some(ERASED),
    }
}

fn standing_for(field: &str, word: &str) -> Value {
    if field == "command" {
        json!({"script": {"shell": "sh", "text": word}})
    } else {
        json!(word)
    }
}

/// The fields of the groups that can be read.
pub(crate) fn values(groups: &Groups) -> BTreeMap<String, Value> {
    groups
        .iter()
        .filter_map(|(name, data)| match data {
            GroupData::Open { json, .. } => Some((name.clone(), serde_json::from_str(json).ok()?)),
            GroupData::Withheld | GroupData::Erased => None,
        })
        .collect()
}
