//! The registry: keys in the 64-bit view, their values as they are, and where a key really is.
//!
//! A registry path can lead through symbolic links, as `HKLM\SYSTEM\CurrentControlSet` does. So a key is opened first, and
//! [`Key::real`] then says where what was opened is, by the kernel's own name for it. The 32-bit view has its own path
//! (`HKLM\SOFTWARE\WOW6432Node\…`) and no other way leads there.
//!
//! Deliberately absent: creating and deleting keys, and the hives that are views of others (`HKCU`, `HKCR`, `HKCC`).

mod path;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod value;

use std::ptr::{null, null_mut};

use windows_sys::Wdk::System::Registry::{KeyNameInformation, NtQueryKey};
use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_INVALID_NAME, ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS, FILETIME,
    RtlNtStatusToDosError, STATUS_BUFFER_OVERFLOW, STATUS_BUFFER_TOO_SMALL, STATUS_SUCCESS,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_QUERY_VALUE, KEY_READ, KEY_SET_VALUE, KEY_WOW64_64KEY, RegCloseKey,
    RegEnumKeyExW, RegEnumValueW, RegOpenKeyExW, RegQueryInfoKeyW, RegQueryValueExW, RegSetValueExW,
};

pub use value::{Data, Kind, Value};

use crate::error::WinError;
use crate::text::{shown, wide};

/// The longest name of a key and of a value, in UTF-16 units (Microsoft, "Registry Element Size Limits").
const LONGEST_KEY: usize = 255;
const LONGEST_VALUE: usize = 16_383;

/// A key that changes all the time is read this often at most.
const LOOKS: usize = 3;

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hive {
    /// `HKLM`.
    Machine,
    /// `HKU`.
    Users,
}

/// What a key is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading it.
    Read,
    /// Reading and setting its values.
    Write,
}

/// An open key; what it is does not change any more, whatever its path leads to.
#[derive(Debug)]
pub struct Key(HKEY);

/// What is in a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its values, by name.
    pub values: Vec<Value>,
    /// The names of the keys in it, sorted.
    pub subkeys: Vec<String>,
    /// Its class; most keys have none.
    pub class: String,
    /// When it, or a value of it, was last written: 100 nanoseconds since 1601.
    pub last_written: u64,
}

/// Counts and sizes, as the system told them a moment ago.
struct Info {
    class: String,
    last_written: u64,
}

// SAFETY: a key's handle may be used on any thread; the system does its own locking.
unsafe impl Send for Key {}

impl Key {
    /// Opens the key at `path`, such as `SOFTWARE\Vendor`, in the 64-bit view, following symbolic links.
    ///
    /// # Errors
    /// As the system says; [`WinError::is_not_found`] and [`WinError::is_denied`] tell the two common cases apart.
    pub fn open(hive: Hive, path: &str, access: Access) -> Result<Self, WinError> {
        if path.contains('\0') {
            return Err(WinError::new("RegOpenKeyExW", ERROR_INVALID_NAME));
        }
        let root = match hive {
            Hive::Machine => HKEY_LOCAL_MACHINE,
            Hive::Users => HKEY_USERS,
        };
        let rights = match access {
            Access::Read => KEY_READ,
            Access::Write => KEY_QUERY_VALUE | KEY_SET_VALUE,
        };
        let (path, mut key) = (wide(path), null_mut());
        // SAFETY: the path ends in a zero and outlives the call; the key that comes back is closed when dropped.
        let code = unsafe { RegOpenKeyExW(root, path.as_ptr(), 0, rights | KEY_WOW64_64KEY, &mut key) };
        checked("RegOpenKeyExW", code)?;
        Ok(Self(key))
    }

    /// Where the key really is: `HKLM\SYSTEM\CurrentControlSet\Services` whether it was opened by that name or by
    /// `ControlSet001`; none when no path of [`Hive`] leads there.
    ///
    /// # Errors
    /// As the system says.
    pub fn real(&self) -> Result<Option<String>, WinError> {
        let kernel = self.kernel_path()?;
        Ok(path::from_kernel(&kernel, path::current_control_set()))
    }

