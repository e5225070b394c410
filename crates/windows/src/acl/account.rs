//! Which account this process runs as.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::null_mut;

use windows_sys::Win32::Security::{
    CheckTokenMembership, CreateWellKnownSid, GetTokenInformation, SECURITY_MAX_SID_SIZE, TOKEN_QUERY, TOKEN_USER,
    TokenUser, WinBuiltinAdministratorsSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::descriptor::sid_text;
use crate::error::WinError;

/// The account, as a security identifier such as `S-1-5-18`.
pub(super) fn current() -> Result<String, WinError> {
    let mut token = null_mut();
    // SAFETY: the process's own handle needs no closing, and `token` takes the result.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) } == 0 {
        return Err(WinError::last("OpenProcessToken"));
    }
    // SAFETY: it was just opened, and nobody else owns it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut size = 0;
    // SAFETY: without a buffer the call only says how large one is.
    unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, null_mut(), 0, &mut size) };
    // Words, so that the structure in it is aligned.
    let mut buffer = vec![
        0_usize;
        (size as usize)
            .div_ceil(size_of::<usize>())
            .max(size_of::<TOKEN_USER>())
    ];
    // SAFETY: the buffer is at least as large as is said.
    if unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size,
            &mut size,
        )
    } == 0
    {
        return Err(WinError::last("GetTokenInformation"));
    }
    // SAFETY: the call succeeded, so the buffer begins with this structure, for which it is large enough and aligned.
    let user = unsafe { buffer.as_ptr().cast::<TOKEN_USER>().read() };
    // SAFETY: the identifier it names lies in the same buffer, which is still there.
    unsafe { sid_text(user.User.Sid) }
}

/// Whether the account acts as an administrator now. The system does.
pub(super) fn is_administrator() -> Result<bool, WinError> {
    let mut sid = [0_usize; (SECURITY_MAX_SID_SIZE as usize).div_ceil(size_of::<usize>())];
    let mut size = size_of_val(&sid) as u32;
    let sid = sid.as_mut_ptr().cast();
    // SAFETY: the buffer is as large as is said, and large enough for any identifier; no domain is needed for this one.
    if unsafe { CreateWellKnownSid(WinBuiltinAdministratorsSid, null_mut(), sid, &mut size) } == 0 {
        return Err(WinError::last("CreateWellKnownSid"));
    }
    let mut is = 0;
    // SAFETY: no token means this thread's; the identifier was just made.
    if unsafe { CheckTokenMembership(null_mut(), sid, &mut is) } == 0 {
        return Err(WinError::last("CheckTokenMembership"));
    }
    Ok(is != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_has_an_identifier() {
        assert!(current().unwrap().starts_with("S-1-5-"));
        // Either is fine; that it can be told is what counts.
        is_administrator().unwrap();
    }
}
