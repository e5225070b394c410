//! The verifier as a WebAssembly module of its own, for public pages and the offline `verify.html`.
//!
//! No bindings generator: the module imports nothing and exports four functions over its memory, so a page can load it
//! with a dozen lines of JavaScript and nothing can reach out of it. A panic traps, which the page shows as CANNOT VERIFY.
//!
//! ```text
//! alloc(len) -> ptr                               a zeroed buffer for the page to fill
//! dealloc(ptr)                                    frees a buffer
//! verify(bundle_ptr, pin_ptr) -> ptr              of a buffer with the report's JSON; 0 if a pointer is not a buffer
//! length(ptr) -> len                              of a buffer
//! ```
//!
//! Buffers are owned here and looked up by address, so a wrong pointer from the page is an error, not a wild read: the
//! module has no unsafe block, only the attribute that exports a name.
#![expect(
    unsafe_code,
    reason = "exporting an unmangled name is an unsafe attribute; there is no unsafe block here"
)]

use std::cell::RefCell;

use audit::verify::{Trusted, verify_bytes};

thread_local! {
    /// By address. A page holds three at a time.
    static BUFFERS: RefCell<Vec<(usize, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps `bytes` until they are freed, and says where they are.
fn keep(mut bytes: Vec<u8>) -> *mut u8 {
    // An empty vector has no address of its own.
    bytes.reserve_exact(1);
    let ptr = bytes.as_mut_ptr();
    BUFFERS.with_borrow_mut(|b| b.push((ptr.addr(), bytes)));
    ptr
}

fn find(buffers: &[(usize, Vec<u8>)], ptr: *mut u8) -> Option<&[u8]> {
    buffers
        .iter()
        .find(|(at, _)| *at == ptr.addr())
        .map(|(_, bytes)| bytes.as_slice())
}

/// A zeroed buffer of `len` bytes.
// SAFETY (of the attribute): no other symbol in this module's own link has the name.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    keep(vec![0; len])
}

/// Frees a buffer; an address that is none is ignored.
// SAFETY (of the attribute): as `alloc`.
#[unsafe(no_mangle)]
pub extern "C" fn dealloc(ptr: *mut u8) {
    BUFFERS.with_borrow_mut(|b| b.retain(|(at, _)| *at != ptr.addr()));
}

/// A buffer's length in bytes; 0 for an address that is none.
// SAFETY (of the attribute): as `alloc`.
#[unsafe(no_mangle)]
pub extern "C" fn length(ptr: *mut u8) -> usize {
    BUFFERS.with_borrow(|b| find(b, ptr).map_or(0, <[u8]>::len))
}

/// Verifies the bundle in one buffer against the pin (the URL's fragment, perhaps empty) in another, and returns a new
/// buffer with [`audit::verify::Report`] as JSON, to be freed by the page; null when an address is no buffer.
// SAFETY (of the attribute): as `alloc`.
#[unsafe(no_mangle)]
pub extern "C" fn verify(bundle: *mut u8, pin: *mut u8) -> *mut u8 {
    let report = BUFFERS.with_borrow(|b| Some(report(find(b, bundle)?, find(b, pin)?)));
    report.map_or(std::ptr::null_mut(), keep)
}

fn report(bundle: &[u8], pin: &[u8]) -> Vec<u8> {
    let fragment = String::from_utf8_lossy(pin);
    // Strings and integers: serialising them can't fail.
    serde_json::to_vec(&verify_bytes(bundle, Trusted::link(&fragment))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_found_by_its_address_and_freed() {
        let p = alloc(5);
        assert_eq!(length(p), 5);
        dealloc(p);
        assert_eq!(length(p), 0);
        assert!(verify(p, p).is_null(), "a freed buffer is no bundle");
    }

    /// R45: what is no bundle can't be verified, and the report says so.
    #[test]
    fn garbage_gives_a_report_and_not_a_trap() {
        let (bundle, pin) = (keep(b"{\"format\":".to_vec()), alloc(0));
        let out = verify(bundle, pin);
        let json = BUFFERS.with_borrow(|b| String::from_utf8(find(b, out).unwrap().to_vec()).unwrap());
        assert!(json.starts_with("{\"verdict\":\"cannot_verify\""), "{json}");
        [bundle, pin, out].into_iter().for_each(|p| dealloc(p));
        BUFFERS.with_borrow(|b| assert!(b.is_empty()));
    }
}