    /// The kernel's name of the key, `\REGISTRY\MACHINE\SOFTWARE\…`.
    fn kernel_path(&self) -> Result<String, WinError> {
        let mut bytes = 1024;
        loop {
            // Of 32-bit units, since the structure begins with one.
            let mut buffer = vec![0_u32; bytes / 4];
            let mut needed = 0;
            let len = u32::try_from(buffer.len() * 4).unwrap_or(u32::MAX);
            // SAFETY: the buffer is aligned for the structure and as long as is said.
            let status = unsafe {
                NtQueryKey(
                    self.0.cast(),
                    KeyNameInformation,
                    buffer.as_mut_ptr().cast(),
                    len,
                    &mut needed,
                )
            };
            match status {
                STATUS_SUCCESS => {
                    // The structure: the name's length in bytes, then the name.
                    let name = buffer[0] as usize / 2;
                    let units = buffer[1..].iter().flat_map(|u| [*u as u16, (*u >> 16) as u16]);
                    return Ok(shown(&units.take(name).collect::<Vec<_>>()));
                }
                STATUS_BUFFER_OVERFLOW | STATUS_BUFFER_TOO_SMALL if needed as usize > bytes => {
                    bytes = (needed as usize).next_multiple_of(4);
                }
                other => {
                    // SAFETY: only turns one number into another.
                    let code = unsafe { RtlNtStatusToDosError(other) };
                    return Err(WinError::new("NtQueryKey", code));
                }
            }
        }
    }

    /// Reads all of it. While it is being changed it is read again, a few times.
    ///
    /// # Errors
    /// As the system says.
    pub fn contents(&self) -> Result<Contents, WinError> {
        let mut looks = 1;
        loop {
            let before = self.info()?;
            let mut values = self.values()?;
            let mut subkeys = self.subkeys()?;
            let after = self.info()?;
            if before.last_written == after.last_written || looks == LOOKS {
                values.sort_by(|a, b| {
                    a.name
                        .to_lowercase()
                        .cmp(&b.name.to_lowercase())
                        .then(a.name.cmp(&b.name))
                });
                subkeys.sort_by_key(|name| name.to_lowercase());
                return Ok(Contents {
                    values,
                    subkeys,
                    class: after.class,
                    last_written: after.last_written,
                });
            }
            looks += 1;
        }
    }

    /// One value; none when the key has no such value. The empty name is the default value.
    ///
    /// # Errors
    /// As the system says.
    pub fn value(&self, name: &str) -> Result<Option<Value>, WinError> {
        let wide_name = value_name("RegQueryValueExW", name)?;
        let mut data = vec![0_u8; 1024];
        loop {
            let (mut kind, mut len) = (0, size(data.len()));
            // SAFETY: the name ends in a zero; the buffer is as long as is said.
            let code = unsafe {
                RegQueryValueExW(
                    self.0,
                    wide_name.as_ptr(),
                    null(),
                    &mut kind,
                    data.as_mut_ptr(),
                    &mut len,
                )
            };
            match code {
                ERROR_MORE_DATA => grow(&mut data, len),
                ERROR_FILE_NOT_FOUND => return Ok(None),
                code => {
                    checked("RegQueryValueExW", code)?;
                    data.truncate(len as usize);
                    let name = name.to_owned();
                    let kind = Kind(kind);
                    return Ok(Some(Value { name, kind, data }));
                }
            }
        }
    }

    /// Sets a value, and gives what was there before.
    ///
    /// # Errors
    /// As the system says; nothing is changed then.
    pub fn set(&self, name: &str, kind: Kind, data: &[u8]) -> Result<Option<Value>, WinError> {
        let before = self.value(name)?;
        let wide_name = value_name("RegSetValueExW", name)?;
        // An empty slice points nowhere that the system would accept.
        let start = if data.is_empty() { null() } else { data.as_ptr() };
        // SAFETY: the name ends in a zero; the data is as long as is said and only read.
        let code = unsafe { RegSetValueExW(self.0, wide_name.as_ptr(), 0, kind.0, start, size(data.len())) };
        checked("RegSetValueExW", code)?;
        Ok(before)
    }

