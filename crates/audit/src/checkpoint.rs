//! A checkpoint: an organisation's log at one size and root, signed, as C2SP `tlog-checkpoint` in a C2SP `signed-note`.
//!
//! Signature lines by keys that we don't know are carried and ignored, as the specification demands; those of witnesses are
//! read in [`crate::cosignature`]. Deliberately absent: where keys are kept.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::digest::{Digest, hex};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::reader::strict_hex;

/// The signature type of Ed25519 in C2SP `signed-note`.
const ED25519: u8 = 0x01;
/// The signature type of Ed25519 cosignatures in C2SP `tlog-cosignature`.
pub(crate) const COSIGNATURE: u8 = 0x04;
/// What a signature line begins with: an em dash and a space.
const LINE_START: &str = "\u{2014} ";
/// A longer note is refused; far above what sixteen signatures take.
const MAX_NOTE: usize = 64 * 1024;

/// The origin line, and key name, of an organisation's log: `countersign/<uuid>`.
pub fn origin_for(org: &str) -> String {
    format!("countersign/{org}")
}

/// The log's state at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: see [`origin_for`].
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Digest,
}

/// Why a note is not a valid checkpoint by the expected key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// The text is not a signed note.
    #[error("the checkpoint is not a signed note")]
    NotANote,
    /// The note doesn't hold origin, size and root.
    #[error("the signed note does not hold a checkpoint")]
    NotACheckpoint,
    /// No signature line carries the expected key's name and id.
    #[error("the checkpoint carries no signature by the key {0}")]
    NoSignature(String),
    /// There is a signature by that name and id, and it is not over this text by that key.
    #[error("the checkpoint's signature by {0} is wrong")]
    BadSignature(String),
    /// The text is not a verifier key.
    #[error("not a verifier key")]
    NotAKey,
}

/// A log's public key with its name, as C2SP `signed-note` writes verifier keys: `name+id+base64(0x01 || key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    key: VerifyingKey,
}

impl Vkey {
    /// A key under a name, which is the log's origin.
    ///
    /// # Errors
    /// When the name is empty or holds white space, control characters or `+`.
    pub fn new(name: impl Into<String>, key: VerifyingKey) -> Result<Self, CheckpointError> {
        let name = name.into();
        if is_key_name(&name) {
            Ok(Self { name, key })
        } else {
            Err(CheckpointError::NotAKey)
        }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Ed25519 public key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The first four bytes of `SHA-256(name || 0x0A || 0x01 || key)`: a hint, not an identity.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, ED25519, &self.key)
    }

    /// SHA-256 of the raw public key: the identity that links pin.
    pub fn fingerprint(&self) -> Digest {
        fingerprint(&self.key)
    }
}

/// SHA-256 of the raw 32 bytes of a public key.
pub fn fingerprint(key: &VerifyingKey) -> Digest {
    Digest::of(&[key.as_bytes()])
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(&self.name, ED25519, &self.key))
    }
}

impl FromStr for Vkey {
    type Err = CheckpointError;

    fn from_str(s: &str) -> Result<Self, CheckpointError> {
        read_key(s, ED25519).and_then(|(name, key)| Self::new(name, key))
    }
}

/// The first four bytes of `SHA-256(name || 0x0A || algorithm || key)`.
pub(crate) fn key_id(name: &str, algorithm: u8, key: &VerifyingKey) -> [u8; 4] {
    let d = Digest::of(&[name.as_bytes(), b"\n", &[algorithm], key.as_bytes()]).0;
    [d[0], d[1], d[2], d[3]]
}

/// A verifier key as C2SP `signed-note` writes it.
pub(crate) fn key_text(name: &str, algorithm: u8, key: &VerifyingKey) -> String {
    let id = hex(&key_id(name, algorithm, key));
    let key = [&[algorithm][..], key.as_bytes()].concat();
    format!("{name}+{id}+{}", STANDARD.encode(key))
}

/// Name and key of a verifier key for `algorithm`.
pub(crate) fn read_key(s: &str, algorithm: u8) -> Result<(&str, VerifyingKey), CheckpointError> {
    let parsed = || {
        let mut parts = s.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = STANDARD.decode(key).ok()?;
        let (&kind, key) = key.split_first()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        (kind == algorithm && strict_hex(id) == Some(key_id(name, algorithm, &key))).then_some((name, key))
    };
    parsed().ok_or(CheckpointError::NotAKey)
}

