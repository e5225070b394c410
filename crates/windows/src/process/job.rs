//! Job objects: a program with all that descends from it, as one thing that can be ended.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::{null, null_mut};

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectBasicAccountingInformation, JobObjectExtendedLimitInformation, QueryInformationJobObject,
    SetInformationJobObject, TerminateJobObject,
};

use crate::error::WinError;

/// The exit code of what is ended by [`Job::terminate`], the one that the system's own tools use.
const ENDED: u32 = 1;

/// A job object. Whatever is in it ends when this is dropped, or when this process ends.
#[derive(Debug)]
pub struct Job(OwnedHandle);

impl Job {
    /// An empty job that ends with its handle, that no process can leave, and in which nothing that crashes waits for a
    /// person to look at a window.
    pub(super) fn new() -> Result<Self, WinError> {
        // SAFETY: no security of its own and no name, which both may be absent.
        let handle = unsafe { CreateJobObjectW(null(), null()) };
        if handle.is_null() {
            return Err(WinError::last("CreateJobObjectW"));
        }
        // SAFETY: it was just made, and nobody else owns it.
        let job = Self(unsafe { OwnedHandle::from_raw_handle(handle) });
        job.limit(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION)?;
        Ok(job)
    }

    /// Puts a process into it.
    pub(super) fn take(&self, process: &OwnedHandle) -> Result<(), WinError> {
        // SAFETY: both handles are open for the time of the call.
        if unsafe { AssignProcessToJobObject(self.0.as_raw_handle(), process.as_raw_handle()) } == 0 {
            return Err(WinError::last("AssignProcessToJobObject"));
        }
        Ok(())
    }

    /// Ends everything that is in it, at once. It is gone a moment later: see [`Job::active_processes`].
    ///
    /// # Errors
    /// As the system says.
    pub fn terminate(&self) -> Result<(), WinError> {
        // SAFETY: the handle is open as long as `self` lives.
        if unsafe { TerminateJobObject(self.0.as_raw_handle(), ENDED) } == 0 {
            return Err(WinError::last("TerminateJobObject"));
        }
        Ok(())
    }

    /// How many processes are in it now.
    ///
    /// # Errors
    /// As the system says.
    pub fn active_processes(&self) -> Result<u32, WinError> {
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: the handle is open; the structure is the one that belongs to the class, of the size that is given.
        let done = unsafe {
            QueryInformationJobObject(
                self.0.as_raw_handle(),
                JobObjectBasicAccountingInformation,
                (&raw mut counts).cast(),
                size_of_val(&counts) as u32,
                null_mut(),
            )
        };
        if done == 0 {
            return Err(WinError::last("QueryInformationJobObject"));
        }
        Ok(counts.ActiveProcesses)
    }

    /// Lets everything that is in it live on, also after this process.
    ///
    /// # Errors
    /// As the system says; then what is in it ended.
    pub fn release(self) -> Result<(), WinError> {
        self.limit(0)
    }

    fn limit(&self, flags: u32) -> Result<(), WinError> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = flags;
        // SAFETY: the handle is open; the structure is the one that belongs to the class, of the size that is given.
        let done = unsafe {
            SetInformationJobObject(
                self.0.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size_of_val(&limits) as u32,
            )
        };
        if done == 0 {
            return Err(WinError::last("SetInformationJobObject"));
        }
        Ok(())
    }
}
