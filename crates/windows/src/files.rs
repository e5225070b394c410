//! Files: held by what is opened, so that no junction, link or short name leads elsewhere unseen, and then read whatever
//! other programs have them open for, as far as those share them.
//!
//! Deliberately absent: writing, folders' contents, alternate data streams and shares of other machines.

use std::fs::File;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle};

use windows_sys::Win32::Foundation::{
    ERROR_FILE_INVALID, ERROR_INVALID_NAME, ERROR_PATH_NOT_FOUND, ERROR_SHARING_VIOLATION, GENERIC_READ,
    INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_SEQUENTIAL_SCAN, FILE_NAME_NORMALIZED, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, FILE_TYPE_DISK, GetFileInformationByHandle, GetFileType, GetFinalPathNameByHandleW, ReOpenFile,
    VOLUME_NAME_DOS,
};

use crate::error::WinError;
use crate::text::shown;

/// Others may do with the file what they want.
const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// What a path led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A reparse point that could not be followed.
    Reparse,
    /// A device, a pipe or a console.
    Device,
}

/// Where something that is held really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a drive of this machine, as `C:\Folder\File.txt`.
    Drive(String),
    /// On another machine, or what claims to be one.
    Share(String),
    /// On a volume without a letter.
    NoLetter,
}

/// Something that is held, but not opened for reading: holding it has no effect on it.
#[derive(Debug)]
pub struct Held(File);

/// `path` as the system takes it without changing it: no limit of 260 characters, no names of devices, no endings dropped.
///
/// # Errors
/// When it is not of the form `C:\…`, or names an alternate data stream.
fn verbatim(path: &str) -> Result<String, WinError> {
    let refused = || WinError::new("CreateFileW", ERROR_INVALID_NAME);
    let (drive, rest) = path.split_at_checked(3).ok_or_else(refused)?;
    let is_drive = matches!(drive.as_bytes(), [letter, b':', b'\\'] if letter.is_ascii_alphabetic());
    if !is_drive || rest.contains([':', '/', '\0']) {
        return Err(refused());
    }
    Ok(format!(r"\\?\{path}"))
}

impl Held {
    /// Holds what is at `path`, such as `C:\Folder\file.txt`, following junctions and links.
    ///
    /// # Errors
    /// As the system says.
    pub fn hold(path: &str) -> Result<Self, WinError> {
        let opened = File::options()
            .access_mode(FILE_READ_ATTRIBUTES)
            .share_mode(SHARE_ALL)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
            .open(verbatim(path)?);
        opened.map(Self).map_err(|e| WinError::of("CreateFileW", &e))
    }

    /// Where it really is, with its long name.
    ///
    /// # Errors
    /// As the system says.
    pub fn place(&self) -> Result<Place, WinError> {
        let mut path = vec![0_u16; 512];
        loop {
            let room = u32::try_from(path.len()).unwrap_or(u32::MAX);
            // SAFETY: the handle is open and the buffer is as long as is said.
            let len = unsafe {
                GetFinalPathNameByHandleW(
                    self.0.as_raw_handle(),
                    path.as_mut_ptr(),
                    room,
                    FILE_NAME_NORMALIZED | VOLUME_NAME_DOS,
                )
            } as usize;
            if len == 0 {
                let error = WinError::last("GetFinalPathNameByHandleW");
                return if error.code == ERROR_PATH_NOT_FOUND {
                    Ok(Place::NoLetter)
                } else {
                    Err(error)
                };
            }
            if len < path.len() {
                return Ok(place_of(&shown(&path[..len])));
            }
            path.resize(len + 1, 0);
        }
    }

    /// What it is.
    ///
    /// # Errors
    /// As the system says.
    pub fn kind(&self) -> Result<Kind, WinError> {
        // SAFETY: the handle is open.
        if unsafe { GetFileType(self.0.as_raw_handle()) } != FILE_TYPE_DISK {
            return Ok(Kind::Device);
        }
        let info = facts(&self.0)?;
        let has = |attribute| info.dwFileAttributes & attribute != 0;
        Ok(if has(FILE_ATTRIBUTE_DIRECTORY) {
            Kind::Folder
        } else if has(FILE_ATTRIBUTE_REPARSE_POINT) {
            Kind::Reparse
        } else {
            Kind::File(u64::from(info.nFileSizeHigh) << 32 | u64::from(info.nFileSizeLow))
        })
    }

    /// Opens the very file that is held for reading, whatever the path leads to by now.
    ///
    /// # Errors
    /// As the system says; see [`is_in_use`]. Never another file.
    pub fn read(&self) -> Result<File, WinError> {
        let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_SEQUENTIAL_SCAN;
        // SAFETY: the handle is open.
        let handle = unsafe { ReOpenFile(self.0.as_raw_handle(), GENERIC_READ, SHARE_ALL, flags) };
        if handle == INVALID_HANDLE_VALUE {
            return Err(WinError::last("ReOpenFile"));
        }
        // SAFETY: the handle was just opened, and nothing else has it.
        let file = unsafe { File::from_raw_handle(handle) };
        // The system promises that it is the same file; that is checked rather than believed.
        let identity = |i: &BY_HANDLE_FILE_INFORMATION| (i.dwVolumeSerialNumber, i.nFileIndexHigh, i.nFileIndexLow);
        if identity(&facts(&self.0)?) == identity(&facts(&file)?) {
            Ok(file)
        } else {
            Err(WinError::new("ReOpenFile", ERROR_FILE_INVALID))
        }
    }
}

fn facts(file: &File) -> Result<BY_HANDLE_FILE_INFORMATION, WinError> {
    let mut info = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open and the structure is the one that the call fills.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut info) } == 0 {
        return Err(WinError::last("GetFileInformationByHandle"));
    }
    Ok(info)
}

/// Whether a file can't be opened because another program has it open and does not share it.
pub fn is_in_use(error: &WinError) -> bool {
    error.code == ERROR_SHARING_VIOLATION
}

fn place_of(path: &str) -> Place {
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    match (path.strip_prefix(r"UNC\"), path.as_bytes()) {
        (Some(share), _) => Place::Share(format!(r"\\{share}")),
        (None, [letter, b':', b'\\', ..]) if letter.is_ascii_alphabetic() => Place::Drive(path.to_owned()),
        (None, _) => Place::NoLetter,
    }
}

#[cfg(test)]
mod tests;
