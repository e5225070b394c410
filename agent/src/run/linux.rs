//! Linux: starting a supervisor, and ending an action's processes where the supervisor can't.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

/// How often, and after which pause, to look for processes that are still there.
const ROUNDS: u32 = 100;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

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

/// Ends what belongs to an action, for when its supervisor was ended by somebody else: its process group, and whatever was
/// started with its mark in the environment. Blocks for a moment.
pub(super) fn end_without_supervisor(action: &str, group: Option<i32>) {
    if let Some(pid) = group.and_then(Pid::from_raw).filter(|p| p.as_raw_nonzero().get() > 1) {
        // The group may be gone already.
        let _ = kill_process_group(pid, Signal::KILL);
    }
    // Again and again, since some may be starting others meanwhile.
    for _ in 0..ROUNDS {
        let found = marked(action);
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The processes that were started with the action's mark, dead ones apart (their environment is gone).
fn marked(action: &str) -> Vec<Pid> {
    let mark = format!("{}={action}", super::MARK);
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return vec![];
    };
    let pids = entries.filter_map(|e| Pid::from_raw(e.ok()?.file_name().to_str()?.parse().ok()?));
    let has_mark = |pid: &Pid| {
        let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).unwrap_or_default();
        environment
            .split(|b| *b == 0)
            .any(|variable| variable == mark.as_bytes())
    };
    pids.filter(has_mark).collect()
}

/// The executable that supervises: this very one, even if the file was replaced meanwhile.
pub fn own_executable() -> &'static Path {
    Path::new("/proc/self/exe")
}
