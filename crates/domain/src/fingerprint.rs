//! A device key's fingerprint as two people read it to each other: one on the machine, one before the endpoint's page.

use crate::digest::{Digest, hex};

/// `ab12 cd34 …`: the first 16 bytes of the SHA-256 of the public key (32 raw bytes), in eight groups of four digits. 128 bits
/// are more than anybody can make another key for.
pub fn fingerprint(public_key: &[u8]) -> String {
    of_digest(&Digest::of(&[public_key]))
}

/// The same, from the SHA-256 of the public key.
pub fn of_digest(key: &Digest) -> String {
    let mut text = String::new();
    for group in key.as_bytes()[..16].chunks_exact(2) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&hex(group));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_eight_groups_of_the_keys_digest() {
        // SHA-256 of "abc", as published.
        assert_eq!(fingerprint(b"abc"), "ba78 16bf 8f01 cfea 4141 40de 5dae 2223");
    }
}
