//! The groups of leaves as they stand in the database: bytes as they are, nothing trusted.
//!
//! All but the text are one column of the leaf's row, a JSON object of name to salt (in hex) and the group's own JSON, byte for byte as
//! the leaf commits to it: `{"what":["0123…",{…}],"who":["4567…",{…}]}`.

use std::collections::BTreeMap;

use audit::bundle::GroupData;
use audit::leaf::SealedGroup;
use domain::digest::{hex, unhex};
use domain::event::REGISTRY;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, QueryFilter as _};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::entity::{leaf, leaf_text};
use super::leaves::{self, OpenLeaf};
use super::scope::OrgScope;
use super::texts::{ERASED, TEXT, Texts};
use crate::error::Failure;

/// A leaf's groups, by name.
pub(crate) type Groups = BTreeMap<String, GroupData>;

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
        let which = Condition::all().add(leaf::Column::Idx.is_in(part.iter().copied()));
        all.extend(of(scope, texts, &leaves::read(scope, which).await?).await?);
    }
    Ok(all)
}

/// The groups of these leaves, by index.
pub(crate) async fn of<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    texts: &Texts,
    leaves: &[OpenLeaf],
) -> Result<BTreeMap<i64, Groups>, Failure> {
    let mut all: BTreeMap<i64, Groups> = leaves.iter().map(|l| (l.index, unpack(&l.groups))).collect();
    let mut packed: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for l in leaves {
        if let Some(first) = l.text_in {
            packed.entry(first).or_default().push(l.index);
        }
    }
    let mut found = Vec::new();
    for (first, indexes) in packed {
        found.extend(texts.unpack(scope, first, &indexes).await?);
    }
    let alone: Vec<i64> = leaves.iter().filter(|l| l.text_in.is_none()).map(|l| l.index).collect();
    for part in alone.chunks(PART) {
        let sealed = scope
            .find::<leaf_text::Entity>()
            .filter(leaf_text::Column::Idx.is_in(part.iter().copied()))
            .all(scope.conn)
            .await?;
        found.extend(texts.unseal(scope.org(), sealed).await?);
    }
    for (index, text) in found {
        all.entry(index).or_default().insert(TEXT.to_owned(), text);
    }
    Ok(all)
}

/// Groups as the leaf's row holds them.
pub(crate) fn pack(groups: &[SealedGroup]) -> String {
    let mut packed = String::from("{");
    for g in groups {
        if packed.len() > 1 {
            packed.push(',');
        }
        // Names are the registry's: letters alone.
        for part in ["\"", &g.name, "\":[\"", &hex(&g.salt), "\",", &g.json, "]"] {
            packed.push_str(part);
        }
    }
    packed.push('}');
    packed
}

/// The groups that a leaf's row holds. What can't be read is left out, and the leaf commits to it: who verifies is told that it is gone.
fn unpack(packed: &[u8]) -> Groups {
    let packed: BTreeMap<String, (String, &RawValue)> = serde_json::from_slice(packed).unwrap_or_default();
    let open = |(name, (salt, json)): (String, (String, &RawValue))| {
        // A salt of another length can't be right; zeros make the commitment differ, which is what the verifier reports.
        let salt = unhex(&salt).and_then(|salt| salt.try_into().ok()).unwrap_or_default();
        let json = json.get().to_owned();
        (name, GroupData::Open { salt, json })
    };
    packed.into_iter().map(open).collect()
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
