//! A bundle: some leaves of one organisation's record with everything needed to check them, as one JSON document.
//!
//! Version 1, as canonical JSON (RFC 8785): a bundle has one spelling, and an unknown field is an error. `title`, `org.name` and `scope.text` are captions:
//! no signature covers them, and the verifier says so by never mentioning them. Deliberately absent: how a bundle is
//! fetched or packed, and witnesses' cosignatures beyond the lines that the checkpoint note carries.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::canonical::{self, CanonicalError};
use domain::digest::{Digest, hex};
use serde::Serialize;

use crate::checkpoint::plain_decimal;
pub use crate::leaf::GroupData;
use crate::leaf::{Sealed, SealedGroup};
use crate::reader::{ReadError, strict_hex};

mod parse;

/// The value of a bundle's `format`.
pub const FORMAT: &str = "countersign-bundle";
/// The version that this crate writes and reads.
pub const VERSION: u32 = 1;

/// The document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bundle {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Whose record it is from.
    pub org: Org,
    /// A caption for people.
    pub title: String,
    /// What the bundle claims to hold.
    pub scope: Scope,
    /// The log's verifier key; see [`crate::checkpoint::Vkey`].
    pub vkey: String,
    /// The tree's size that everything below is proved against.
    pub size: u64,
    /// The tree's root at that size.
    pub root: Digest,
    /// The signed note of that size and root.
    pub checkpoint: String,
    /// The leaves, in order of index.
    pub leaves: Vec<BundleLeaf>,
    /// The multiproof's filler hashes, left to right; see [`crate::proof::Plan::multiproof`].
    pub proof: Vec<Digest>,
    /// A later (or the same) checkpoint with witnesses' cosignatures, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<Witnessed>,
}

/// A checkpoint that witnesses cosigned, and that the record here is where its log begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witnessed {
    /// The signed note with the witnesses' lines.
    pub checkpoint: String,
    /// Consistency proof from the bundle's size to that checkpoint's; see [`crate::proof::Plan::consistency`].
    pub consistency: Vec<Digest>,
}

/// The organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Org {
    /// Its UUID's text, which every leaf and the checkpoint's origin repeat.
    pub id: String,
    /// A caption for people.
    pub name: String,
}

/// What the bundle claims to hold, which the verifier holds it to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// A caption for people, such as the session's reason.
    pub text: String,
    /// Set when the bundle holds all leaves of this session up to its `session.closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// True when the bundle holds every leaf from 0 to the size.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// Why bytes are not a bundle.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BundleError {
    /// A version of the format that this verifier doesn't know.
    #[error("the record is in version {0} of the format, which this verifier does not know")]
    Version(u64),
    /// Not a bundle, or not as this program writes it.
    #[error("the record could not be read ({0})")]
    Malformed(ReadError),
}

/// One leaf with its groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BundleLeaf {
    /// Its position in the log.
    pub index: u64,
    /// Its canonical bytes, which are text.
    pub leaf: String,
    /// The hash that the store holds for it: what tells which leaf was changed.
    pub leaf_hash: Digest,
    /// Each group that the leaf commits to: open, withheld, or erased.
    pub groups: BTreeMap<String, GroupData>,
}

impl BundleLeaf {
    /// A leaf as it was just sealed, all groups open.
    pub fn open(index: u64, sealed: &Sealed) -> Self {
        Self {
            index,
            leaf: String::from_utf8_lossy(&sealed.leaf).into_owned(),
            leaf_hash: sealed.hash,
            groups: sealed
                .groups
                .iter()
                .cloned()
                .map(|g| (g.name.clone(), g.into()))
                .collect(),
        }
    }
}

impl From<SealedGroup> for GroupData {
    fn from(g: SealedGroup) -> Self {
        Self::Open {
            salt: g.salt,
            json: g.json,
        }
    }
}

impl Bundle {
    /// The document: canonical JSON.
    ///
    /// # Errors
    /// When an index or the size is beyond 2^53 − 1.
    pub fn to_json(&self) -> Result<String, CanonicalError> {
        canonical::to_string(self)
    }

    /// The pin of a link to this bundle, for a log signed with the key of that fingerprint.
    pub fn pin(&self, key_hash: Digest) -> Pin {
        Pin {
            version: PIN_VERSION,
            size: self.size,
            root: self.root,
            key_hash,
        }
    }
}

/// The version of pins that this crate writes and reads.
pub const PIN_VERSION: u32 = 1;

/// What was true when a link was made: the part of the URL after `#`, which never reaches the server.
/// Text: `v1.<size>.<root, 64 hex digits>.<key hash, 64 hex digits>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// [`PIN_VERSION`].
    pub version: u32,
    /// The tree's size.
    pub size: u64,
    /// The tree's root.
    pub root: Digest,
    /// SHA-256 of the log's raw public key; see [`crate::checkpoint::fingerprint`].
    pub key_hash: Digest,
}

/// Why a text is no pin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PinError {
    /// A version that this verifier doesn't know.
    #[error("the link's pin is of version {0}, which this verifier does not know")]
    Version(u64),
    /// Not a pin at all, or cut short.
    #[error("the part of the link after # is damaged or incomplete")]
    Malformed,
}

impl Pin {
    /// The pin in the part of a link after `#`, given with or without it. `/` and a place on the page may follow, which is no
    /// part of the pin.
    ///
    /// # Errors
    /// As [`Pin::from_str`].
    pub fn of_link(fragment: &str) -> Result<Self, PinError> {
        fragment.split('/').next().unwrap_or_default().parse()
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, key) = (hex(self.root.as_bytes()), hex(self.key_hash.as_bytes()));
        write!(f, "v{}.{}.{root}.{key}", self.version, self.size)
    }
}

impl FromStr for Pin {
    type Err = PinError;

    /// Takes the fragment with or without its leading `#`.
    fn from_str(s: &str) -> Result<Self, PinError> {
        let s = s.strip_prefix('#').unwrap_or(s);
        let (version, rest) = s
            .strip_prefix('v')
            .and_then(|s| s.split_once('.'))
            .ok_or(PinError::Malformed)?;
        let version = plain_decimal(version).ok_or(PinError::Malformed)?;
        if version != u64::from(PIN_VERSION) {
            return Err(PinError::Version(version));
        }
        let parsed = || {
            let mut parts = rest.split('.');
            let size = plain_decimal(parts.next()?)?;
            let root = Digest(strict_hex(parts.next()?)?);
            let key_hash = Digest(strict_hex(parts.next()?)?);
            parts.next().is_none().then_some(Self {
                version: PIN_VERSION,
                size,
                root,
                key_hash,
            })
        };
        parsed().ok_or(PinError::Malformed)
    }
}
