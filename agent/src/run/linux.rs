//! Linux: starting a supervisor, and ending a process group where the supervisor can't.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

/// Whether the path is a file that may be run.
pub(super) fn is_executable(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Starts a supervisor; gives it and the agent's end of the socket.
pub(super) fn start_supervisor(executable: &Path) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let child = Command::new(executable)
        .arg("supervise")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // What a terminal sends to the agent's group is for the agent to deal with.
        .process_group(0)
        .spawn()?;
    Ok((child, UnixStream::from_std(ours)?))
}

/// Ends a program's process group; for when its supervisor was ended by somebody else.
pub(super) fn end_group(group: i32) {
    if let Some(pid) = Pid::from_raw(group).filter(|p| p.as_raw_nonzero().get() > 1) {
        // The group may be gone already.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// The executable that supervises: this very one, even if the file was replaced meanwhile.
pub fn own_executable() -> &'static Path {
    Path::new("/proc/self/exe")
}