    fn info(&self) -> Result<Info, WinError> {
        let mut class = vec![0_u16; LONGEST_KEY + 1];
        loop {
            let (mut len, mut written) = (size(class.len()), FILETIME::default());
            // SAFETY: the class's buffer is as long as is said; every other result that is not wanted is null.
            let code = unsafe {
                RegQueryInfoKeyW(
                    self.0,
                    class.as_mut_ptr(),
                    &mut len,
                    null(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                    &mut written,
                )
            };
            if code == ERROR_MORE_DATA {
                let longer = class.len().max(len as usize + 1) * 2;
                class.resize(longer, 0);
                continue;
            }
            checked("RegQueryInfoKeyW", code)?;
            return Ok(Info {
                class: shown(class.get(..len as usize).unwrap_or_default()),
                last_written: u64::from(written.dwHighDateTime) << 32 | u64::from(written.dwLowDateTime),
            });
        }
    }

    fn values(&self) -> Result<Vec<Value>, WinError> {
        let mut values = vec![];
        let mut name = vec![0_u16; LONGEST_VALUE + 1];
        let mut data = vec![0_u8; 1024];
        for index in 0.. {
            let (kind, name_len, data_len) = loop {
                let (mut kind, mut name_len, mut data_len) = (0, size(name.len()), size(data.len()));
                // SAFETY: both buffers are as long as is said.
                let code = unsafe {
                    RegEnumValueW(
                        self.0,
                        index,
                        name.as_mut_ptr(),
                        &mut name_len,
                        null(),
                        &mut kind,
                        data.as_mut_ptr(),
                        &mut data_len,
                    )
                };
                match code {
                    ERROR_NO_MORE_ITEMS => return Ok(values),
                    ERROR_MORE_DATA => grow(&mut data, data_len),
                    code => {
                        checked("RegEnumValueW", code)?;
                        break (kind, name_len as usize, data_len as usize);
                    }
                }
            };
            values.push(Value {
                name: shown(name.get(..name_len).unwrap_or_default()),
                kind: Kind(kind),
                data: data.get(..data_len).unwrap_or_default().to_vec(),
            });
        }
        Ok(values)
    }

    fn subkeys(&self) -> Result<Vec<String>, WinError> {
        let mut names = vec![];
        let mut name = vec![0_u16; LONGEST_KEY + 1];
        for index in 0.. {
            let mut len = size(name.len());
            // SAFETY: the buffer is as long as is said; results that are not wanted are null.
            let code = unsafe {
                RegEnumKeyExW(
                    self.0,
                    index,
                    name.as_mut_ptr(),
                    &mut len,
                    null(),
                    null_mut(),
                    null_mut(),
                    null_mut(),
                )
            };
            if code == ERROR_NO_MORE_ITEMS {
                break;
            }
            checked("RegEnumKeyExW", code)?;
            names.push(shown(name.get(..len as usize).unwrap_or_default()));
        }
        Ok(names)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the key was opened by this value, is closed once, and nothing else has its handle.
        unsafe { RegCloseKey(self.0) };
    }
}

fn checked(call: &'static str, code: u32) -> Result<(), WinError> {
    if code == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(WinError::new(call, code))
    }
}

fn value_name(call: &'static str, name: &str) -> Result<Vec<u16>, WinError> {
    let units = wide(name);
    if name.contains('\0') || units.len() > LONGEST_VALUE + 1 {
        return Err(WinError::new(call, ERROR_INVALID_NAME));
    }
    Ok(units)
}

fn size(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Makes room for what did not fit, and for what may be added in the meantime. (The needed size is not told for
/// performance data.)
fn grow(data: &mut Vec<u8>, needed: u32) {
    let longer = data.len().max(needed as usize) * 2;
    data.resize(longer, 0);
}

#[cfg(test)]
mod tests;
