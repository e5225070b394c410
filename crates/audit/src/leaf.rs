//! One event of the record as bytes: a fixed header, and for each group of fields a salted commitment.
//!
//! The commitments let a group be withheld in a share, or erased by law, while the leaf still verifies with the gap in
//! plain sight. Deliberately absent: which kinds and groups exist (`domain::event`) and where the groups are kept.

use std::collections::BTreeMap;

use domain::canonical::{self, CanonicalError};
use domain::digest::Digest;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::strict_hex;

/// The version of the leaf format that this crate writes and reads.
pub const VERSION: u32 = 1;

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

/// What a stored or shared group holds; in a bundle `{"open":{"salt":…,"json":…}}` or `"withheld"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum GroupData {
    /// Here, to be checked against the leaf's commitment.
    Open {
        /// The commitment's salt: 32 lower-case hexadecimal digits.
        #[serde(with = "strict_hex::salt")]
        salt: Salt,
        /// The group's fields as canonical JSON.
        json: String,
    },
    /// Kept back on purpose; the leaf still commits to it.
    Withheld,
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
    /// Not the JSON object that a leaf is.
    #[error("the bytes are not a leaf: {0}")]
    Malformed(String),
    /// A version of the format that this verifier doesn't know.
    #[error("leaf version {0} is not supported")]
    Version(u64),
    /// The right fields, but not in the one canonical spelling.
    #[error("the bytes are not in canonical form")]
    NotCanonical,
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
    let value = serde_json::from_str::<Value>(json).ok().filter(Value::is_object);
    value.and_then(|v| canonical::to_vec(&v).ok()).is_some_and(|bytes| bytes == json.as_bytes())
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
        let group = SealedGroup { name: name.clone(), salt: salts(), json: canonical::to_string(value)? };
        commitments.insert(name.clone(), group.commitment());
        sealed.push(group);
    }
    let leaf = Leaf { header, groups: commitments }.to_bytes()?;
    Ok(Sealed { hash: hash(&leaf), leaf, groups: sealed })
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
        let named = [("org", &self.org), ("id", &self.id), ("kind", &self.kind), ("outcome", &self.outcome)];
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
        canonical::to_vec(&Wire::from(self.clone()))
    }

    /// Reads a leaf back, accepting only the bytes that [`seal`] would have made.
    ///
    /// # Errors
    /// When the bytes are no leaf, of an unknown version, or not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|e| unreadable(bytes, &e))?;
        if wire.v != VERSION {
            return Err(LeafError::Version(wire.v.into()));
        }
        let leaf = Self::from(wire);
        let sound = leaf.header.check().is_ok() && leaf.groups.keys().all(|name| is_group_name(name));
        if !sound || leaf.to_bytes().as_deref() != Ok(bytes) {
            return Err(LeafError::NotCanonical);
        }
        Ok(leaf)
    }
}

/// A leaf of a later version may have other fields: then the version is the reason, not the shape.
fn unreadable(bytes: &[u8], error: &serde_json::Error) -> LeafError {
    #[derive(Deserialize)]
    struct Probe {
        v: u64,
    }
    match serde_json::from_slice::<Probe>(bytes) {
        Ok(Probe { v }) if v != u64::from(VERSION) => LeafError::Version(v),
        _ => LeafError::Malformed(error.to_string()),
    }
}

fn is_group_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The leaf's JSON object.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u32,
    org: String,
    index: u64,
    id: String,
    time: Timestamp,
    kind: String,
    kind_version: u32,
    outcome: String,
    refs: BTreeMap<String, String>,
    groups: BTreeMap<String, Digest>,
}

impl From<Leaf> for Wire {
    fn from(Leaf { header: h, groups }: Leaf) -> Self {
        let Header { v, org, index, id, time, kind, kind_version, outcome, refs } = h;
        Self { v, org, index, id, time, kind, kind_version, outcome, refs, groups }
    }
}

impl From<Wire> for Leaf {
    fn from(w: Wire) -> Self {
        let Wire { v, org, index, id, time, kind, kind_version, outcome, refs, groups } = w;
        Self { header: Header { v, org, index, id, time, kind, kind_version, outcome, refs }, groups }
    }
}
