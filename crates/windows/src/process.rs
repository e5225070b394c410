//! Starting programs so that everything that descends from one can be ended, and is ended when this process ends, however
//! that happens.
//!
//! A program is created suspended, put into a job object, and only then let run: there is no moment in which it, or a child
//! of it, is outside. The job's only handle is in this process, so the system ends all that is in it once this process is
//! gone. No program in it can leave it.
//!
//! What a program that ended by itself left running is left alone when the caller says so, by [`Job::release`]. A program
//! inherits three handles: an empty standard input and the two pipes. Pipes are made inheritable only for the moment of
//! starting; whoever starts programs in this process by other means at that moment would leak them.

mod attributes;
mod command_line;
mod job;
mod pipe;

use std::fs::File;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null;

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_SUSPENDED, CREATE_UNICODE_ENVIRONMENT, CreateProcessW, EXTENDED_STARTUPINFO_PRESENT,
    GetExitCodeProcess, INFINITE, PROCESS_INFORMATION, ResumeThread, STARTF_USESTDHANDLES, STARTUPINFOEXW,
    STARTUPINFOW, TerminateProcess, WaitForSingleObject,
};

use crate::error::WinError;
use crate::text::wide;
use attributes::Attributes;
use pipe::Pipe;

pub use command_line::{LONGEST, command_line};
pub use job::Job;

/// What to start.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// The program's full path.
    pub program: &'a Path,
    /// The whole command line, the program's name included, exactly as the program gets it; see [`command_line`].
    pub command_line: &'a str,
    /// All variables that it gets.
    pub environment: &'a [(String, String)],
    /// Its working folder.
    pub folder: &'a Path,
}

/// A program that was started.
#[derive(Debug)]
pub struct Child {
    /// Its standard output, to be read until it ends. Reading blocks.
    pub stdout: File,
    /// Its standard error, likewise.
    pub stderr: File,
    /// The program itself.
    pub process: Process,
    /// The program and all that descends from it.
    pub job: Job,
}

/// A process, by a handle that keeps its exit code.
#[derive(Debug)]
pub struct Process {
    handle: OwnedHandle,
    id: u32,
}

/// Starts a program inside a job of its own.
///
/// # Errors
/// As the system says; nothing runs then.
pub fn start(spec: &Spec<'_>) -> Result<Child, WinError> {
    let job = Job::new()?;
    let (stdout, stderr) = (Pipe::new()?, Pipe::new()?);
    let stdin = pipe::nothing()?;
    let inherited = [
        stdin.as_raw_handle(),
        stdout.write.as_raw_handle(),
        stderr.write.as_raw_handle(),
    ];
    for handle in &inherited {
        pipe::make_inheritable(*handle)?;
    }
    let attributes = Attributes::inheriting(&inherited)?;
    let startup = STARTUPINFOEXW {
        StartupInfo: STARTUPINFOW {
            cb: size_of::<STARTUPINFOEXW>() as u32,
            dwFlags: STARTF_USESTDHANDLES,
            hStdInput: inherited[0],
            hStdOutput: inherited[1],
            hStdError: inherited[2],
            ..STARTUPINFOW::default()
        },
        lpAttributeList: attributes.as_ptr(),
    };
    let program = wide(spec.program);
    // The call may write into it.
    let mut line = wide(spec.command_line);
    let environment = block(spec.environment)?;
    let folder = wide(spec.folder);
    let mut made = PROCESS_INFORMATION::default();
    // SAFETY: all texts end with a zero and, like the attributes and the handles they name, outlive the call; the block of
    // variables is UTF-16 as its flag says and ends with two zeros; with its flag the structure is the extended one.
    let done = unsafe {
        CreateProcessW(
            program.as_ptr(),
            line.as_mut_ptr(),
            null(),
            null(),
            1,
            CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW | EXTENDED_STARTUPINFO_PRESENT,
            environment.as_ptr().cast(),
            folder.as_ptr(),
            (&raw const startup).cast(),
            &mut made,
        )
    };
    if done == 0 {
        return Err(WinError::last("CreateProcessW"));
    }
    // SAFETY: the call succeeded, so both are open handles that nobody else owns.
    let (process, thread) = unsafe {
        (
            OwnedHandle::from_raw_handle(made.hProcess),
            OwnedHandle::from_raw_handle(made.hThread),
        )
    };
    let process = Process {
        handle: process,
        id: made.dwProcessId,
    };
    if let Err(e) = job.take(&process.handle).and_then(|()| resume(&thread)) {
        process.terminate();
        return Err(e);
    }
    Ok(Child {
        stdout: stdout.read,
        stderr: stderr.read,
        process,
        job,
    })
}

fn resume(thread: &OwnedHandle) -> Result<(), WinError> {
    // SAFETY: the handle is open, and is a thread's.
    let before = unsafe { ResumeThread(thread.as_raw_handle()) };
    if before == u32::MAX {
        return Err(WinError::last("ResumeThread"));
    }
    Ok(())
}

/// The variables as the system takes them: sorted by name, each with a zero behind it, and one more at the end.
fn block(environment: &[(String, String)]) -> Result<Vec<u16>, WinError> {
    let mut sorted: Vec<&(String, String)> = environment.iter().collect();
    sorted.sort_by_key(|(name, _)| name.to_uppercase());
    let mut block = vec![];
    for (name, value) in sorted {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(WinError::new("CreateProcessW", ERROR_INVALID_PARAMETER));
        }
        block.extend(wide(format!("{name}={value}")));
    }
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    Ok(block)
}

impl Process {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Waits until it ended; gives its exit code, as console programs print it. Blocks.
    ///
    /// # Errors
    /// As the system says.
    pub fn wait(&self) -> Result<i32, WinError> {
        self.ended_within(INFINITE)?;
        let mut code = 0;
        // SAFETY: the handle is open as long as `self` lives, and `code` takes the result.
        if unsafe { GetExitCodeProcess(self.handle.as_raw_handle(), &mut code) } == 0 {
            return Err(WinError::last("GetExitCodeProcess"));
        }
        Ok(code.cast_signed())
    }

    /// Its exit code; none while it runs.
    ///
    /// # Errors
    /// As the system says.
    pub fn exit_code(&self) -> Result<Option<i32>, WinError> {
        // Asked first, since one exit code means "still running" and can't be told from it.
        if self.ended_within(0)? {
            self.wait().map(Some)
        } else {
            Ok(None)
        }
    }

    fn ended_within(&self, milliseconds: u32) -> Result<bool, WinError> {
        // SAFETY: the handle is open as long as `self` lives.
        match unsafe { WaitForSingleObject(self.handle.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_TIMEOUT => Ok(false),
            _ => Err(WinError::last("WaitForSingleObject")),
        }
    }

    /// Ends a process that never ran.
    fn terminate(&self) {
        // SAFETY: the handle is open. That it can't be ended is not told: the reason why it must be is told already.
        unsafe { TerminateProcess(self.handle.as_raw_handle(), 1) };
    }
}

#[cfg(test)]
mod tests;
