//! One event of the record as bytes: a fixed header, and for each group of fields a salted commitment.
//!
//! The commitments let a group be withheld in a share, or erased by law, while the leaf still verifies with the gap in
//! plain sight. Deliberately absent: which kinds and groups exist (`domain::event`) and where the groups are kept.

use std::collections::BTreeMap;

use domain::canonical::{self, CanonicalError, MAX_INTEGER};
use domain::digest::{Digest, hex};
use domain::timestamp::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::reader::{ReadError, Reader, members, read_text};

mod parse;

pub(crate) use parse::{HeaderRef, LeafRef};

/// The version of the leaf format that this crate writes and reads.
pub const VERSION: u32 = 1;

/// Bytes that most leaves stay below.
const USUAL: usize = 1024;

/// 16 random bytes that keep a commitment from being guessed.
pub type Salt = [u8; 16];

/// What every leaf says in the open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Format version: [`VERSION`].
    pub v: u32,
    /// The organisation, as its UUID's text.
    pub org: String,
    /// Position in the organisation's log, from 0, without gaps.
    pub index: u64,
    /// The event's own id (UUIDv7 text).
    pub id: String,
    /// When it happened, by the server's clock.
    pub time: Timestamp,
    /// The event's name, such as `session.opened`.
    pub kind: String,
    /// The version of that event's fields.
    pub kind_version: u32,
    /// How it ended, such as `ok` or `refused`.
    pub outcome: String,
    /// What it belongs to: `session`, `action`, `request` to an id.
    pub refs: BTreeMap<String, String>,
}

/// A parsed leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The fields in the open.
    pub header: Header,
    /// Group name to commitment; see [`commitment`].
    pub groups: BTreeMap<String, Digest>,
}

/// A group as it is stored beside its leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedGroup {
    /// The group's name, such as `who`.
    pub name: String,
    /// The commitment's salt.
    pub salt: Salt,
    /// The group's fields as canonical JSON.
    pub json: String,
}

/// What a stored or shared group holds; in a bundle `{"open":{"salt":…,"json":…}}`, `"withheld"` or `"erased"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupData {
    /// Here, to be checked against the leaf's commitment.
    Open {
        /// The commitment's salt: 32 lower-case hexadecimal digits.
        #[serde(serialize_with = "salt_as_hex")]
        salt: Salt,
        /// The group's fields as canonical JSON.
        json: String,
    },
    /// Kept back on purpose; the leaf still commits to it.
    Withheld,
    /// Gone for good, with the key that it was encrypted with; the leaf still commits to it.
    Erased,
}

/// A leaf ready to be stored: its bytes, its hash, and its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Canonical JSON of header and commitments: the bytes that are hashed.
    pub leaf: Vec<u8>,
    /// [`hash`] of those bytes.
    pub hash: Digest,
    /// The groups, in order of name.
    pub groups: Vec<SealedGroup>,
}

/// Why an event can't become a leaf.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// The header has a version other than [`VERSION`].
    #[error("leaf version {0} is not supported")]
    Version(u32),
    /// A header field that must say something is empty.
    #[error("the leaf's field `{0}` is empty")]
    Empty(&'static str),
    /// A group's name is not `[a-z][a-z0-9_]*`.
    #[error("`{0}` is no name for a group")]
    GroupName(String),
    /// A group is not a JSON object.
    #[error("the group `{0}` is not an object")]
    GroupNotObject(String),
    /// A value that has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// Why bytes are not a leaf.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LeafError {
    /// Not the JSON object that a leaf is, or not in its one canonical spelling.
    #[error("the bytes are not a leaf in canonical form ({0})")]
    Malformed(ReadError),
    /// A version of the format that this verifier doesn't know.
    #[error("leaf version {0} is not supported")]
    Version(u64),
}

fn salt_as_hex<S: Serializer>(salt: &Salt, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&hex(salt))
}

/// RFC 6962 leaf hash: `SHA-256(0x00 || leaf)`.
pub fn hash(leaf: &[u8]) -> Digest {
    Digest::of(&[&[0x00], leaf])
}

