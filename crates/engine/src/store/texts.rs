//! Texts of the record at rest: what people typed and machines printed, encrypted so that it can be erased (R5).
//!
//! The record only grows, so what is to be erased can't be deleted from it: its key is. A session's texts have a random key, those
//! that belong to no session have one for each month. The keys are wrapped with a key from the server's secret and are in a
//! file of their own beside the database, so that copies of the database that were made before an erasure lose the text too,
//! once no copy of the keys is as old. A leaf's salt is encrypted with its text: without it nobody can try guesses against the
//! commitment of what was erased.

mod layout;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use audit::leaf::{GroupData, Salt, SealedGroup};
use domain::ids::{OrgId, SessionId};
use domain::timestamp::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseConnection, DbErr, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _, Statement, Value,
};
use zeroize::Zeroizing;

use super::connect;
use super::entity::{leaf, leaf_pack, leaf_text, text_erasure};
use super::event_log::as_u64;
use super::packs::{self, Entries};
use super::scope::OrgScope;
use crate::aead::{self, Key};
use crate::deps::Deps;
use crate::error::Failure;
use crate::keys::Keys;

/// The group that is encrypted.
pub(crate) const TEXT: &str = "text";
/// What stands in a page where a text was.
pub(crate) const ERASED: &str = "[erased]";

/// Keys that are kept unwrapped in memory.
const CACHED: usize = 2000;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS text_key (
    id blob PRIMARY KEY CHECK (length(id) = 16),
    org_id blob NOT NULL,
    subject text NOT NULL,
    wrapped blob NOT NULL,
    made_at integer NOT NULL,
    UNIQUE (org_id, subject))";

/// What is erased together, as the record names it: a session's id, or a month such as `2026-11`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject(String);

impl Subject {
    /// A session's texts.
    pub(crate) fn session(id: SessionId) -> Self {
        Self(id.to_string())
    }

    /// What belongs to no session, of that month.
    pub(crate) fn month(at: Timestamp) -> Self {
        Self(at.day().chars().take(7).collect())
    }

    /// What a leaf's text belongs to.
    fn of(row: &leaf::Model) -> Self {
        row.session_id.map_or_else(|| Self::month(row.at), Self::session)
    }

    /// As the record names it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

type KeyId = [u8; 16];

struct TextKey {
    id: KeyId,
    key: Zeroizing<Key>,
}

/// What is known of the key of a subject.
#[derive(Clone)]
enum Known {
    Key(Arc<TextKey>),
    /// It was to be destroyed, and could not be.
    Doomed,
}

type Cache = HashMap<(OrgId, Subject), Known>;

/// The keys of texts.
pub(crate) struct Texts {
    db: DatabaseConnection,
    keys: Arc<Keys>,
    deps: Deps,
    cache: Mutex<Cache>,
}

impl Texts {
    /// Opens the file of keys below `data`, or makes it.
    pub(crate) async fn open(data: &Path, keys: Arc<Keys>, deps: Deps) -> Result<Self, DbErr> {
        let db = connect::text_keys(data).await?;
        db.execute_unprepared(TABLE).await?;
        Ok(Self {
            db,
            keys,
            deps,
            cache: Mutex::default(),
        })
    }

    /// Encrypts a leaf's text. The key is on the disk before this returns.
    pub(crate) async fn seal(&self, row: &leaf::Model, group: &SealedGroup) -> Result<leaf_text::Model, Failure> {
        let key = self.current(row.org_id, Subject::of(row)).await?;
        let plain = layout::laid_out(group)?;
        let sealed = aead::seal(&key.key, &self.deps, &layout::about(row.org_id, row.idx), &plain)?;
        Ok(leaf_text::Model {
            org_id: row.org_id,
            idx: row.idx,
            key_id: key.id.to_vec(),
            sealed,
        })
    }

    /// The texts of leaves of one org. What can't be opened although its key is there was changed: it comes back as what no
    /// leaf commits to.
    pub(crate) async fn unseal(
        &self,
        org: OrgId,
        rows: Vec<leaf_text::Model>,
    ) -> Result<Vec<(i64, GroupData)>, Failure> {
        let wanted: BTreeSet<&[u8]> = rows.iter().map(|r| &*r.key_id).collect();
        let keys = self.found(org, &wanted).await?;
        let opened = rows.iter().map(|row| {
            let text = match keys.get(&*row.key_id) {
                None => GroupData::Erased,
                Some(key) => layout::opened(&key.key, row).unwrap_or_else(altered),
            };
            (row.idx, text)
        });
        Ok(opened.collect())
    }

