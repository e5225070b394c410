//! Where Windows keeps things, as the system itself says; variables of the environment play no part.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::MAX_PATH;
use windows_sys::Win32::System::SystemInformation::GetSystemWindowsDirectoryW;
use windows_sys::Win32::UI::Shell::{CSIDL_COMMON_APPDATA, CSIDL_PROGRAM_FILES, SHGetFolderPathW};

use crate::error::WinError;

/// The folder of Windows, such as `C:\Windows`.
///
/// # Errors
/// As the system says.
pub fn windows() -> Result<PathBuf, WinError> {
    let mut buffer = [0; MAX_PATH as usize];
    // SAFETY: the buffer is as long as is said.
    let len = unsafe { GetSystemWindowsDirectoryW(buffer.as_mut_ptr(), MAX_PATH) } as usize;
    if len == 0 || len >= buffer.len() {
        return Err(WinError::last("GetSystemWindowsDirectoryW"));
    }
    Ok(OsString::from_wide(&buffer[..len]).into())
}

/// The folder of installed programs, such as `C:\Program Files`.
///
/// # Errors
/// As the system says.
pub fn programs() -> Result<PathBuf, WinError> {
    folder(CSIDL_PROGRAM_FILES)
}

/// The folder of programs' data that belongs to no account, such as `C:\ProgramData`.
///
/// # Errors
/// As the system says.
pub fn program_data() -> Result<PathBuf, WinError> {
    folder(CSIDL_COMMON_APPDATA)
}

fn folder(which: u32) -> Result<PathBuf, WinError> {
    let mut buffer = [0; MAX_PATH as usize];
    // SAFETY: the buffer is as long as the call may need by its documentation; there is no window and no account.
    let code = unsafe { SHGetFolderPathW(null_mut(), which.cast_signed(), null_mut(), 0, buffer.as_mut_ptr()) };
    if code != 0 {
        // The low half of such a code is the system's own.
        return Err(WinError::new("SHGetFolderPathW", code.cast_unsigned() & 0xffff));
    }
    let len = buffer.iter().position(|unit| *unit == 0).unwrap_or(buffer.len());
    Ok(OsString::from_wide(&buffer[..len]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_are_there() {
        for folder in [windows(), programs(), program_data()] {
            let folder = folder.unwrap();
            assert!(folder.is_absolute() && folder.is_dir(), "{}", folder.display());
        }
    }
}
