//! Ed25519 (RFC 8032) over a purpose line and canonical JSON, and keys and signatures as lower-case hexadecimal text.

use domain::canonical::{self, CanonicalError};
use domain::digest::{hex, unhex};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::Serialize;

/// `purpose` (which ends in a line feed), then the canonical JSON of `value`.
pub(crate) fn bytes_to_sign<T: Serialize>(purpose: &str, value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut bytes = purpose.as_bytes().to_vec();
    bytes.extend(canonical::to_vec(value)?);
    Ok(bytes)
}

/// The signature as 128 hexadecimal digits.
pub(crate) fn sign(key: &SigningKey, bytes: &[u8]) -> String {
    hex(&key.sign(bytes).to_bytes())
}

/// Whether `signature` (text) is `key`'s over `bytes`, by the strict rules (no malleable or small-order variants).
pub(crate) fn verifies(key: &VerifyingKey, bytes: &[u8], signature: &str) -> bool {
    fixed::<64>(signature).is_some_and(|s| key.verify_strict(bytes, &Signature::from_bytes(&s)).is_ok())
}

/// The key written as 64 lower-case hexadecimal digits; `None` when it is no such text, no point, or a weak one.
pub fn parse_public_key(text: &str) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(&fixed::<32>(text)?).ok()?;
    (!key.is_weak()).then_some(key)
}

/// A public key as 64 lower-case hexadecimal digits.
pub fn public_key_text(key: &VerifyingKey) -> String {
    hex(key.as_bytes())
}

/// Whether `text` is exactly `N` bytes as lower-case hexadecimal.
pub(crate) fn is_hex<const N: usize>(text: &str) -> bool {
    fixed::<N>(text).is_some()
}

fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    unhex(text)?.try_into().ok()
}
