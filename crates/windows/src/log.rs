//! The Windows event log, where the endpoint's owner looks: entries in *Application* under the agent's own source.
//!
//! Their texts are shown through the message file of `eventcreate.exe`, a part of every Windows, whose messages 1 to 1000
//! are nothing but the text itself: so no file of messages has to be built and shipped.

use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS, HANDLE};
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, RegisterEventSourceW,
    ReportEventW,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_WRITE, REG_DWORD, REG_EXPAND_SZ, REG_OPTION_NON_VOLATILE, RegCloseKey,
    RegCreateKeyExW, RegDeleteTreeW, RegSetValueExW,
};

use crate::error::WinError;
use crate::text::wide;

/// Where the sources of the log *Application* are registered.
const SOURCES: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application";

const MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";

/// The most UTF-16 units of one text; the system refuses longer ones.
const LONGEST: usize = 31_000;

/// How an entry is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It went as it should.
    Information,
    /// Somebody may want to look.
    Warning,
    /// Something failed.
    Error,
}

/// A source of entries.
#[derive(Debug)]
pub struct Source(HANDLE);

// SAFETY: the handle names something of the event log's service and is not bound to a thread.
unsafe impl Send for Source {}
// SAFETY: reporting with one handle from several threads is allowed, and nothing else is done with it until it is dropped.
unsafe impl Sync for Source {}

impl Source {
    /// Opens a source by its name. Works for one that is not installed as well; its entries are then shown less well.
    ///
    /// # Errors
    /// As the system says.
    pub fn open(name: &str) -> Result<Self, WinError> {
        let name = wide(name);
        // SAFETY: the name ends with a zero and outlives the call; no server means this machine.
        let handle = unsafe { RegisterEventSourceW(null(), name.as_ptr()) };
        if handle.is_null() {
            return Err(WinError::last("RegisterEventSourceW"));
        }
        Ok(Self(handle))
    }

    /// Writes an entry. `id` says what kind of thing it tells, from 1 to 1000. A text that is too long is cut.
    ///
    /// # Errors
    /// As the system says.
    pub fn report(&self, level: Level, id: u16, text: &str) -> Result<(), WinError> {
        let kind = match level {
            Level::Information => EVENTLOG_INFORMATION_TYPE,
            Level::Warning => EVENTLOG_WARNING_TYPE,
            Level::Error => EVENTLOG_ERROR_TYPE,
        };
        let mut text: Vec<u16> = text.encode_utf16().filter(|unit| *unit != 0).take(LONGEST).collect();
        text.push(0);
        let texts = [text.as_ptr()];
        // SAFETY: the handle is open as long as `self` lives; one text is announced and one is given, which ends with a zero
        // and outlives the call; there is no account and no data.
        let done = unsafe { ReportEventW(self.0, kind, 0, u32::from(id), null_mut(), 1, 0, texts.as_ptr(), null()) };
        if done == 0 {
            return Err(WinError::last("ReportEventW"));
        }
        Ok(())
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // SAFETY: the handle is open and is used no more.
        unsafe { DeregisterEventSource(self.0) };
    }
}

/// Registers a source, so that its entries are shown as their text. Needs an administrator.
///
/// # Errors
/// As the system says.
pub fn install(source: &str) -> Result<(), WinError> {
    let path = wide(format!("{SOURCES}\\{source}"));
    let mut key: HKEY = null_mut();
    // SAFETY: the path ends with a zero; class, security and disposition may be absent; `key` takes the result.
    let code = unsafe {
        RegCreateKeyExW(
            HKEY_LOCAL_MACHINE,
            path.as_ptr(),
            0,
            null(),
            REG_OPTION_NON_VOLATILE,
            KEY_WRITE,
            null(),
            &mut key,
            null_mut(),
        )
    };
    if code != ERROR_SUCCESS {
        return Err(WinError::new("RegCreateKeyExW", code));
    }
    let messages: Vec<u8> = wide(MESSAGES).iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    let set = set_value(key, "EventMessageFile", REG_EXPAND_SZ, &messages)
        .and_then(|()| set_value(key, "TypesSupported", REG_DWORD, &u32::from(types).to_le_bytes()));
    // SAFETY: the key was opened above and is used no more.
    unsafe { RegCloseKey(key) };
    set
}

fn set_value(key: HKEY, name: &str, kind: u32, bytes: &[u8]) -> Result<(), WinError> {
    let name = wide(name);
    // The values are a few bytes of this module's own.
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    // SAFETY: the caller's key is open; name and bytes outlive the call, which reads `len` of them.
    let code = unsafe { RegSetValueExW(key, name.as_ptr(), 0, kind, bytes.as_ptr(), len) };
    if code != ERROR_SUCCESS {
        return Err(WinError::new("RegSetValueExW", code));
    }
    Ok(())
}

/// Forgets a source; its entries stay. One that is not there is as good as removed.
///
/// # Errors
/// As the system says.
pub fn remove(source: &str) -> Result<(), WinError> {
    let path = wide(format!("{SOURCES}\\{source}"));
    // SAFETY: the path ends with a zero and outlives the call.
    match unsafe { RegDeleteTreeW(HKEY_LOCAL_MACHINE, path.as_ptr()) } {
        ERROR_SUCCESS | ERROR_FILE_NOT_FOUND => Ok(()),
        code => Err(WinError::new("RegDeleteTreeW", code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R16: what was done is also told to the endpoint's own log.
    #[test]
    fn entries_are_reported_by_an_installed_source_and_without_one() {
        let name = "CountersignTest";
        install(name).unwrap();
        install(name).unwrap();
        let source = Source::open(name).unwrap();
        for level in [Level::Information, Level::Warning, Level::Error] {
            source.report(level, 1, "a text, with é and \0 and\nlines").unwrap();
        }
        source.report(Level::Information, 1000, &"x".repeat(100_000)).unwrap();
        remove(name).unwrap();
        remove(name).unwrap();
        source
            .report(Level::Information, 1, "the source is not installed any more")
            .unwrap();
    }
}
