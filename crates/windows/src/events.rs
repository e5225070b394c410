//! Event logs: the entries of the last minutes, oldest first, with the messages that people know from the Event Viewer.
//!
//! Each entry is taken as the system's XML, which has everything; its message is made by the program that wrote it, where
//! that is still installed. Entries come one by one, so a log of any size needs little memory.
//!
//! Deliberately absent: saved log files, subscriptions, other machines.

mod entry;

use std::collections::HashMap;
use std::ptr::null;

use windows_sys::Win32::Foundation::{
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_EVT_MAX_INSERTS_REACHED, ERROR_EVT_UNRESOLVED_PARAMETER_INSERT,
    ERROR_EVT_UNRESOLVED_VALUE_INSERT, ERROR_INSUFFICIENT_BUFFER, ERROR_NO_MORE_ITEMS,
};
use windows_sys::Win32::System::EventLog::{
    EVT_HANDLE, EvtClose, EvtFormatMessage, EvtFormatMessageEvent, EvtNext, EvtNextChannelPath, EvtOpenChannelEnum,
    EvtOpenPublisherMetadata, EvtQuery, EvtQueryChannelPath, EvtQueryForwardDirection, EvtRender, EvtRenderEventXml,
};

pub use entry::{Entry, Level};

use crate::error::WinError;
use crate::text::{shown, wide};

/// How many entries are fetched at once.
const AT_ONCE: usize = 32;

/// How long fetching entries may take, in milliseconds.
const PATIENCE: u32 = 30_000;

/// A handle of the event log service.
struct Handle(EVT_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by this value, is closed once, and nothing else has it.
        unsafe { EvtClose(self.0) };
    }
}

/// The entries that a query found, not yet read.
pub struct Entries {
    found: Handle,
    waiting: std::vec::IntoIter<Handle>,
    /// Who can word the messages of each provider; none where it is not installed any more.
    providers: HashMap<String, Option<Handle>>,
}

/// A log's name as the system spells it; it takes every spelling. None when there is no such log.
///
/// # Errors
/// As the system says.
pub fn spelling(log: &str) -> Result<Option<String>, WinError> {
    // SAFETY: no session means this machine.
    let channels = owned("EvtOpenChannelEnum", unsafe { EvtOpenChannelEnum(0, 0) })?;
    let mut name = vec![0_u16; 512];
    loop {
        let (room, mut used) = (u32::try_from(name.len()).unwrap_or(u32::MAX), 0);
        // SAFETY: the handle is open and the buffer is as long as is said.
        if unsafe { EvtNextChannelPath(channels.0, room, name.as_mut_ptr(), &mut used) } == 0 {
            let error = last("EvtNextChannelPath");
            match error.code {
                ERROR_NO_MORE_ITEMS => return Ok(None),
                ERROR_INSUFFICIENT_BUFFER if used > room => name.resize(used as usize, 0),
                _ => return Err(error),
            }
            continue;
        }
        let found = text(&name, used as usize);
        if found.to_lowercase() == log.to_lowercase() {
            return Ok(Some(found));
        }
    }
}

/// The entries of a log of the last `minutes`, oldest first.
///
/// # Errors
/// As the system says.
pub fn since(log: &str, minutes: u32) -> Result<Entries, WinError> {
    let (log, query) = (wide(log.replace('\0', "")), wide(window(minutes)));
    let flags = EvtQueryChannelPath | EvtQueryForwardDirection;
    // SAFETY: both texts end in a zero and outlive the call; no session means this machine.
    let found = owned("EvtQuery", unsafe { EvtQuery(0, log.as_ptr(), query.as_ptr(), flags) })?;
    Ok(Entries {
        found,
        waiting: vec![].into_iter(),
        providers: HashMap::new(),
    })
}

/// The query for the last `minutes`, by the system's own clock.
fn window(minutes: u32) -> String {
    let millis = u64::from(minutes) * 60_000;
    format!("*[System[TimeCreated[timediff(@SystemTime) <= {millis}]]]")
}

impl Entries {
    /// The next entry; none at the end.
    ///
    /// # Errors
    /// As the system says.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, WinError> {
        let Some(event) = self.next_handle()? else {
            return Ok(None);
        };
        let xml = xml(&event)?;
        let mut entry = Entry::parse(&xml);
        let provider = self
            .providers
            .entry(entry.provider.clone())
            .or_insert_with_key(|name| open_provider(name));
        entry.message = message(provider.as_ref(), &event);
        Ok(Some(entry))
    }

    fn next_handle(&mut self) -> Result<Option<Handle>, WinError> {
        if let Some(event) = self.waiting.next() {
            return Ok(Some(event));
        }
        let (mut events, mut count) = ([0; AT_ONCE], 0);
        // SAFETY: the handle is open and there is room for as many handles as is said.
        let done = unsafe {
            EvtNext(
                self.found.0,
                AT_ONCE as u32,
                events.as_mut_ptr(),
                PATIENCE,
                0,
                &mut count,
            )
        };
        if done == 0 {
            let error = last("EvtNext");
            return if error.code == ERROR_NO_MORE_ITEMS {
                Ok(None)
            } else {
                Err(error)
            };
        }
        let handles: Vec<Handle> = events.iter().take(count as usize).map(|h| Handle(*h)).collect();
        self.waiting = handles.into_iter();
        Ok(self.waiting.next())
    }
}

