//! How a text lies in the database, and what its encryption is bound to.

use audit::leaf::{GroupData, SealedGroup};
use brotli::enc::BrotliEncoderParams;
use domain::ids::OrgId;
use zeroize::Zeroizing;

use crate::aead::{self, Key};
use crate::error::Failure;
use crate::store::entity::leaf_text;

/// How the plaintext is laid out: this byte, the salt, the canonical JSON.
const PLAIN: u8 = 1;
/// The same, with the JSON packed (Brotli, RFC 7932).
const PACKED: u8 = 2;
/// Bytes of JSON from which packing is tried: a shorter text hardly gets smaller.
const WORTH_PACKING: usize = 1024;
/// Of Brotli's 0 to 11. Higher ones take several times as long for a tenth less of what consoles print.
const QUALITY: i32 = 5;
/// A text with its salt, as it is encrypted.
pub(super) fn laid_out(group: &SealedGroup) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let json = group.json.as_bytes();
    let mut packed = Zeroizing::new(Vec::new());
    if json.len() >= WORTH_PACKING {
        let params = BrotliEncoderParams {
            quality: QUALITY,
            ..BrotliEncoderParams::default()
        };
        brotli::BrotliCompress(&mut &*json, &mut *packed, &params).map_err(Failure::stored)?;
    }
    let (layout, text) = if (1..json.len()).contains(&packed.len()) {
        (PACKED, packed.as_slice())
    } else {
        (PLAIN, json)
    };
    Ok(Zeroizing::new([&[layout], group.salt.as_slice(), text].concat()))
}

/// What an encrypted text is bound to: its place.
pub(super) fn about(org: OrgId, idx: i64) -> Vec<u8> {
    [b"countersign text v1", org.0.as_bytes().as_slice(), &idx.to_be_bytes()].concat()
}

/// What an encrypted pack is bound to.
pub(super) fn about_pack(org: OrgId, first: i64) -> Vec<u8> {
    [
        b"countersign texts v1",
        org.0.as_bytes().as_slice(),
        &first.to_be_bytes(),
    ]
    .concat()
}

/// A text of a pack.
pub(super) fn text_of([salt, json]: [Vec<u8>; 2]) -> Option<GroupData> {
    Some(GroupData::Open {
        salt: salt.try_into().ok()?,
        json: String::from_utf8(json).ok()?,
    })
}

/// A text with its salt; none where it can't be opened.
pub(super) fn opened(key: &Key, row: &leaf_text::Model) -> Option<GroupData> {
    let plain = aead::open(key, &about(row.org_id, row.idx), &row.sealed).ok()?;
    let (layout, rest) = plain.split_first()?;
    let (salt, mut text) = rest.split_first_chunk()?;
    let json = match *layout {
        PLAIN => text.to_vec(),
        PACKED => {
            let mut json = Vec::new();
            brotli::BrotliDecompress(&mut text, &mut json).ok()?;
            json
        }
        _ => return None,
    };
    let json = String::from_utf8(json).ok()?;
    Some(GroupData::Open { salt: *salt, json })
}
