//! The list of attributes that a process is created with: which handles it inherits, and no others.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::os::windows::io::RawHandle;
use std::ptr::{null, null_mut};

use windows_sys::Win32::System::Threading::{
    DeleteProcThreadAttributeList, InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST,
    PROC_THREAD_ATTRIBUTE_HANDLE_LIST, UpdateProcThreadAttribute,
};

use crate::error::WinError;

/// An attribute list that names handles, which it borrows.
pub(super) struct Attributes<'a> {
    // Words, so that it is aligned as the system wants it; cells, since the system writes to it. It does not move.
    list: Box<[UnsafeCell<usize>]>,
    handles: PhantomData<&'a [RawHandle]>,
}

impl<'a> Attributes<'a> {
    /// That only `handles` are inherited; they must be inheritable.
    pub(super) fn inheriting(handles: &'a [RawHandle]) -> Result<Self, WinError> {
        let mut size = 0;
        // SAFETY: without a list the call only says how large one is.
        unsafe { InitializeProcThreadAttributeList(null_mut(), 1, 0, &mut size) };
        let words = size.div_ceil(size_of::<usize>());
        let list: Box<[UnsafeCell<usize>]> = (0..words).map(|_| UnsafeCell::new(0)).collect();
        // SAFETY: the list is as large as the system asked for.
        if unsafe { InitializeProcThreadAttributeList(list.as_ptr().cast_mut().cast(), 1, 0, &mut size) } == 0 {
            return Err(WinError::last("InitializeProcThreadAttributeList"));
        }
        let attributes = Self {
            list,
            handles: PhantomData,
        };
        // SAFETY: the list was initialised for one attribute; the handles outlive it, as its lifetime says.
        let done = unsafe {
            UpdateProcThreadAttribute(
                attributes.as_ptr(),
                0,
                PROC_THREAD_ATTRIBUTE_HANDLE_LIST as usize,
                handles.as_ptr().cast(),
                size_of_val(handles),
                null_mut(),
                null(),
            )
        };
        if done == 0 {
            return Err(WinError::last("UpdateProcThreadAttribute"));
        }
        Ok(attributes)
    }

    /// For the call that creates the process, which only reads it.
    pub(super) fn as_ptr(&self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.list.as_ptr().cast_mut().cast()
    }
}

impl Drop for Attributes<'_> {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and nothing uses it any more.
        unsafe { DeleteProcThreadAttributeList(self.as_ptr()) };
    }
}
