//! Text as Windows takes it: UTF-16 with a zero at the end.

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt;

/// `text` with a zero at the end. What follows a zero inside is not seen by the system, so callers that take names from
/// elsewhere refuse zeros first.
pub(crate) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// `units` as text; halves of a pair, which some old programs write into names, show as `\u{d800}`.
pub(crate) fn shown(units: &[u16]) -> String {
    let mut text = String::new();
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(c) => text.push(c),
            Err(half) => text.push_str(&format!("\\u{{{:x}}}", half.unpaired_surrogate())),
        }
    }
    text
}

/// A text that the system wrote; null is the empty text.
///
/// # Safety
/// `text` is null or points to units that end in a zero.
pub(crate) unsafe fn read_wide(text: *const u16) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller says that a zero comes, and nothing behind it is read.
    let len = (0..).take_while(|at| unsafe { text.add(*at).read() } != 0).count();
    // SAFETY: so many units were just read.
    shown(unsafe { std::slice::from_raw_parts(text, len) })
}

/// A list of texts that the system wrote; null is the empty list.
///
/// # Safety
/// `list` is null or points to texts that each end in a zero, with one more zero behind the last.
pub(crate) unsafe fn read_wide_list(list: *const u16) -> Vec<String> {
    let mut texts = vec![];
    let mut at = list;
    // SAFETY: the caller says that another text or the last zero is there.
    while !at.is_null() && unsafe { at.read() } != 0 {
        // SAFETY: a text begins here and ends in a zero; what follows it belongs to the list.
        unsafe {
            let text = read_wide(at);
            at = at.add((0..).take_while(|n| at.add(*n).read() != 0).count() + 1);
            texts.push(text);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_system_are_read_to_their_end() {
        let (list, broken) = (wide("a\0bc\0"), [0x61, 0xd800, 0x62]);
        // SAFETY: the list ends in two zeros.
        let (first, all) = unsafe { (read_wide(list.as_ptr()), read_wide_list(list.as_ptr())) };
        assert_eq!((first.as_str(), all), ("a", vec!["a".to_owned(), "bc".to_owned()]));
        // SAFETY: null is allowed.
        unsafe { assert!(read_wide(std::ptr::null()).is_empty() && read_wide_list(std::ptr::null()).is_empty()) };
        assert_eq!(shown(&broken), "a\\u{d800}b");
    }
}
