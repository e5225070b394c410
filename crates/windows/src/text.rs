//! Text as Windows takes it: UTF-16 with a zero at the end.

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt;

/// `text` with a zero at the end. What follows a zero inside is not seen by the system, so callers that take names from
/// elsewhere refuse zeros first.
pub(crate) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}
