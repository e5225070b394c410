//! Services, by the service control manager: which there are, how one stands, and starting and stopping it together with
//! what depends on it.
//!
//! Everything here blocks; [`Watch`] says how long, hears what happens, and can give up.
//!
//! Deliberately absent: creating, changing and deleting services.

mod change;
mod describe;

use std::ptr::null;

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_NAME, ERROR_MORE_DATA};
use windows_sys::Win32::System::Services::{
    CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, ENUM_SERVICE_STATUSW, EnumDependentServicesW,
    EnumServicesStatusExW, OpenSCManagerW, OpenServiceW, QueryServiceConfig2W, QueryServiceConfigW,
    QueryServiceStatusEx, SC_ENUM_PROCESS_INFO, SC_HANDLE, SC_MANAGER_CONNECT, SC_MANAGER_ENUMERATE_SERVICE,
    SC_STATUS_PROCESS_INFO, SERVICE_ACTIVE, SERVICE_ENUMERATE_DEPENDENTS, SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS,
    SERVICE_START, SERVICE_STATE_ALL, SERVICE_STATUS_PROCESS, SERVICE_STOP, SERVICE_WIN32,
};

pub use change::{Step, Trouble, Watch, restart, start, stop};
pub use describe::{Config, Start, State, Status};

use crate::error::WinError;
use crate::text::{read_wide, wide};

/// The connection to the service control manager.
#[derive(Debug)]
pub struct Manager(Handle);

/// One service that was opened.
#[derive(Debug)]
pub struct Service {
    handle: Handle,
    name: String,
}

/// A service in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name that commands use.
    pub name: String,
    /// The name for people.
    pub display: String,
    /// How it stands.
    pub status: Status,
}

/// What a service is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Asking about it.
    Look,
    /// Starting and stopping it, too.
    Control,
}

/// A handle of the service control manager.
#[derive(Debug)]
struct Handle(SC_HANDLE);

// SAFETY: such a handle may be used on any thread; each call is a message to another process.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by this value, is closed once, and nothing else has it.
        unsafe { CloseServiceHandle(self.0) };
    }
}

impl Manager {
    /// Connects to this machine's manager.
    ///
    /// # Errors
    /// As the system says.
    pub fn connect() -> Result<Self, WinError> {
        // SAFETY: no names are given, which means this machine and its one database.
        let handle = unsafe { OpenSCManagerW(null(), null(), SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE) };
        owned("OpenSCManagerW", handle).map(Self)
    }

    /// Every service, by name; drivers are none. What the account may not ask about is left out by the system.
    ///
    /// # Errors
    /// As the system says.
    pub fn list(&self) -> Result<Vec<Listed>, WinError> {
        let mut all = vec![];
        let (mut buffer, mut resume) = (vec![0_u64; 32 * 1024], 0);
        loop {
            let (mut needed, mut count) = (0, 0);
            // SAFETY: the buffer is aligned for the structures that are written to it and as long as is said.
            let done = unsafe {
                EnumServicesStatusExW(
                    self.0.0,
                    SC_ENUM_PROCESS_INFO,
                    SERVICE_WIN32,
                    SERVICE_STATE_ALL,
                    buffer.as_mut_ptr().cast(),
                    byte_len(&buffer),
                    &mut needed,
                    &mut count,
                    &mut resume,
                    null(),
                )
            };
            let error = WinError::last("EnumServicesStatusExW");
            if done == 0 && error.code != ERROR_MORE_DATA {
                return Err(error);
            }
            for at in 0..count as usize {
                // SAFETY: so many structures are at the buffer's beginning, and each one's names end in a zero within it.
                let (entry, name, display) = unsafe {
                    let entry = buffer.as_ptr().cast::<ENUM_SERVICE_STATUS_PROCESSW>().add(at).read();
                    (entry, read_wide(entry.lpServiceName), read_wide(entry.lpDisplayName))
                };
                let status = Status::from(&entry.ServiceStatusProcess);
                all.push(Listed { name, display, status });
            }
            if done != 0 {
                break;
            }
            if count == 0 {
                buffer.resize(buffer.len().max(needed as usize / 8) * 2, 0);
            }
        }
        all.sort_by_key(|s| s.name.to_lowercase());
        Ok(all)
    }

    /// A service's name as the manager spells it; it takes every spelling.
    ///
    /// # Errors
    /// [`WinError::is_not_found`] when there is no such service; otherwise as the system says.
    pub fn spelling(&self, name: &str) -> Result<String, WinError> {
        let same = |s: &Listed| s.name.to_lowercase() == name.to_lowercase();
        if let Some(found) = self.list()?.into_iter().find(same) {
            return Ok(found.name);
        }
        // One that the account may not see is told apart from one that is not there.
        let service = self.open(name, Purpose::Look)?;
        Ok(service.name)
    }

