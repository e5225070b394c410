//! Hexadecimal in bundles: lower case only, exact length, so that one value has exactly one spelling and a flipped
//! byte never reads as the same value.

use domain::digest::{Digest, hex, unhex};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `N` bytes from exactly `2 N` lower-case hexadecimal digits.
pub(crate) fn parse<const N: usize>(s: &str) -> Option<[u8; N]> {
    if s.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    unhex(s)?.try_into().ok()
}

struct Strict<const N: usize>([u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Strict<N> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        parse(&String::deserialize(d)?).map(Self).ok_or_else(|| D::Error::custom("expected lower-case hexadecimal"))
    }
}

/// For `#[serde(with)]` on a salt.
pub(crate) mod salt {
    use super::*;
    use crate::leaf::Salt;

    pub(crate) fn serialize<S: Serializer>(salt: &Salt, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex(salt))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Salt, D::Error> {
        Strict::deserialize(d).map(|s| s.0)
    }
}

/// For `#[serde(with)]` on a digest.
pub(crate) mod digest {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(digest: &Digest, s: S) -> Result<S::Ok, S::Error> {
        digest.serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Digest, D::Error> {
        Strict::deserialize(d).map(|s| Digest(s.0))
    }
}

/// For `#[serde(with)]` on a list of digests.
pub(crate) mod digests {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(digests: &[Digest], s: S) -> Result<S::Ok, S::Error> {
        digests.serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Digest>, D::Error> {
        Ok(Vec::<Strict<32>>::deserialize(d)?.into_iter().map(|s| Digest(s.0)).collect())
    }
}
