//! Keys for tests: made below `HKLM\SOFTWARE`, filled with values of any type, and removed when dropped.

use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};

use windows_sys::Wdk::System::Registry::NtDeleteKey;
use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_ALL_ACCESS, KEY_CREATE_LINK, KEY_WOW64_64KEY, REG_LINK, REG_OPTION_CREATE_LINK,
    REG_OPTION_NON_VOLATILE, REG_OPTION_OPEN_LINK, RegCloseKey, RegCreateKeyExW, RegDeleteTreeW, RegOpenKeyExW,
    RegSetValueExW,
};

use crate::text::wide;

/// A key that only this test has.
#[derive(Debug)]
pub struct Scratch {
    /// Its path below `HKLM`.
    pub path: String,
    links: Vec<String>,
}

impl Scratch {
    /// Makes the key `HKLM\<parent>\CountersignTest…`.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn below(parent: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = format!(r"{parent}\CountersignTest{}x{number}", std::process::id());
        close(create(&path, REG_OPTION_NON_VOLATILE));
        Self { path, links: vec![] }
    }

    /// Makes a key in it.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn key(&self, name: &str) {
        close(create(&format!(r"{}\{name}", self.path), REG_OPTION_NON_VOLATILE));
    }

    /// Sets a value of any type to any bytes, in the key itself or (`key\value`) in one below it.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn value(&self, name: &str, kind: u32, data: &[u8]) {
        let (below, name) = name
            .rsplit_once('\\')
            .map_or((String::new(), name), |(k, n)| (format!("\\{k}"), n));
        let key = create(&format!("{}{below}", self.path), REG_OPTION_NON_VOLATILE);
        set(key, name, kind, data);
        close(key);
    }

    /// Makes a symbolic link in it; `target` is a kernel's name such as `\REGISTRY\MACHINE\SOFTWARE`.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn link(&mut self, name: &str, target: &str) {
        let path = format!(r"{}\{name}", self.path);
        let key = create(&path, REG_OPTION_CREATE_LINK);
        let target: Vec<u8> = target.encode_utf16().flat_map(u16::to_le_bytes).collect();
        set(key, "SymbolicLinkValue", REG_LINK, &target);
        close(key);
        self.links.push(path);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for link in &self.links {
            let (path, mut key) = (wide(link), null_mut());
            let rights = KEY_ALL_ACCESS | KEY_WOW64_64KEY;
            // SAFETY: the path ends in a zero; the link itself is opened, deleted and closed.
            unsafe {
                if RegOpenKeyExW(
                    HKEY_LOCAL_MACHINE,
                    path.as_ptr(),
                    REG_OPTION_OPEN_LINK,
                    rights,
                    &mut key,
                ) == ERROR_SUCCESS
                {
                    NtDeleteKey(key.cast());
                    RegCloseKey(key);
                }
            }
        }
        let (parent, name) = self.path.rsplit_once('\\').unwrap_or_default();
        let key = create(parent, REG_OPTION_NON_VOLATILE);
        // SAFETY: the key is open and the name ends in a zero.
        unsafe { RegDeleteTreeW(key, wide(name).as_ptr()) };
        close(key);
    }
}

fn create(path: &str, options: u32) -> HKEY {
    let (wide_path, mut key) = (wide(path), null_mut());
    let rights = KEY_ALL_ACCESS | KEY_CREATE_LINK | KEY_WOW64_64KEY;
    // SAFETY: the path ends in a zero and outlives the call; nothing else is given but where the handle goes.
    let code = unsafe {
        RegCreateKeyExW(
            HKEY_LOCAL_MACHINE,
            wide_path.as_ptr(),
            0,
            null(),
            options,
            rights,
            null(),
            &mut key,
            null_mut(),
        )
    };
    assert_eq!(code, ERROR_SUCCESS, "making {path}");
    key
}

fn set(key: HKEY, name: &str, kind: u32, data: &[u8]) {
    let start = if data.is_empty() { null() } else { data.as_ptr() };
    // SAFETY: the key is open, the name ends in a zero, the data is as long as is said.
    let code = unsafe { RegSetValueExW(key, wide(name).as_ptr(), 0, kind, start, data.len() as u32) };
    assert_eq!(code, ERROR_SUCCESS, "setting {name}");
}

fn close(key: HKEY) {
    // SAFETY: the key was opened by this module and nothing else has its handle.
    unsafe { RegCloseKey(key) };
}
