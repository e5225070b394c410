//! The standard handles of a program.

use std::fs::File;
use std::os::windows::io::{FromRawHandle, OwnedHandle, RawHandle};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::System::Pipes::CreatePipe;

use crate::error::WinError;

/// How much a pipe holds before its writer waits.
const CAPACITY: u32 = 64 * 1024;

/// An anonymous pipe; neither end is inherited.
pub(super) struct Pipe {
    pub(super) read: File,
    pub(super) write: OwnedHandle,
}

impl Pipe {
    pub(super) fn new() -> Result<Self, WinError> {
        let (mut read, mut write) = (null_mut(), null_mut());
        // SAFETY: both take a handle; without security attributes neither is inherited.
        if unsafe { CreatePipe(&mut read, &mut write, null(), CAPACITY) } == 0 {
            return Err(WinError::last("CreatePipe"));
        }
        // SAFETY: both were just made, and nobody else owns them.
        unsafe {
            Ok(Self {
                read: File::from_raw_handle(read),
                write: OwnedHandle::from_raw_handle(write),
            })
        }
    }
}

/// What reads as empty.
pub(super) fn nothing() -> Result<File, WinError> {
    File::open("NUL").map_err(|e| WinError::of("CreateFileW", &e))
}

/// Lets a handle be inherited by what names it.
pub(super) fn make_inheritable(handle: RawHandle) -> Result<(), WinError> {
    // SAFETY: the caller holds the handle open.
    if unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) } == 0 {
        return Err(WinError::last("SetHandleInformation"));
    }
    Ok(())
}
