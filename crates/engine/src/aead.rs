//! ChaCha20-Poly1305 (RFC 8439) with a random nonce in front: what is sealed holds nothing readable and can't be changed unnoticed.
//!
//! 96 random bits of nonce allow 2^32 messages with one key before a repetition gets likelier than 2^-32 (NIST SP 800-38D, 8.3);
//! every key here seals far fewer.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::deps::Deps;
use crate::error::Failure;

/// A key of ChaCha20-Poly1305.
pub(crate) type Key = [u8; 32];

/// Nonce, ciphertext and tag of `plain`; `about` is not in it, and must be the same when it is opened.
pub(crate) fn seal(key: &Key, deps: &Deps, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, Failure> {
    let nonce: [u8; NONCE_LEN] = deps.bytes();
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + CHACHA20_POLY1305.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let tag = cipher(key)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(about),
            &mut sealed[NONCE_LEN..],
        )
        .map_err(Failure::stored)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// What was sealed.
///
/// # Errors
/// When it was sealed with another key, about something else, or changed since.
pub(crate) fn open(key: &Key, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_LEN>() else {
        return Err(Failure::stored("a sealed text without a nonce"));
    };
    let mut bytes = rest.to_vec();
    let plain = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(about), &mut bytes)
        .map_err(Failure::stored)?
        .len();
    bytes.truncate(plain);
    Ok(bytes)
}

fn cipher(key: &Key) -> Result<LessSafeKey, Failure> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(Failure::stored)?;
    Ok(LessSafeKey::new(key))
}
