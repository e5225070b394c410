//! Names of accounts.

use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{CloseHandle, LocalFree};
use windows_sys::Win32::Security::Authorization::ConvertStringSidToSidW;
use windows_sys::Win32::Security::{GetTokenInformation, LookupAccountSidW, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::error::WinError;
use crate::text::{shown, wide};

/// Longer than every name of an account or a domain (UNLEN is 256, a domain's name has at most 255).
const ROOM: usize = 1024;

/// The account, as `DOMAIN\name`, that a security identifier in text (`S-1-5-18`) stands for.
///
/// # Errors
/// When it is no identifier, or nobody knows it.
pub fn name_of(sid: &str) -> Result<String, WinError> {
    let mut binary: PSID = null_mut();
    // SAFETY: the text ends in a zero; what comes back is freed below.
    if unsafe { ConvertStringSidToSidW(wide(sid).as_ptr(), &mut binary) } == 0 {
        return Err(WinError::last("ConvertStringSidToSidW"));
    }
    // SAFETY: the identifier was just made by the system.
    let name = unsafe { look_up(binary) };
    // SAFETY: the system allocated it for this process to free with this call, and nothing uses it any more.
    unsafe { LocalFree(binary) };
    name
}

/// The account that this process runs as, as `DOMAIN\name`.
///
/// # Errors
/// As the system says.
pub fn own() -> Result<String, WinError> {
    let mut token = null_mut();
    // SAFETY: the process's own handle needs no closing; the token is closed below.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) } == 0 {
        return Err(WinError::last("OpenProcessToken"));
    }
    // Of 64-bit units, since the structure begins with a pointer; the identifier behind it has at most 68 bytes.
    let mut buffer = [0_u64; 32];
    let mut needed = 0;
    // SAFETY: the token is open; the buffer is aligned for the structure and as long as is said.
    let done = unsafe {
        GetTokenInformation(
            token,
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size_of_val(&buffer) as u32,
            &mut needed,
        )
    };
    let error = WinError::last("GetTokenInformation");
    // SAFETY: the token was opened above and nothing else has its handle.
    unsafe { CloseHandle(token) };
    if done == 0 {
        return Err(error);
    }
    // SAFETY: the call filled the buffer with the structure, whose identifier lies in the buffer as well.
    unsafe { look_up(buffer.as_ptr().cast::<TOKEN_USER>().read().User.Sid) }
}

/// # Safety
/// `sid` points to a whole identifier.
unsafe fn look_up(sid: PSID) -> Result<String, WinError> {
    let (mut name, mut domain) = (vec![0_u16; ROOM], vec![0_u16; ROOM]);
    let (mut name_len, mut domain_len, mut kind) = (ROOM as u32, ROOM as u32, 0);
    // SAFETY: the caller says so; both buffers are as long as is said.
    let done = unsafe {
        LookupAccountSidW(
            null(),
            sid,
            name.as_mut_ptr(),
            &mut name_len,
            domain.as_mut_ptr(),
            &mut domain_len,
            &mut kind,
        )
    };
    if done == 0 {
        return Err(WinError::last("LookupAccountSidW"));
    }
    let (name, domain) = (
        shown(&name[..(name_len as usize).min(ROOM)]),
        shown(&domain[..(domain_len as usize).min(ROOM)]),
    );
    Ok(if domain.is_empty() {
        name
    } else {
        format!("{domain}\\{name}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: owners of processes are told by name.
    #[test]
    fn identifiers_become_names() {
        let own = own().unwrap();
        assert!(!own.is_empty() && !own.ends_with('\\'), "{own}");
        assert!(name_of("S-1-5-18").unwrap().to_uppercase().ends_with("SYSTEM"));
        assert!(name_of("S-1-5-21-1-2-3-4711").is_err());
        assert!(name_of("nobody").is_err());
    }
}
