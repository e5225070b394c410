//! Releases of the agent: what one is, said by whoever holds the release key. The server hands releases on and holds no key
//! for them, so that whoever takes over a server still can't make an endpoint run a program of their own (R10).

use std::fmt;
use std::str::FromStr;

use domain::canonical::{self, CanonicalError};
use domain::digest::Digest;
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::signing;

const RELEASE_PURPOSE: &str = "countersign release v1\n";

/// The version of [`Manifest`] written and read here.
pub const MANIFEST_VERSION: u32 = 1;

/// What stands right before an agent's version in its program, once.
pub const STAMP_MARK: &str = "countersign-agent has the version ";

/// The bytes after the mark that hold the version, with zeros after it.
pub const STAMP_LEN: usize = 32;

/// The largest program that is taken as a release, in bytes.
pub const MAX_RELEASE: u64 = 256 * 1024 * 1024;

/// The most bytes of a target's name.
const MAX_TARGET: usize = 100;

/// A release's version: three numbers, compared from left to right. There are no others, so "newer" needs no explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Changes when old and new don't go together.
    pub major: u32,
    /// Changes with what is new.
    pub minor: u32,
    /// Changes with what is mended.
    pub patch: u32,
}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is three numbers, such as 1.4.0")]
pub struct NotAVersion;

/// What a release is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub v: u32,
    /// The version that the program says of itself.
    pub version: Version,
    /// What it was built for, as Rust calls it: `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// The program's size in bytes.
    pub size: u64,
    /// SHA-256 of the program.
    pub sha256: Digest,
    /// The oldest version that it may replace.
    pub minimum: Version,
    /// Not to be installed before this, by the server's clock; null for at once.
    pub not_before: Option<Timestamp>,
}

/// A manifest as it travels: the exact text that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedManifest {
    /// The canonical JSON of a [`Manifest`].
    pub manifest: String,
    /// 128 hexadecimal digits over a purpose line and that text.
    pub signature: String,
}

/// Why a manifest is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARelease {
    /// It is not signed with the release key.
    #[error("it is not signed with the release key that this endpoint holds")]
    BadSignature,
    /// It can't be read, or is not canonical.
    #[error("its manifest can't be read")]
    Malformed,
    /// Another version of manifests.
    #[error("its manifest is of a version that is not known here")]
    Unsupported,
}

impl SignedManifest {
    /// Signs `manifest` with the release key.
    ///
    /// # Errors
    /// When a number is beyond what canonical JSON holds (2^53 − 1).
    pub fn sign(manifest: &Manifest, key: &SigningKey) -> Result<Self, CanonicalError> {
        let manifest = canonical::to_string(manifest)?;
        let signature = signing::sign(key, &Self::signed_bytes(&manifest));
        Ok(Self { manifest, signature })
    }

    /// The manifest, if it is genuine: signed by `key`, in canonical form, and of a version known here.
    ///
    /// # Errors
    /// See [`NotARelease`].
    pub fn open(&self, key: &VerifyingKey) -> Result<Manifest, NotARelease> {
        if !signing::verifies(key, &Self::signed_bytes(&self.manifest), &self.signature) {
            return Err(NotARelease::BadSignature);
        }
        self.claimed()
    }

    /// The manifest that the text holds, whoever signed it: for whoever hands it on, not for whoever runs it.
    ///
    /// # Errors
    /// [`NotARelease::Malformed`] or [`NotARelease::Unsupported`].
    pub fn claimed(&self) -> Result<Manifest, NotARelease> {
        let manifest: Manifest = serde_json::from_str(&self.manifest).map_err(|_| NotARelease::Malformed)?;
        if manifest.v != MANIFEST_VERSION {
            return Err(NotARelease::Unsupported);
        }
        let canonical = canonical::to_string(&manifest).as_ref() == Ok(&self.manifest);
        if canonical && manifest.is_well_formed() {
            Ok(manifest)
        } else {
            Err(NotARelease::Malformed)
        }
    }

    /// SHA-256 of the signed text: what both sides call the release by.
    pub fn digest(&self) -> Digest {
        Digest::of(&[RELEASE_PURPOSE.as_bytes(), self.manifest.as_bytes()])
    }

    fn signed_bytes(manifest: &str) -> Vec<u8> {
        [RELEASE_PURPOSE.as_bytes(), manifest.as_bytes()].concat()
    }
}

impl Manifest {
    fn is_well_formed(&self) -> bool {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        (1..=MAX_RELEASE).contains(&self.size)
            && (1..=MAX_TARGET).contains(&self.target.len())
            && self.target.bytes().all(plain)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let number = |part: Option<&str>| {
            part.filter(|p| p.bytes().all(|b| b.is_ascii_digit()) && (*p == "0" || !p.starts_with('0')))
                .and_then(|p| p.parse().ok())
                .ok_or(NotAVersion)
        };
        let mut parts = text.split('.');
        let version = Self {
            major: number(parts.next())?,
            minor: number(parts.next())?,
            patch: number(parts.next())?,
        };
        if parts.next().is_none() {
            Ok(version)
        } else {
            Err(NotAVersion)
        }
    }
}

impl TryFrom<String> for Version {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}