    /// The texts of leaves that are in one pack, likewise.
    pub(crate) async fn unpack<C: ConnectionTrait>(
        &self,
        scope: &OrgScope<'_, C>,
        first: i64,
        indexes: &[i64],
    ) -> Result<Vec<(i64, GroupData)>, Failure> {
        let row = scope
            .find::<leaf_pack::Entity>()
            .filter(leaf_pack::Column::First.eq(first))
            .filter(leaf_pack::Column::KeyId.is_not_null())
            .select_only()
            .column(leaf_pack::Column::KeyId)
            .column(leaf_pack::Column::Texts);
        let row: Option<(Vec<u8>, Vec<u8>)> = row.into_tuple().one(scope.conn).await?;
        let Some((id, sealed)) = row else {
            return Ok(indexes.iter().map(|index| (*index, altered())).collect());
        };
        let Some(key) = self.found(scope.org(), &BTreeSet::from([&*id])).await?.remove(&id) else {
            return Ok(indexes.iter().map(|index| (*index, GroupData::Erased)).collect());
        };
        let about = layout::about_pack(scope.org(), first);
        let mut packed = aead::open(&key.key, &about, &sealed)
            .ok()
            .and_then(|plain| packs::unpack(&plain))
            .unwrap_or_default();
        let text = |index: &i64| {
            let text = packed.remove(index).and_then(layout::text_of);
            (*index, text.unwrap_or_else(altered))
        };
        Ok(indexes.iter().map(text).collect())
    }

    /// The texts of these leaves as a pack holds them, with the id of their key; none where there is no text, the key is gone, or one
    /// of them can't be opened: what was changed stays where it is.
    pub(crate) async fn packed(
        &self,
        org: OrgId,
        first: i64,
        rows: Vec<leaf_text::Model>,
    ) -> Result<Option<(Vec<u8>, Vec<u8>)>, Failure> {
        let ids: BTreeSet<&[u8]> = rows.iter().map(|r| &*r.key_id).collect();
        let mut keys = self.found(org, &ids).await?;
        let Some((id, key)) = keys.drain().next().filter(|_| ids.len() == 1) else {
            return Ok(None);
        };
        let deps = self.deps.clone();
        let packing = tokio::task::spawn_blocking(move || {
            let mut entries = Entries::new();
            for row in &rows {
                let Some(GroupData::Open { salt, json }) = layout::opened(&key.key, row) else {
                    return Ok(None);
                };
                entries.insert(row.idx, [salt.to_vec(), json.into_bytes()]);
            }
            let Some(plain) = packs::pack(&entries).map(Zeroizing::new) else {
                return Ok(None);
            };
            aead::seal(&key.key, &deps, &layout::about_pack(org, first), &plain).map(Some)
        });
        let sealed = packing.await.map_err(Failure::stored)??;
        Ok(sealed.map(|sealed| (id, sealed)))
    }

    /// Destroys the key of a subject, and with it all of its texts. Nothing is wrong where there is none. Only the one who
    /// encrypts calls it, so that no key is used and destroyed at the same time.
    async fn destroy(&self, org: OrgId, subject: &Subject) -> Result<(), Failure> {
        self.cached().insert((org, subject.clone()), Known::Doomed);
        let sql = "DELETE FROM text_key WHERE org_id = ? AND subject = ?";
        let values = [Value::from(org), subject.as_str().into()];
        self.db.execute_raw(self.statement(sql, values)).await?;
        self.cached().remove(&(org, subject.clone()));
        Ok(())
    }

    /// Months of the org that have texts outside of sessions, before the month `end`.
    pub(crate) async fn months_before(&self, org: OrgId, end: &Subject) -> Result<Vec<Subject>, Failure> {
        let sql =
            "SELECT subject FROM text_key WHERE org_id = ? AND length(subject) = 7 AND subject < ? ORDER BY subject";
        let values = [Value::from(org), end.as_str().into()];
        let rows = self.db.query_all_raw(self.statement(sql, values)).await?;
        let subjects = rows.iter().map(|r| r.try_get_by_index(0).map(Subject));
        Ok(subjects.collect::<Result<_, _>>()?)
    }

    /// How many texts there are of a subject.
    pub(crate) async fn count<C: ConnectionTrait>(
        &self,
        scope: &OrgScope<'_, C>,
        subject: &Subject,
    ) -> Result<u64, Failure> {
        let Some(key) = self.stored(scope.org(), subject).await? else {
            return Ok(0);
        };
        let of = scope
            .find::<leaf_text::Entity>()
            .filter(leaf_text::Column::KeyId.eq(key.id.to_vec()));
        let packed = scope
            .find::<leaf_pack::Entity>()
            .filter(leaf_pack::Column::KeyId.eq(key.id.to_vec()))
            .select_only()
            .column(leaf_pack::Column::TextCount);
        let packed: Vec<i64> = packed.into_tuple().all(scope.conn).await?;
        Ok(of.count(scope.conn).await? + packed.into_iter().map(as_u64).sum::<u64>())
    }

