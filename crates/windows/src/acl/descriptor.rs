//! Security descriptors: whom a thing belongs to and whom it lets in.

use std::os::windows::io::RawHandle;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
    SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorDacl,
    GetSecurityDescriptorOwner, INHERIT_ONLY_ACE, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};

use crate::error::WinError;
use crate::text::wide;

/// A descriptor that the system allocated.
pub(super) struct Descriptor(PSECURITY_DESCRIPTOR);

/// Whom an access list lets in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// There is no list, or there are entries in it of a kind that is not understood here.
    Everyone,
    /// These, as security identifiers.
    Listed(Vec<String>),
}

impl Descriptor {
    /// One that is written in the system's own language for them.
    pub(super) fn parse(text: &str) -> Result<Self, WinError> {
        let (text, mut descriptor) = (wide(text), null_mut());
        // SAFETY: the text ends with a zero and outlives the call; the result is freed when it is dropped.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                null_mut(),
            )
        };
        if done == 0 {
            return Err(WinError::last("ConvertStringSecurityDescriptorToSecurityDescriptorW"));
        }
        Ok(Self(descriptor))
    }

    /// That of an open file or folder.
    pub(super) fn of(file: RawHandle) -> Result<Self, WinError> {
        let mut descriptor = null_mut();
        // SAFETY: the caller holds the handle open; only the whole descriptor is asked for, which is freed when it is
        // dropped.
        let code = unsafe {
            GetSecurityInfo(
                file,
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                &mut descriptor,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(WinError::new("GetSecurityInfo", code));
        }
        Ok(Self(descriptor))
    }

    pub(super) fn as_ptr(&self) -> PSECURITY_DESCRIPTOR {
        self.0
    }

    /// Whom it belongs to.
    pub(super) fn owner(&self) -> Result<String, WinError> {
        let (mut owner, mut defaulted) = (null_mut(), 0);
        // SAFETY: the descriptor is valid as long as `self` lives.
        if unsafe { GetSecurityDescriptorOwner(self.0, &mut owner, &mut defaulted) } == 0 {
            return Err(WinError::last("GetSecurityDescriptorOwner"));
        }
        if owner.is_null() {
            return Ok("nobody".into());
        }
        // SAFETY: the identifier lies in the descriptor.
        unsafe { sid_text(owner) }
    }

    /// Whom it gives at least one of these rights, itself: what it only passes on does not count.
    pub(super) fn access(&self, rights: u32) -> Result<Access, WinError> {
        let (mut present, mut list, mut defaulted) = (0, null_mut::<ACL>(), 0);
        // SAFETY: the descriptor is valid as long as `self` lives.
        if unsafe { GetSecurityDescriptorDacl(self.0, &mut present, &mut list, &mut defaulted) } == 0 {
            return Err(WinError::last("GetSecurityDescriptorDacl"));
        }
        if present == 0 || list.is_null() {
            return Ok(Access::Everyone);
        }
        // SAFETY: the list lies in the descriptor.
        let count = unsafe { (*list).AceCount };
        let mut accounts = vec![];
        for index in 0..u32::from(count) {
            let mut entry = null_mut();
            // SAFETY: the list is valid, and the index is below its count.
            if unsafe { GetAce(list, index, &mut entry) } == 0 {
                return Err(WinError::last("GetAce"));
            }
            // SAFETY: every entry begins with this header.
            let header = unsafe { entry.cast::<ACE_HEADER>().read() };
            if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 {
                continue;
            }
            match u32::from(header.AceType) {
                ACCESS_DENIED_ACE_TYPE => {}
                ACCESS_ALLOWED_ACE_TYPE => {
                    let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
                    // SAFETY: an entry of this type has this shape; its identifier begins in its last field.
                    let (mask, sid) = unsafe { ((*entry).Mask, (&raw mut (*entry).SidStart).cast()) };
                    if mask & rights != 0 {
                        // SAFETY: the identifier lies in the entry, and that in the descriptor.
                        accounts.push(unsafe { sid_text(sid)? });
                    }
                }
                _ => return Ok(Access::Everyone),
            }
        }
        Ok(Access::Listed(accounts))
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the system allocated it for this process to free with this call.
        unsafe { LocalFree(self.0) };
    }
}

/// A security identifier as text, such as `S-1-5-18`.
///
/// # Safety
/// `sid` points to a valid identifier.
pub(super) unsafe fn sid_text(sid: PSID) -> Result<String, WinError> {
    let mut text = null_mut();
    // SAFETY: the caller vouches for the identifier; the result is freed below.
    if unsafe { ConvertSidToStringSidW(sid, &mut text) } == 0 {
        return Err(WinError::last("ConvertSidToStringSidW"));
    }
    let mut units = vec![];
    let mut at = text.cast_const();
    // SAFETY: the text ends with a zero, and nothing behind it is read.
    unsafe {
        while *at != 0 {
            units.push(*at);
            at = at.add(1);
        }
        LocalFree(text.cast());
    }
    Ok(String::from_utf16_lossy(&units))
}

/// Gives a file an access list, for tests.
#[cfg(test)]
pub(super) fn set(path: &std::path::Path, text: &str) -> Result<(), WinError> {
    use windows_sys::Win32::Security::SetFileSecurityW;
    let descriptor = Descriptor::parse(text)?;
    let path = wide(path);
    // SAFETY: the path ends with a zero; it and the descriptor outlive the call.
    if unsafe { SetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, descriptor.0) } == 0 {
        return Err(WinError::last("SetFileSecurityW"));
    }
    Ok(())
}
