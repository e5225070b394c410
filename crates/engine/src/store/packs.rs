//! How a pack is laid out: for each leaf its index and some byte strings, all compressed together (Brotli, RFC 7932).
//!
//! ```text
//! part  = length: u32, bytes                big-endian
//! entry = index: i64, part … (N of them)    big-endian
//! pack  = brotli(entry …)
//! ```

use std::collections::BTreeMap;
use std::io::Read as _;

use brotli::enc::BrotliEncoderParams;

/// Of Brotli's 0 to 11. Of console text 10 leaves 0.16 where 5 leaves 0.18, and takes 1.2 s of a megabyte; what has ended has the time.
/// It is read back as fast as any.
const QUALITY: i32 = 10;
/// Most bytes that a pack holds, twice what its leaves can come to (256 of a frame each): what claims to be more is not ours.
const MOST: u64 = 128 << 20;

/// Byte strings for each leaf, by index.
pub(crate) type Entries<const N: usize> = BTreeMap<i64, [Vec<u8>; N]>;

/// The entries as one pack, read back and compared; none where they are too many bytes for one, or don't come back as they were.
pub(crate) fn pack<const N: usize>(entries: &Entries<N>) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    for (index, parts) in entries {
        plain.extend_from_slice(&index.to_be_bytes());
        for part in parts {
            plain.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
            plain.extend_from_slice(part);
        }
    }
    let params = BrotliEncoderParams {
        quality: QUALITY,
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut plain.as_slice(), &mut packed, &params).ok()?;
    (unpack(&packed).as_ref() == Some(entries)).then_some(packed)
}

/// The entries of a pack; none where it is not one.
pub(crate) fn unpack<const N: usize>(packed: &[u8]) -> Option<Entries<N>> {
    let mut plain = Vec::new();
    let mut bounded = brotli::Decompressor::new(packed, 4096).take(MOST + 1);
    bounded.read_to_end(&mut plain).ok()?;
    if plain.len() as u64 > MOST {
        return None;
    }
    let mut rest = plain.as_slice();
    let mut entries = Entries::new();
    while let Some((index, after)) = rest.split_first_chunk() {
        rest = after;
        let mut parts = [const { Vec::new() }; N];
        for slot in &mut parts {
            *slot = part(&mut rest)?;
        }
        entries.insert(i64::from_be_bytes(*index), parts);
    }
    rest.is_empty().then_some(entries)
}

fn part(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (length, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (part, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(part.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Entries<2> {
        let texts = ["", "a", "line\nline\nline\n"];
        let entry = |(i, text): (i64, &&str)| (i * 7, [text.as_bytes().to_vec(), vec![0xff; text.len()]]);
        (0..).zip(&texts).map(entry).collect()
    }

    /// R8: what is packed comes back as it was, byte for byte.
    #[test]
    fn packing_loses_nothing() {
        assert_eq!(unpack(&pack(&sample()).unwrap()), Some(sample()));
        assert_eq!(unpack(&pack(&Entries::<2>::new()).unwrap()), Some(Entries::<2>::new()));
    }

    /// R4: what is not a pack is nothing, and never a panic: cut off, flipped, empty, or with a length beyond its end.
    #[test]
    fn what_is_no_pack_is_none() {
        let packed = pack(&sample()).unwrap();
        assert_eq!(unpack::<2>(&[]), None);
        for cut in 1..packed.len() {
            assert_eq!(unpack::<2>(&packed[..cut]), None, "cut at {cut}");
        }
        for at in 0..packed.len() * 8 {
            let mut flipped = packed.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            let _ = unpack::<2>(&flipped);
        }
        let mut long = Vec::new();
        let plain = [0_i64.to_be_bytes().as_slice(), &u32::MAX.to_be_bytes(), b"short"].concat();
        brotli::BrotliCompress(&mut plain.as_slice(), &mut long, &BrotliEncoderParams::default()).unwrap();
        assert_eq!(unpack::<2>(&long), None);
    }
}