    /// The key that new texts of the subject are encrypted with.
    async fn current(&self, org: OrgId, subject: Subject) -> Result<Arc<TextKey>, Failure> {
        let at = (org, subject);
        let known = self.cached().get(&at).cloned();
        match known {
            Some(Known::Key(key)) => return Ok(key),
            Some(Known::Doomed) => self.destroy(org, &at.1).await?,
            None => {}
        }
        let key = match self.stored(org, &at.1).await? {
            Some(key) => key,
            None => self.make(org, &at.1).await?,
        };
        let key = Arc::new(key);
        let mut cache = self.cached();
        if cache.len() >= CACHED {
            cache.retain(|_, known| matches!(known, Known::Doomed));
        }
        cache.insert(at, Known::Key(key.clone()));
        Ok(key)
    }

    async fn stored(&self, org: OrgId, subject: &Subject) -> Result<Option<TextKey>, Failure> {
        let sql = "SELECT id, wrapped FROM text_key WHERE org_id = ? AND subject = ?";
        let values = [Value::from(org), subject.as_str().into()];
        let Some(row) = self.db.query_one_raw(self.statement(sql, values)).await? else {
            return Ok(None);
        };
        let (id, wrapped): (Vec<u8>, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        self.unwrap(org, &id, &wrapped).map(Some)
    }

    async fn make(&self, org: OrgId, subject: &Subject) -> Result<TextKey, Failure> {
        let key = TextKey {
            id: self.deps.bytes(),
            key: Zeroizing::new(self.deps.bytes()),
        };
        let wrapped = aead::seal(&self.keys.text_wrapping(org), &self.deps, &key.id, &*key.key)?;
        let sql = "INSERT INTO text_key (id, org_id, subject, wrapped, made_at) VALUES (?, ?, ?, ?, ?)";
        let values = [
            Value::from(key.id.to_vec()),
            org.into(),
            subject.as_str().into(),
            wrapped.into(),
            self.deps.now().0.into(),
        ];
        self.db.execute_raw(self.statement(sql, values)).await?;
        Ok(key)
    }

    /// The keys with these ids, as far as they are there.
    async fn found(&self, org: OrgId, ids: &BTreeSet<&[u8]>) -> Result<HashMap<Vec<u8>, TextKey>, Failure> {
        let mut keys = HashMap::new();
        for id in ids {
            let sql = "SELECT wrapped FROM text_key WHERE org_id = ? AND id = ?";
            let values = [Value::from(org), id.to_vec().into()];
            if let Some(row) = self.db.query_one_raw(self.statement(sql, values)).await? {
                let wrapped: Vec<u8> = row.try_get_by_index(0)?;
                keys.insert(id.to_vec(), self.unwrap(org, id, &wrapped)?);
            }
        }
        Ok(keys)
    }

    fn unwrap(&self, org: OrgId, id: &[u8], wrapped: &[u8]) -> Result<TextKey, Failure> {
        let id: KeyId = id.try_into().map_err(Failure::stored)?;
        let key = Zeroizing::new(aead::open(&self.keys.text_wrapping(org), &id, wrapped)?);
        let key = Zeroizing::new(Key::try_from(key.as_slice()).map_err(Failure::stored)?);
        Ok(TextKey { id, key })
    }

    fn cached(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)
    }
}

/// What no leaf commits to.
fn altered() -> GroupData {
    GroupData::Open {
        salt: Salt::default(),
        json: String::new(),
    }
}

/// Destroys the key of what was erased and notes that it is done.
///
/// # Errors
/// When either can't be written; the note then makes the next start try again, and no new text is encrypted with that key.
pub(crate) async fn erase(
    db: &impl ConnectionTrait,
    texts: &Texts,
    org: OrgId,
    subject: &Subject,
) -> Result<(), Failure> {
    texts.destroy(org, subject).await?;
    let scope = OrgScope::new(org, db);
    let done = scope
        .delete::<text_erasure::Entity>()
        .filter(text_erasure::Column::Subject.eq(subject.as_str()));
    done.exec(scope.conn).await?;
    Ok(())
}

/// Does what was left to do of the erasures of an org.
pub(crate) async fn finish_erasures(db: &impl ConnectionTrait, texts: &Texts, org: OrgId) -> Result<(), Failure> {
    let scope = OrgScope::new(org, db);
    for left in scope.find::<text_erasure::Entity>().all(scope.conn).await? {
        erase(db, texts, org, &Subject(left.subject)).await?;
    }
    Ok(())
}
