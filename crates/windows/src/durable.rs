//! Replacing a file so that the change is on the disk when the call returns.

use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW};

use crate::error::WinError;
use crate::text::wide;

/// Moves `from` to `to`, in place of what is there, and returns once that is durable. Both are on one volume.
///
/// # Errors
/// As the system says; then what was at `to` is still there.
pub fn replace(from: &Path, to: &Path) -> Result<(), WinError> {
    let (from, to) = (wide(from), wide(to));
    // SAFETY: both are texts that end with a zero and outlive the call.
    let done = unsafe {
        MoveFileExW(
            from.as_ptr(),
            to.as_ptr(),
            MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH,
        )
    };
    if done == 0 {
        return Err(WinError::last("MoveFileExW"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        std::fs::write(&old, b"old").unwrap();
        std::fs::write(&new, b"new").unwrap();
        replace(&new, &old).unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"new");
        let gone = replace(&new, &old).unwrap_err();
        assert!(gone.is_not_found(), "{gone}");
    }
}
