//! What of an update depends on the operating system.

use std::io;
use std::path::Path;

/// Lets the agent's account run a file.
#[cfg(unix)]
pub(super) fn make_executable(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

/// Every file can be run whose name says so.
#[cfg(windows)]
pub(super) fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    crate::service::sync_dir(path)
}

/// Gives `program`'s name to `new`, at once: there is always one or the other.
#[cfg(unix)]
pub(super) fn replace(new: &Path, program: &Path, _: &Path) -> io::Result<()> {
    std::fs::rename(new, program)
}

/// Gives `program`'s name to `new`. A program that runs can't be replaced, but it can be renamed, to `aside`: between the
/// two renames nothing has the name, and should the machine stop right there, the service's next start fails until
/// `countersign-agent.exe.new` or `.old` is renamed by hand or the package repaired.
#[cfg(windows)]
pub(super) fn replace(new: &Path, program: &Path, aside: &Path) -> io::Result<()> {
    match std::fs::remove_file(aside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    std::fs::rename(program, aside)?;
    std::fs::rename(new, program).inspect_err(|_| {
        // Whatever stood in the way: the program that ran is better than none.
        let _ = std::fs::rename(aside, program);
    })
}

/// Starts the program that has the place now, as this process was started, and in its stead: same process id, so that a
/// service manager sees no end. Returns only when that fails.
#[cfg(unix)]
pub fn restart(program: &Path) -> io::Error {
    use std::os::unix::process::CommandExt;
    std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .exec()
}

/// The service manager starts the program that has the place now, since this process counts as failed: see the recovery
/// settings in `win::this_service`.
#[cfg(windows)]
pub fn restart(program: &Path) -> io::Error {
    io::Error::other(format!(
        "{} has another version now; the service is to be started again",
        program.display()
    ))
}