/// A group's commitment: `SHA-256(0x02 || salt || canonical JSON)`.
pub fn commitment(salt: &Salt, json: &str) -> Digest {
    Digest::of(&[&[0x02], salt, json.as_bytes()])
}

/// Whether `json` is an object in canonical JSON.
pub fn is_canonical_object(json: &str) -> bool {
    json.starts_with('{') && read_text(json, Reader::skip).is_ok()
}

/// The values of these members of a group, as they stand there; `None` for those that it lacks, and for all of a group that is not here.
pub(crate) fn fields<'a, const N: usize>(
    groups: &'a BTreeMap<String, GroupData>,
    group: &str,
    names: [&str; N],
) -> [Option<&'a str>; N] {
    match groups.get(group) {
        Some(GroupData::Open { json, .. }) => members(json, names),
        Some(GroupData::Withheld | GroupData::Erased) | None => [None; N],
    }
}

/// Makes the leaf of one event. `salts` is asked once per group, in order of group name.
///
/// # Errors
/// When the header is incomplete, a group is badly named or no object, or a number has no canonical form.
pub fn seal(
    header: Header,
    groups: &BTreeMap<String, Value>,
    mut salts: impl FnMut() -> Salt,
) -> Result<Sealed, SealError> {
    header.check()?;
    let mut sealed = Vec::with_capacity(groups.len());
    let mut commitments = BTreeMap::new();
    for (name, value) in groups {
        if !is_group_name(name) {
            return Err(SealError::GroupName(name.clone()));
        }
        if !value.is_object() {
            return Err(SealError::GroupNotObject(name.clone()));
        }
        let group = SealedGroup {
            name: name.clone(),
            salt: salts(),
            json: canonical::of(value)?,
        };
        commitments.insert(name.clone(), group.commitment());
        sealed.push(group);
    }
    let leaf = Leaf {
        header,
        groups: commitments,
    }
    .to_bytes()?;
    Ok(Sealed {
        hash: hash(&leaf),
        leaf,
        groups: sealed,
    })
}

impl SealedGroup {
    /// What the leaf says of this group.
    pub fn commitment(&self) -> Digest {
        commitment(&self.salt, &self.json)
    }
}

impl Header {
    fn check(&self) -> Result<(), SealError> {
        if self.v != VERSION {
            return Err(SealError::Version(self.v));
        }
        let named = [
            ("org", &self.org),
            ("id", &self.id),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
        ];
        match named.into_iter().find(|(_, value)| value.is_empty()) {
            Some((field, _)) => Err(SealError::Empty(field)),
            None => Ok(()),
        }
    }
}

impl Leaf {
    /// The canonical bytes.
    ///
    /// # Errors
    /// When the index is beyond 2^53 − 1.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        let h = &self.header;
        let index = i64::try_from(h.index).unwrap_or(i64::MAX);
        if index > MAX_INTEGER {
            return Err(CanonicalError::Number(h.index.to_string()));
        }
        let text = |value: &String, out: &mut String| {
            canonical::string(value, out);
            Ok(())
        };
        let digest = |value: &Digest, out: &mut String| text(&value.to_string(), out);
        // Members in canonical order. By hand, since every event of every record is written here.
        let mut out = String::with_capacity(USUAL);
        out.push_str("{\"groups\":");
        canonical::object(&self.groups, &mut out, digest)?;
        member(&mut out, ",\"id\":", &h.id);
        out.push_str(&format!(",\"index\":{index}"));
        member(&mut out, ",\"kind\":", &h.kind);
        out.push_str(&format!(",\"kind_version\":{}", h.kind_version));
        member(&mut out, ",\"org\":", &h.org);
        member(&mut out, ",\"outcome\":", &h.outcome);
        out.push_str(",\"refs\":");
        canonical::object(&h.refs, &mut out, text)?;
        member(&mut out, ",\"time\":", &h.time.to_string());
        out.push_str(&format!(",\"v\":{}}}", h.v));
        Ok(out.into_bytes())
    }
}

fn member(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    canonical::string(value, out);
}

fn is_group_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
