//! Sealed records: what is in a segment is read and changed by nobody who lacks the device key.
//!
//! A segment begins with 16 random bytes, its id. Its key is HKDF-SHA256 over the spool's key with the id as salt, and the
//! action and the segment's number in the info. A record is its length (4 bytes, little-endian) and the text, sealed with
//! ChaCha20-Poly1305 under its number (0, 1, 2 …) as nonce and the length as associated data. So a record that was changed,
//! moved, repeated or taken out, and a segment that was renamed, does not open. A segment is written to by one life of the
//! agent and not after a failed write, so that no nonce seals two texts.
//!
//! Deliberately absent: a proof that the end is the end. Whole records cut off from the last segment look as if they had
//! never been written; the server, which has seen their numbers, finds that, the endpoint alone can't.

use std::fmt;
use std::io::{self, Read};

use domain::ids::ActionId;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The longest sealed text; a longer length is damage.
const LONGEST: u32 = 1024 * 1024;

/// Bytes before a segment's first record.
pub(super) const ID: usize = 16;

/// Bytes before each sealed text.
const HEAD: usize = 4;

/// Bytes that a record has beside its text.
pub(super) const AROUND: u64 = (HEAD + MAX_TAG_LEN) as u64;

/// The key that all segments' keys come from.
pub struct SpoolKey(Zeroizing<[u8; 32]>);

/// Seals and opens the records of one segment.
pub(super) struct Seal(LessSafeKey);

/// What was found where a record should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A text.
    Record(Vec<u8>),
    /// Nothing: the segment ends here.
    End,
    /// Something that does not open, and how many bytes of it were looked at.
    Bad(u64),
}

impl SpoolKey {
    /// Of the endpoint with this device key.
    pub fn of(device: &SigningKey) -> Self {
        Self(derive(None, device.as_bytes(), b"countersign spool v1\n"))
    }

    /// For the segment `seq` of an action, which begins with `id`.
    pub(super) fn segment(&self, action: ActionId, seq: u64, id: &[u8; ID]) -> io::Result<Seal> {
        let info = format!("countersign segment v1\n{action}\n{seq}\n");
        let key = derive(Some(id), &*self.0, info.as_bytes());
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*key).map_err(cannot_seal)?;
        Ok(Seal(LessSafeKey::new(key)))
    }
}

fn derive(salt: Option<&[u8]>, secret: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // It fails for more than 255 blocks of output alone; this is one.
    let expanded = Hkdf::<Sha256>::new(salt, secret).expand(info, &mut *key);
    debug_assert!(expanded.is_ok(), "one block of output");
    key
}

fn cannot_seal(_: Unspecified) -> io::Error {
    io::Error::other("a record of the spool can't be sealed")
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

impl Seal {
    /// Adds the record `number` to `out`; `write` puts its text there.
    ///
    /// # Errors
    /// When the text is too long, or `write` fails; then `out` is as it was.
    pub(super) fn write(
        &self,
        number: u64,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let before = out.len();
        let sealed = self.try_write(number, out, write);
        if sealed.is_err() {
            out.truncate(before);
        }
        sealed
    }

    fn try_write(
        &self,
        number: u64,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let head = out.len();
        out.extend([0; HEAD]);
        let start = out.len();
        write(out)?;
        let len = u32::try_from(out.len() - start)
            .ok()
            .filter(|n| *n <= LONGEST)
            .ok_or(io::ErrorKind::InvalidInput)?
            .to_le_bytes();
        out[head..start].copy_from_slice(&len);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce(number), Aad::from(len), &mut out[start..])
            .map_err(cannot_seal)?;
        out.extend(tag.as_ref());
        Ok(())
    }

    /// Reads the record `number`, which comes next.
    ///
    /// # Errors
    /// As the system says.
    pub(super) fn read(&self, number: u64, from: &mut impl Read) -> io::Result<Found> {
        let mut head = [0; HEAD];
        let got = read_full(from, &mut head)?;
        if got == 0 {
            return Ok(Found::End);
        }
        let len = u32::from_le_bytes(head);
        if got < HEAD || len > LONGEST {
            return Ok(Found::Bad(got as u64));
        }
        let mut sealed = vec![0; len as usize + MAX_TAG_LEN];
        let got = read_full(from, &mut sealed)?;
        let bad = Ok(Found::Bad((HEAD + got) as u64));
        if got < sealed.len()
            || self
                .0
                .open_in_place(nonce(number), Aad::from(head), &mut sealed)
                .is_err()
        {
            return bad;
        }
        sealed.truncate(len as usize);
        Ok(Found::Record(sealed))
    }
}

/// Reads until `buffer` is full or nothing more comes; gives how much that was.
///
/// # Errors
/// As the system says.
pub(super) fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match from.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

impl fmt::Debug for SpoolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpoolKey(..)")
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(device: u8, action: u8, seq: u64, id: u8) -> Seal {
        let action = format!("01890000-0000-7000-8000-0000000000{action:02x}")
            .parse()
            .unwrap();
        SpoolKey::of(&SigningKey::from_bytes(&[device; 32]))
            .segment(action, seq, &[id; ID])
            .unwrap()
    }

    fn record(seal: &Seal, number: u64, text: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        seal.write(number, &mut out, |out| {
            out.extend(text);
            Ok(())
        })
        .unwrap();
        out
    }

    /// R3: a record cut or changed at any byte does not open.
    #[test]
    fn a_record_cut_or_changed_anywhere_is_bad() {
        let seal = seal(1, 1, 0, 1);
        let bytes = record(&seal, 7, b"{\"a\":1}");
        assert_eq!(bytes.len() as u64, 7 + AROUND);
        assert!(!bytes.windows(3).any(|w| w == b"\"a\""));
        assert_eq!(
            seal.read(7, &mut &bytes[..]).unwrap(),
            Found::Record(b"{\"a\":1}".to_vec())
        );
        assert_eq!(seal.read(7, &mut &bytes[..0]).unwrap(), Found::End);
        let bad = |bytes: &[u8]| matches!(seal.read(7, &mut &bytes[..]).unwrap(), Found::Bad(_));
        for cut in 1..bytes.len() {
            assert!(bad(&bytes[..cut]), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(bad(&changed), "changed at {at}");
        }
        assert!(bad(&[0; 64]), "zeros are no record");
    }

    /// A record is itself in its own place alone.
    #[test]
    fn a_record_elsewhere_is_bad() {
        let bytes = record(&seal(1, 1, 0, 1), 7, b"text");
        for (other, number) in [
            (seal(1, 1, 0, 1), 6),
            (seal(1, 1, 0, 2), 7),
            (seal(1, 1, 1, 1), 7),
            (seal(1, 2, 0, 1), 7),
            (seal(2, 1, 0, 1), 7),
        ] {
            assert!(matches!(other.read(number, &mut &bytes[..]).unwrap(), Found::Bad(_)));
        }
    }
}
