//! The version in a program: read, and written without building it anew.

use memchr::memmem;
use wire::{STAMP_LEN, STAMP_MARK, Version};

/// Why a program has no version that could be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// There is no mark, or no place after it.
    #[error("this is no Countersign agent: there is no place for a version in it")]
    NoPlace,
    /// There are several.
    #[error("there are several places for a version in this program")]
    Several,
    /// What stands there is no released version.
    #[error("what stands in the version's place is no version")]
    NotAVersion,
}

/// Writes `version` into a program.
///
/// # Errors
/// When there is not one place for it.
pub fn stamp(program: &mut [u8], version: Version) -> Result<(), StampError> {
    let at = place(program)?;
    let place = program.get_mut(at..at + STAMP_LEN).ok_or(StampError::NoPlace)?;
    let text = version.to_string();
    let (said, rest) = place.split_at_mut(text.len().min(STAMP_LEN));
    said.copy_from_slice(text.as_bytes());
    rest.fill(0);
    Ok(())
}

/// The version that a program says of itself.
///
/// # Errors
/// When there is none.
pub fn stamped(program: &[u8]) -> Result<Version, StampError> {
    let at = place(program)?;
    let place = program.get(at..at + STAMP_LEN).ok_or(StampError::NoPlace)?;
    let text = place.split(|b| *b == 0).next().unwrap_or_default();
    std::str::from_utf8(text)
        .ok()
        .and_then(|t| t.parse().ok())
        .ok_or(StampError::NotAVersion)
}

fn place(program: &[u8]) -> Result<usize, StampError> {
    let mut found = memmem::find_iter(program, STAMP_MARK.as_bytes());
    let at = found.next().ok_or(StampError::NoPlace)?;
    match found.next() {
        None => Ok(at + STAMP_MARK.len()),
        Some(_) => Err(StampError::Several),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(version: &str) -> Vec<u8> {
        let mut place = version.as_bytes().to_vec();
        place.resize(STAMP_LEN, 0);
        [b"ELF...", STAMP_MARK.as_bytes(), &place, b"...rest"].concat()
    }

    #[test]
    fn the_version_is_written_in_its_place_and_nowhere_else() {
        let mut p = program("10.20.30");
        stamp(&mut p, "1.2.3".parse().unwrap()).unwrap();
        assert_eq!(p, program("1.2.3"));
        assert_eq!(stamped(&p), Ok("1.2.3".parse().unwrap()));
        assert_eq!(stamped(&program("mine")), Err(StampError::NotAVersion));
        assert_eq!(stamped(b"ELF"), Err(StampError::NoPlace));
        assert_eq!(stamped(&[p.clone(), p].concat()), Err(StampError::Several));
        assert_eq!(stamped(STAMP_MARK.as_bytes()), Err(StampError::NoPlace), "cut off");
    }
}
