//! What of an update depends on the operating system.

use std::io;
use std::path::Path;

#[cfg(windows)]
use crate::service;

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

/// Gives the program that runs a second name, so that it is still there once it lost its own.
#[cfg(unix)]
pub(super) fn keep(program: &Path, old: &Path) -> io::Result<()> {
    std::fs::hard_link(program, old)
}

/// Keeps the program that runs under a second name: as a copy, since Windows removes no name of a file that runs, and an
/// update that did not get further would be in the way of the next one.
#[cfg(windows)]
pub(super) fn keep(program: &Path, old: &Path) -> io::Result<()> {
    std::fs::copy(program, old)?;
    std::fs::File::options().write(true).open(old)?.sync_all()
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
    service::replace(program, aside)?;
    service::replace(new, program).inspect_err(|_| {
        // Whatever stood in the way: the program that ran is better than none.
        let _ = service::replace(aside, program);
    })
}

/// Starts the program that has the place now, as this process was started, and in its stead: same process id, so that a
/// service manager sees no end.
///
/// # Errors
/// Always, when it returns: the program could not be started.
#[cfg(unix)]
pub fn restart(program: &Path) -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .exec())
}

/// Starts the program that has the place now, as this process was started; this one is to end then. Only for a console: a
/// service ends as one that failed, and the service manager starts what has the place (`install::service_run`).
///
/// # Errors
/// As the system says.
#[cfg(windows)]
pub fn restart(program: &Path) -> io::Result<()> {
    std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .spawn()
        .map(drop)
}