/// Whether a text may be the name of a key.
pub(crate) fn is_key_name(name: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !name.is_empty() && !name.contains(bad)
}

impl Checkpoint {
    /// The text that is signed: three lines.
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root.as_bytes())
        )
    }

    /// The signed note, the key's name being the origin.
    ///
    /// # Errors
    /// When the origin can't be a key's name.
    pub fn sign(&self, key: &SigningKey) -> Result<String, CheckpointError> {
        let vkey = Vkey::new(self.origin.clone(), key.verifying_key())?;
        let body = self.body();
        let mut signature = vkey.id().to_vec();
        signature.extend_from_slice(&key.sign(body.as_bytes()).to_bytes());
        Ok(format!("{body}\n{}", write_line(&vkey.name, &signature)))
    }

    /// What a note says, without looking at its signatures.
    ///
    /// # Errors
    /// When it isn't a note, or holds no checkpoint.
    pub fn read_unverified(note: &str) -> Result<Self, CheckpointError> {
        Self::from_body(split(note)?.0)
    }

    /// What a note says, once its signature by `vkey` is found and right.
    ///
    /// # Errors
    /// When it isn't a note, has no signature by the key, a wrong one, or holds no checkpoint.
    pub fn verify(note: &str, vkey: &Vkey) -> Result<Self, CheckpointError> {
        let (body, signatures) = split(note)?;
        let mut signed = false;
        for line in signatures.lines() {
            let (name, signature) = signature_line(line)?;
            let Some((id, signature)) = signature.split_first_chunk::<4>() else {
                return Err(CheckpointError::NotANote);
            };
            if name == vkey.name && *id == vkey.id() {
                let bad = || CheckpointError::BadSignature(vkey.name.clone());
                let signature = Signature::from_slice(signature).map_err(|_| bad())?;
                vkey.key.verify_strict(body.as_bytes(), &signature).map_err(|_| bad())?;
                signed = true;
            }
        }
        if !signed {
            return Err(CheckpointError::NoSignature(vkey.name.clone()));
        }
        Self::from_body(body)
    }

    fn from_body(body: &str) -> Result<Self, CheckpointError> {
        let parsed = || {
            let mut lines = body.strip_suffix('\n')?.split('\n');
            let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
            let root = Digest(STANDARD.decode(root).ok()?.try_into().ok()?);
            let ok = !origin.is_empty() && lines.all(|extension| !extension.is_empty());
            ok.then_some(Self {
                origin: origin.to_owned(),
                size: plain_decimal(size)?,
                root,
            })
        };
        parsed().ok_or(CheckpointError::NotACheckpoint)
    }
}

/// A decimal number in its one spelling: digits only, no leading zero.
pub(crate) fn plain_decimal(s: &str) -> Option<u64> {
    let n: u64 = s.parse().ok()?;
    (n.to_string() == s).then_some(n)
}

/// Signed text (with its last newline) and signature lines.
pub(crate) fn split(note: &str) -> Result<(&str, &str), CheckpointError> {
    let clean = note.len() <= MAX_NOTE && note.ends_with('\n') && !note.chars().any(|c| c < ' ' && c != '\n');
    let at = note.rfind("\n\n").filter(|_| clean).ok_or(CheckpointError::NotANote)?;
    let (body, signatures) = (&note[..=at], &note[at + 2..]);
    if signatures.is_empty() {
        Err(CheckpointError::NotANote)
    } else {
        Ok((body, signatures))
    }
}

/// A signature line, with its newline.
pub(crate) fn write_line(name: &str, signature: &[u8]) -> String {
    format!("{LINE_START}{name} {}\n", STANDARD.encode(signature))
}

/// Key name, and key id with signature, of a signature line.
pub(crate) fn signature_line(line: &str) -> Result<(&str, Vec<u8>), CheckpointError> {
    let parsed = || {
        let (name, signature) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        Some((name, STANDARD.decode(signature).ok()?)).filter(|(name, _)| !name.is_empty())
    };
    parsed().ok_or(CheckpointError::NotANote)
}
