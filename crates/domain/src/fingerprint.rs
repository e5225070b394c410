//! A device key's fingerprint as two people read it to each other: one on the machine, one before the endpoint's page.

use crate::digest::{Digest, hex};

/// `ab12 cd34 …`: the first 16 bytes of the SHA-256 of the public key (32 raw bytes), in eight groups of four digits. 128 bits
/// are more than anybody can make another key for.
pub fn fingerprint(public_key: &[u8]) -> String {
    let digits = hex(&Digest::of(&[public_key]).as_bytes()[..16]);
    let groups: Vec<&str> = (0..8).map(|i| &digits[i * 4..i * 4 + 4]).collect();
    groups.join(" ")
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