fn open_provider(name: &str) -> Option<Handle> {
    if name.is_empty() || name.contains('\0') {
        return None;
    }
    // SAFETY: the name ends in a zero; no session means this machine, no file its installed providers.
    let handle = unsafe { EvtOpenPublisherMetadata(0, wide(name).as_ptr(), null(), 0, 0) };
    owned("EvtOpenPublisherMetadata", handle).ok()
}

/// An event as XML.
fn xml(event: &Handle) -> Result<String, WinError> {
    let mut buffer = vec![0_u16; 4096];
    loop {
        let room = u32::try_from(buffer.len() * 2).unwrap_or(u32::MAX);
        let (mut used, mut properties) = (0, 0);
        // SAFETY: the handle is open and the buffer is as long as is said.
        let done = unsafe {
            EvtRender(
                0,
                event.0,
                EvtRenderEventXml,
                room,
                buffer.as_mut_ptr().cast(),
                &mut used,
                &mut properties,
            )
        };
        if done != 0 {
            return Ok(text(&buffer, used as usize / 2));
        }
        let error = last("EvtRender");
        if error.code != ERROR_INSUFFICIENT_BUFFER || used <= room {
            return Err(error);
        }
        buffer.resize((used as usize).div_ceil(2), 0);
    }
}

/// An event's message in its provider's words; none where there are none.
fn message(provider: Option<&Handle>, event: &Handle) -> Option<String> {
    let provider = provider?;
    let mut buffer = vec![0_u16; 2048];
    loop {
        let (room, mut used) = (u32::try_from(buffer.len()).unwrap_or(u32::MAX), 0);
        // SAFETY: both handles are open and the buffer is as long as is said.
        let done = unsafe {
            EvtFormatMessage(
                provider.0,
                event.0,
                0,
                0,
                null(),
                EvtFormatMessageEvent,
                room,
                buffer.as_mut_ptr(),
                &mut used,
            )
        };
        let error = last("EvtFormatMessage");
        // The message is there, with what could not be filled in left as it is.
        let partly = matches!(
            error.code,
            ERROR_EVT_UNRESOLVED_VALUE_INSERT | ERROR_EVT_UNRESOLVED_PARAMETER_INSERT | ERROR_EVT_MAX_INSERTS_REACHED
        );
        if done != 0 || partly {
            let message = text(&buffer, used as usize);
            return Some(message.trim_end().to_owned()).filter(|m| !m.is_empty());
        }
        if error.code != ERROR_INSUFFICIENT_BUFFER || used <= room {
            return None;
        }
        buffer.resize(used as usize, 0);
    }
}

/// The first `len` units, as far as the zero that ends the text.
fn text(units: &[u16], len: usize) -> String {
    let units = &units[..len.min(units.len())];
    let end = units.iter().position(|u| *u == 0).unwrap_or(units.len());
    shown(&units[..end])
}

fn owned(call: &'static str, handle: EVT_HANDLE) -> Result<Handle, WinError> {
    if handle == 0 {
        Err(last(call))
    } else {
        Ok(Handle(handle))
    }
}

/// The last error; where a system fails without one, it does not have the call.
fn last(call: &'static str) -> WinError {
    let error = WinError::last(call);
    if error.code == 0 {
        WinError::new(call, ERROR_CALL_NOT_IMPLEMENTED)
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_in_milliseconds() {
        assert_eq!(window(10), "*[System[TimeCreated[timediff(@SystemTime) <= 600000]]]");
        assert!(window(u32::MAX).contains("257698037700000"));
    }

    /// R12: on a system that has event logs they are found by any spelling; one that has none says so as an error and not
    /// as an empty log.
    #[test]
    fn a_log_is_found_or_the_system_says_that_it_has_none() {
        match spelling("application") {
            Ok(found) => {
                assert_eq!(found.as_deref(), Some("Application"));
                assert_eq!(spelling("No-Such-Log").unwrap(), None);
                let mut entries = since("Application", 60).unwrap();
                while entries.next_entry().unwrap().is_some() {}
            }
            Err(error) => {
                assert_ne!(error.code, 0, "{error}");
                assert!(since("Application", 60).is_err());
            }
        }
    }
}
