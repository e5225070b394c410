//! Records in a segment: length (4 bytes, little-endian), CRC-32 of the payload (4 bytes, little-endian), payload.

use std::io::{self, Read};

/// The longest payload; a longer length is damage.
const LONGEST: u32 = 1024 * 1024;

/// Bytes before each payload.
pub(super) const HEAD: u64 = 8;

/// CRC-32 as in RFC 1952 section 8 (polynomial 0xEDB88320, reflected).
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut c, mut k) = (n as u32, 0);
        while k < 8 {
            c = if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 };
            k += 1;
        }
        table[n] = c;
        n += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |c, b| TABLE[usize::from(c as u8 ^ b)] ^ (c >> 8))
}

/// What was found where a record should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Record(Vec<u8>),
    /// Nothing: the segment ends here.
    End,
    /// The beginning of a record, or one whose bytes are not what was written.
    Torn,
}

/// Adds a record to `out`.
///
/// # Errors
/// When the payload is too long.
pub(super) fn write(payload: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let len = u32::try_from(payload.len())
        .ok()
        .filter(|n| *n <= LONGEST)
        .ok_or(io::ErrorKind::InvalidInput)?;
    out.extend(len.to_le_bytes());
    out.extend(crc32(payload).to_le_bytes());
    out.extend(payload);
    Ok(())
}

/// Reads the next record.
///
/// # Errors
/// As the system says.
pub(super) fn read(from: &mut impl Read) -> io::Result<Found> {
    let mut head = [0; HEAD as usize];
    let got = read_full(from, &mut head)?;
    if got == 0 {
        return Ok(Found::End);
    }
    let [a, b, c, d, e, f, g, h] = head;
    let (len, crc) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    // A payload is never empty, so the zeros that some file systems leave after a power cut are no record.
    if got < head.len() || len == 0 || len > LONGEST {
        return Ok(Found::Torn);
    }
    let mut payload = vec![0; len as usize];
    let whole = read_full(from, &mut payload)? == payload.len();
    Ok(if whole && crc32(&payload) == crc {
        Found::Record(payload)
    } else {
        Found::Torn
    })
}

fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    /// R3: a record cut or changed at any byte is told from a whole one.
    #[test]
    fn a_record_cut_or_changed_anywhere_is_torn() {
        let mut bytes = vec![];
        write(b"{\"a\":1}", &mut bytes).unwrap();
        assert_eq!(read(&mut &bytes[..]).unwrap(), Found::Record(b"{\"a\":1}".to_vec()));
        assert_eq!(read(&mut &bytes[..0]).unwrap(), Found::End);
        for cut in 1..bytes.len() {
            assert_eq!(read(&mut &bytes[..cut]).unwrap(), Found::Torn, "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert_eq!(read(&mut &changed[..]).unwrap(), Found::Torn, "changed at {at}");
        }
        assert_eq!(read(&mut &[0_u8; 64][..]).unwrap(), Found::Torn);
    }
}