    /// Opens a service.
    ///
    /// # Errors
    /// As the system says.
    pub fn open(&self, name: &str, purpose: Purpose) -> Result<Service, WinError> {
        if name.contains('\0') {
            return Err(WinError::new("OpenServiceW", ERROR_INVALID_NAME));
        }
        let look = SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG | SERVICE_ENUMERATE_DEPENDENTS;
        let rights = match purpose {
            Purpose::Look => look,
            Purpose::Control => look | SERVICE_START | SERVICE_STOP,
        };
        // SAFETY: the name ends in a zero and outlives the call.
        let handle = unsafe { OpenServiceW(self.0.0, wide(name).as_ptr(), rights) };
        Ok(Service {
            handle: owned("OpenServiceW", handle)?,
            name: name.to_owned(),
        })
    }
}

impl Service {
    /// Its name, as it was opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it stands now.
    ///
    /// # Errors
    /// As the system says.
    pub fn status(&self) -> Result<Status, WinError> {
        let mut status = SERVICE_STATUS_PROCESS::default();
        let (size, mut needed) = (size_of::<SERVICE_STATUS_PROCESS>() as u32, 0);
        // SAFETY: the structure is the one for this level, and its size is what is said.
        let done = unsafe {
            QueryServiceStatusEx(
                self.handle.0,
                SC_STATUS_PROCESS_INFO,
                (&raw mut status).cast(),
                size,
                &mut needed,
            )
        };
        if done == 0 {
            return Err(WinError::last("QueryServiceStatusEx"));
        }
        Ok(Status::from(&status))
    }

    /// How it is set up.
    ///
    /// # Errors
    /// As the system says.
    pub fn config(&self) -> Result<Config, WinError> {
        let buffer = filled("QueryServiceConfigW", |buffer, len, needed| {
            // SAFETY: the buffer is aligned for the structure and as long as is said.
            unsafe { QueryServiceConfigW(self.handle.0, buffer.cast(), len, needed) }
        })?;
        // SAFETY: the call filled the buffer with the structure, whose texts end in a zero (the list in two) within it.
        let config = unsafe { Config::read(buffer.as_ptr().cast()) };
        Ok(Config {
            delayed: self.delayed().unwrap_or(false),
            ..config
        })
    }

    /// Whether an automatic start waits for a while. Older systems don't know that.
    fn delayed(&self) -> Result<bool, WinError> {
        const DELAYED_AUTO_START_INFO: u32 = 3;
        let buffer = filled("QueryServiceConfig2W", |buffer, len, needed| {
            // SAFETY: the buffer is aligned for the structure and as long as is said.
            unsafe { QueryServiceConfig2W(self.handle.0, DELAYED_AUTO_START_INFO, buffer, len, needed) }
        })?;
        Ok(buffer.first().is_some_and(|flag| *flag as u32 != 0))
    }

    /// The running services that depend on it, in the order in which they have to be stopped; with `all`, those that don't
    /// run as well.
    ///
    /// # Errors
    /// As the system says.
    pub fn dependants(&self, all: bool) -> Result<Vec<String>, WinError> {
        let states = if all { SERVICE_STATE_ALL } else { SERVICE_ACTIVE };
        let mut count = 0;
        let buffer = filled("EnumDependentServicesW", |buffer, len, needed| {
            // SAFETY: the buffer is aligned for the structures and as long as is said.
            unsafe { EnumDependentServicesW(self.handle.0, states, buffer.cast(), len, needed, &mut count) }
        })?;
        let name = |at| {
            // SAFETY: so many structures are at the buffer's beginning, and each one's name ends in a zero within it.
            unsafe {
                read_wide(
                    buffer
                        .as_ptr()
                        .cast::<ENUM_SERVICE_STATUSW>()
                        .add(at)
                        .read()
                        .lpServiceName,
                )
            }
        };
        Ok((0..count as usize).map(name).collect())
    }
}

/// Calls with a buffer that grows until everything fits.
fn filled(
    call: &'static str,
    mut ask: impl FnMut(*mut u8, u32, &mut u32) -> windows_sys::core::BOOL,
) -> Result<Vec<u64>, WinError> {
    let mut buffer = vec![0_u64; 1024];
    loop {
        let mut needed = 0;
        if ask(buffer.as_mut_ptr().cast(), byte_len(&buffer), &mut needed) != 0 {
            return Ok(buffer);
        }
        let error = WinError::last(call);
        let grows = matches!(error.code, ERROR_INSUFFICIENT_BUFFER | ERROR_MORE_DATA);
        if !grows || needed <= byte_len(&buffer) {
            return Err(error);
        }
        buffer.resize((needed as usize).div_ceil(8), 0);
    }
}

fn byte_len(buffer: &[u64]) -> u32 {
    u32::try_from(size_of_val(buffer)).unwrap_or(u32::MAX)
}

fn owned(call: &'static str, handle: SC_HANDLE) -> Result<Handle, WinError> {
    if handle.is_null() {
        Err(WinError::last(call))
    } else {
        Ok(Handle(handle))
    }
}
