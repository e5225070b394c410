//! Texts of the record at rest: what people typed and machines printed, encrypted so that it can be erased (R5).
//!
//! The record only grows, so what is to be erased can't be deleted from it: its key is. A session's texts have a random key, those
//! that belong to no session have one for each month. The keys are wrapped with a key from the server's secret and are in a
//! file of their own beside the database, so that copies of the database that were made before an erasure lose the text too,
//! once no copy of the keys is as old. A leaf's salt is encrypted with its text: without it nobody can try guesses against the
//! commitment of what was erased.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use audit::leaf::{GroupData, Salt, SealedGroup};
use brotli::enc::BrotliEncoderParams;
use domain::ids::{OrgId, SessionId};
use domain::timestamp::Timestamp;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseConnection, DbErr, PaginatorTrait as _, QueryFilter as _, Statement,
    Value,
};
use zeroize::Zeroizing;

use super::connect;
use super::entity::{leaf, leaf_text, text_erasure};
use super::scope::OrgScope;
use crate::aead::{self, Key};
use crate::deps::Deps;
use crate::error::Failure;
use crate::keys::Keys;

/// The group that is encrypted.
pub(crate) const TEXT: &str = "text";
/// What stands in a page where a text was.
pub(crate) const ERASED: &str = "[erased]";

/// How the plaintext is laid out: this byte, the salt, the canonical JSON.
const PLAIN: u8 = 1;
/// The same, with the JSON packed (Brotli, RFC 7932).
const PACKED: u8 = 2;
/// Bytes of JSON from which packing is tried: a shorter text hardly gets smaller.
const WORTH_PACKING: usize = 1024;
/// Of Brotli's 0 to 11. Higher ones take several times as long for a tenth less of what consoles print.
const QUALITY: i32 = 5;
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
        let plain = laid_out(group)?;
        let sealed = aead::seal(&key.key, &self.deps, &about(row.org_id, row.idx), &plain)?;
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
                Some(key) => opened(&key.key, row).unwrap_or(GroupData::Open {
                    salt: Salt::default(),
                    json: String::new(),
                }),
            };
            (row.idx, text)
        });
        Ok(opened.collect())
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
        Ok(of.count(scope.conn).await?)
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

/// A text with its salt, as it is encrypted.
fn laid_out(group: &SealedGroup) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let json = group.json.as_bytes();
    let mut packed = Zeroizing::new(Vec::new());
    if json.len() >= WORTH_PACKING {
        let params = BrotliEncoderParams {
            quality: QUALITY,
            ..BrotliEncoderParams::default()
        };
        brotli::BrotliCompress(&mut &*json, &mut *packed, &params).map_err(Failure::stored)?;
    }
    let (layout, text) = if (1..json.len()).contains(&packed.len()) {
        (PACKED, packed.as_slice())
    } else {
        (PLAIN, json)
    };
    Ok(Zeroizing::new([&[layout], group.salt.as_slice(), text].concat()))
}

/// What an encrypted text is bound to: its place.
fn about(org: OrgId, idx: i64) -> Vec<u8> {
    [b"countersign text v1", org.0.as_bytes().as_slice(), &idx.to_be_bytes()].concat()
}

fn opened(key: &Key, row: &leaf_text::Model) -> Option<GroupData> {
    let plain = aead::open(key, &about(row.org_id, row.idx), &row.sealed).ok()?;
    let (layout, rest) = plain.split_first()?;
    let (salt, mut text) = rest.split_first_chunk()?;
    let json = match *layout {
        PLAIN => text.to_vec(),
        PACKED => {
            let mut json = Vec::new();
            brotli::BrotliDecompress(&mut text, &mut json).ok()?;
            json
        }
        _ => return None,
    };
    let json = String::from_utf8(json).ok()?;
    Some(GroupData::Open { salt: *salt, json })
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
