//! Files and folders that only the agent can reach: owned by the system, the administrators or the agent's account, with an
//! access list of nobody else that inherits nothing.

use std::fs::File;
use std::io;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::{AsRawHandle, FromRawHandle};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    ERROR_ALREADY_EXISTS, GENERIC_ALL, GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, DELETE, FILE_APPEND_DATA, FILE_ATTRIBUTE_NORMAL,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_WRITE_DATA, READ_CONTROL, WRITE_DAC, WRITE_OWNER,
};

use crate::error::WinError;
use crate::text::wide;

mod account;
mod descriptor;

use descriptor::{Access, Descriptor};

/// The system, and the administrators: they can reach everything anyhow.
const SYSTEM: &str = "S-1-5-18";
const ADMINISTRATORS: &str = "S-1-5-32-544";

/// Every right there is.
const ANY: u32 = u32::MAX;

/// The rights of whoever can have other bytes in a file, or give themselves that right.
const CHANGING: u32 =
    FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL;

const SHARED: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// Creates a folder, and those above it that are missing, for the agent only; what is made inside inherits that.
///
/// # Errors
/// As the system says.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_private_dir(above)?;
    }
    let descriptor = private("OICI")?;
    let security = attributes(&descriptor);
    let name = wide(path);
    // SAFETY: the name ends with a zero; it and the descriptor outlive the call.
    if unsafe { CreateDirectoryW(name.as_ptr(), &security) } == 0 {
        let error = WinError::last("CreateDirectoryW");
        // Somebody may have made it meanwhile; whether it is private is for `check_private`.
        if error.code != ERROR_ALREADY_EXISTS {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Creates a file for the agent only, open for reading and writing; it must not exist.
///
/// # Errors
/// As the system says.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let descriptor = private("")?;
    let security = attributes(&descriptor);
    let name = wide(path);
    // SAFETY: the name ends with a zero; it and the descriptor outlive the call; there is no template.
    let handle = unsafe {
        CreateFileW(
            name.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            SHARED,
            &security,
            CREATE_NEW,
            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
            null_mut(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(WinError::last("CreateFileW").into());
    }
    // SAFETY: it was just opened, and nobody else owns it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Refuses a file or folder that leads elsewhere, that somebody else than the system, the administrators or this account
/// owns, or that any other account can reach. What is looked at is what was opened, so nothing can be swapped in between.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] with a sentence saying what to do; otherwise as the system says.
pub fn check_private(path: &Path) -> io::Result<()> {
    let shown = path.display();
    match stranger(path, ANY)? {
        Some(who) => refuse(format!(
            "{shown} can be reached by other accounts ({who}). Run: icacls \"{shown}\" /inheritance:r /grant:r *{SYSTEM}:F *{ADMINISTRATORS}:F, and /remove what is listed beside them"
        )),
        None => Ok(()),
    }
}

/// Refuses a file that leads elsewhere, that somebody else than the system, the administrators or this account owns, or that
/// any other account can change. Others may read it.
///
/// # Errors
/// As [`check_private`].
pub fn check_unforgeable(path: &Path) -> io::Result<()> {
    let shown = path.display();
    match stranger(path, CHANGING)? {
        Some(who) => refuse(format!(
            "{shown} can be changed by other accounts ({who}). Run: icacls \"{shown}\" /inheritance:r /grant:r *{SYSTEM}:F *{ADMINISTRATORS}:F, and /remove what is listed beside them"
        )),
        None => Ok(()),
    }
}

/// Some account that has one of these rights and is neither the system, the administrators nor this one.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] with a sentence, when it leads elsewhere or somebody else owns it; otherwise as the
/// system says.
fn stranger(path: &Path, rights: u32) -> io::Result<Option<String>> {
    let shown = path.display();
    let file = File::options()
        .access_mode(READ_CONTROL | FILE_READ_ATTRIBUTES)
        .share_mode(SHARED)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    if file.metadata()?.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        return refuse(format!("{shown} leads to another place. Name the place itself."));
    }
    let descriptor = Descriptor::of(file.as_raw_handle())?;
    let me = account::current()?;
    let trusted = |who: &str| [SYSTEM, ADMINISTRATORS, &me].contains(&who);
    let owner = descriptor.owner()?;
    if !trusted(&owner) {
        return refuse(format!(
            "{shown} belongs to the account {owner}, not to the agent's ({me}). Run: icacls \"{shown}\" /setowner *{ADMINISTRATORS}"
        ));
    }
    Ok(match descriptor.access(rights)? {
        Access::Everyone => Some("everyone".to_owned()),
        Access::Listed(accounts) => accounts.into_iter().find(|who| !trusted(who)),
    })
}

fn refuse<T>(why: String) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

/// An access list of the system, the administrators and, if it is none of them, this account; it inherits nothing.
/// `inherited` says what passes it on. What an administrator makes belongs to all of them, so that the system, which runs the
/// agent later, takes it for its own.
fn private(inherited: &str) -> Result<Descriptor, WinError> {
    let list = format!("D:P(A;{inherited};FA;;;SY)(A;{inherited};FA;;;BA)");
    Descriptor::parse(&if account::is_administrator()? {
        format!("O:BA{list}")
    } else {
        format!("{list}(A;{inherited};FA;;;{})", account::current()?)
    })
}

/// For a call that creates something; it borrows the descriptor.
fn attributes(descriptor: &Descriptor) -> SECURITY_ATTRIBUTES {
    SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R70: what the agent makes is private, and what others can reach is refused. (Wine keeps only what Unix modes can
    /// hold, so this does not show that Windows keeps the whole list.)
    #[test]
    fn what_others_can_reach_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a").join("b");
        create_private_dir(&data).unwrap();
        create_private_dir(&data).unwrap();
        check_private(&data).unwrap();
        let file = data.join("key");
        drop(create_private_file(&file).unwrap());
        check_private(&file).unwrap();
        assert_eq!(
            create_private_file(&file).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists,
            "an existing file is never taken over"
        );
        assert_eq!(
            check_private(&data.join("none")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        let open = dir.path().join("open");
        std::fs::write(&open, b"").unwrap();
        descriptor::set(&open, "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)").unwrap();
        let refused = check_private(&open).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(refused.to_string().contains("icacls"), "{refused}");
    }

    /// R10: what others can read is not refused where nobody else may change it, and what they can change is.
    #[test]
    fn what_others_can_change_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("release.pub");
        std::fs::write(&file, b"").unwrap();
        descriptor::set(&file, "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)").unwrap();
        check_unforgeable(&file).unwrap();
        descriptor::set(&file, "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FRFW;;;WD)").unwrap();
        let refused = check_unforgeable(&file).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(refused.to_string().contains("can be changed"), "{refused}");
        let none = check_unforgeable(&dir.path().join("none")).unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_list_is_read_as_who_it_lets_in() {
        let may = |text: &str, rights| Descriptor::parse(text).unwrap().access(rights).unwrap();
        let who = |text: &str| may(text, ANY);
        assert_eq!(
            who("D:P(D;;FA;;;WD)(A;;FR;;;BU)(A;IO;FA;;;CO)(A;;;;;AU)"),
            Access::Listed(vec!["S-1-5-32-545".into()]),
            "what is denied, only passed on, or empty lets nobody in"
        );
        let users = Access::Listed(vec!["S-1-5-32-545".into()]);
        for changing in ["FA", "FW", "GW", "GA", "SD", "WD", "WO", "0x2", "0x4"] {
            assert_eq!(may(&format!("D:P(A;;{changing};;;BU)"), CHANGING), users, "{changing}");
        }
        assert_eq!(
            may("D:P(A;;FR;;;BU)(A;;FX;;;BU)", CHANGING),
            Access::Listed(vec![]),
            "who may only read it and run it can't change it"
        );
        assert_eq!(who("O:BA"), Access::Everyone);
        assert_eq!(who("D:P"), Access::Listed(vec![]));
        assert_eq!(Descriptor::parse("O:SY").unwrap().owner().unwrap(), SYSTEM);
    }
}
