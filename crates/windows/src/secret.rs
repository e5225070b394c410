//! Secrets at rest, by the Data Protection API: what is sealed here is opened on this machine only, and only by who can
//! read the file that it is in. The key is the machine's; that a copied file is worthless elsewhere is the point.

use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_LOCAL_MACHINE, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::{Zeroize, Zeroizing};

use crate::error::WinError;

/// For the machine and not for an account, since the agent's account may change; and never with a window.
const FLAGS: u32 = CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN;

/// Memory that the system allocated and that this process must free, wiped first.
struct Allocated(CRYPT_INTEGER_BLOB);

/// Seals `secret`. `purpose` is needed again to open it: what was sealed for one thing is not taken for another.
///
/// # Errors
/// As the system says.
pub fn protect(secret: &[u8], purpose: &[u8]) -> Result<Vec<u8>, WinError> {
    let (secret, purpose) = (
        borrowed("CryptProtectData", secret)?,
        borrowed("CryptProtectData", purpose)?,
    );
    let mut sealed = Allocated::empty();
    // SAFETY: the two inputs outlive the call, which does not write to them, whatever its signature says; the output is
    // empty and becomes memory that `Allocated` frees.
    let done = unsafe { CryptProtectData(&secret, null(), &purpose, null(), null(), FLAGS, &mut sealed.0) };
    if done == 0 {
        return Err(WinError::last("CryptProtectData"));
    }
    Ok(sealed.bytes().to_vec())
}

/// Opens what [`protect`] sealed for the same purpose.
///
/// # Errors
/// When it was changed, sealed for another purpose, or on another machine; otherwise as the system says.
pub fn unprotect(sealed: &[u8], purpose: &[u8]) -> Result<Zeroizing<Vec<u8>>, WinError> {
    let (sealed, purpose) = (
        borrowed("CryptUnprotectData", sealed)?,
        borrowed("CryptUnprotectData", purpose)?,
    );
    let mut secret = Allocated::empty();
    // SAFETY: as above; no description is asked for.
    let done = unsafe { CryptUnprotectData(&sealed, null_mut(), &purpose, null(), null(), FLAGS, &mut secret.0) };
    if done == 0 {
        return Err(WinError::last("CryptUnprotectData"));
    }
    Ok(Zeroizing::new(secret.bytes().to_vec()))
}

fn borrowed(call: &'static str, bytes: &[u8]) -> Result<CRYPT_INTEGER_BLOB, WinError> {
    let len = u32::try_from(bytes.len())
        .map_err(|_| WinError::new(call, windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER))?;
    Ok(CRYPT_INTEGER_BLOB {
        cbData: len,
        pbData: bytes.as_ptr().cast_mut(),
    })
}

impl Allocated {
    fn empty() -> Self {
        Self(CRYPT_INTEGER_BLOB {
            cbData: 0,
            pbData: null_mut(),
        })
    }

    fn bytes(&mut self) -> &mut [u8] {
        if self.0.pbData.is_null() {
            return &mut [];
        }
        // SAFETY: the system says that so many bytes are there, nobody else has them, and they live as long as `self`.
        unsafe { std::slice::from_raw_parts_mut(self.0.pbData, self.0.cbData as usize) }
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        self.bytes().zeroize();
        // SAFETY: the system allocated it for this process to free with this call, and nothing borrows it any more; it
        // takes null as well.
        unsafe { LocalFree(self.0.pbData.cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R70: what is sealed is not readable, opens again, and not when it was changed or for another purpose.
    #[test]
    fn a_secret_opens_unchanged_and_for_its_purpose_only() {
        let secret = b"the device key, thirty-two bytes";
        let sealed = protect(secret, b"test").unwrap();
        assert!(!sealed.windows(8).any(|w| secret.windows(8).any(|s| s == w)));
        assert_eq!(unprotect(&sealed, b"test").unwrap().as_slice(), secret);
        assert!(unprotect(&sealed, b"another").is_err());
        // The ends of what is sealed and of its check value; Wine looks at little else.
        for from_end in [1, 30] {
            let mut changed = sealed.clone();
            let at = sealed.len() - from_end;
            changed[at] ^= 1;
            assert!(unprotect(&changed, b"test").is_err(), "byte {at}");
        }
        assert!(unprotect(b"", b"test").is_err() && unprotect(b"nonsense", b"test").is_err());
    }
}
