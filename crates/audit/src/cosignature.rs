//! A witness's cosignature on a checkpoint, as C2SP `tlog-cosignature`, in its Ed25519 form.
//!
//! Who cosigns says: as of this time, the largest state of this log that I have seen, consistent with all that I saw before,
//! has this size and root. So whoever trusts one of the witnesses need not trust the log's server not to show each reader
//! another history. Deliberately absent: the ML-DSA-44 form, which no dependency of ours can check; its lines are
//! carried and ignored.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::checkpoint::{
    COSIGNATURE, CheckpointError, is_key_name, key_id, key_text, read_key, signature_line, split, write_line,
};

/// What the signed text begins with.
const HEADER: &str = "cosignature/v1";

/// A witness's public key with its name; written as a verifier key of type 4: `name+id+base64(0x04 || key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key: VerifyingKey,
}

impl WitnessKey {
    /// A key under the witness's name, such as `witness.example/w1`.
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

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id: a hint, not an identity.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, COSIGNATURE, &self.key)
    }

    /// When this witness cosigned the note, in seconds since 1970; the latest time where it did so more than once, `None`
    /// where it did not.
    ///
    /// # Errors
    /// When the text is no note, or a line carries this witness's name and id and is not its cosignature of this text.
    pub fn cosigned(&self, note: &str) -> Result<Option<u64>, CheckpointError> {
        let (body, lines) = split(note)?;
        let mut latest = None;
        for line in lines.lines() {
            let (name, signature) = signature_line(line)?;
            if name != self.name || !signature.starts_with(&self.id()) {
                continue;
            }
            let bad = || CheckpointError::BadSignature(self.name.clone());
            let (time, signature) = read(&signature).ok_or_else(bad)?;
            let text = signed_text(body, time);
            self.key.verify_strict(text.as_bytes(), &signature).map_err(|_| bad())?;
            latest = latest.max(Some(time));
        }
        Ok(latest)
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(&self.name, COSIGNATURE, &self.key))
    }
}

impl FromStr for WitnessKey {
    type Err = CheckpointError;

    fn from_str(s: &str) -> Result<Self, CheckpointError> {
        read_key(s, COSIGNATURE).and_then(|(name, key)| Self::new(name, key))
    }
}

/// The line (with its newline) by which the witness `name` cosigns a note at `time`, in seconds since 1970. Whether it may
/// do so is [`crate::witness::judge`]'s to say.
///
/// # Errors
/// When the text is no note, the name can't be a key's, or the time is beyond 2^63 − 1.
pub fn cosign(note: &str, name: &str, key: &SigningKey, time: u64) -> Result<String, CheckpointError> {
    let witness = WitnessKey::new(name, key.verifying_key())?;
    let (body, _) = split(note)?;
    if i64::try_from(time).is_err() {
        return Err(CheckpointError::BadSignature(witness.name));
    }
    let signature = key.sign(signed_text(body, time).as_bytes()).to_bytes();
    let line = [&witness.id()[..], &time.to_be_bytes(), &signature].concat();
    Ok(write_line(&witness.name, &line))
}

/// The names on a note's signature lines that may be cosignatures (by their length), for people: nothing is checked.
pub fn claimed(note: &str) -> Vec<String> {
    let Ok((_, lines)) = split(note) else { return vec![] };
    let named = lines.lines().filter_map(|line| signature_line(line).ok());
    named
        .filter(|(_, signature)| read(signature).is_some())
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn signed_text(body: &str, time: u64) -> String {
    format!("{HEADER}\ntime {time}\n{body}")
}

/// Time and signature behind the key's id.
fn read(line: &[u8]) -> Option<(u64, Signature)> {
    let (_, rest) = line.split_first_chunk::<4>()?;
    let (time, signature) = rest.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    i64::try_from(time).ok()?;
    Some((time, Signature::from_slice(signature).ok()?))
}
