//! The supervisor process: `countersign-agent supervise`, started by the agent with a socket as standard input. It runs one
//! program, adopts everything that descends from it, and ends it all when the socket closes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, kill_process_group, set_child_subreaper, wait};

use super::talk::{Said, Task};

/// How long to wait before looking again for descendants that are still there.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Runs the program that the socket on standard input describes, to its end or to the agent's.
pub fn supervise() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn start() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut from = BufReader::new(socket.try_clone()?);
    let mut line = String::new();
    from.read_line(&mut line)?;
    let task: Task = serde_json::from_str(&line)?;
    let mut script = vec![0; task.script.unwrap_or(0)];
    from.read_exact(&mut script)?;
    set_child_subreaper(Some(getpid()))?;
    let main = match spawn(&task, &script) {
        Ok(main) => main,
        Err(e) => return say(&socket, &Said::NotStarted { why: e.to_string() }),
    };
    let ending = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&ending);
    std::thread::spawn(move || {
        // The agent sends nothing more: whatever comes, or the end, means that the program must end.
        let _ = from.read(&mut [0]);
        told.store(true, Ordering::SeqCst);
        end_all(main);
    });
    // Where the agent is gone already, nobody hears this; the thread above ends the program all the same.
    let _ = say(
        &socket,
        &Said::Started {
            group: main.as_raw_nonzero().get(),
        },
    );
    let ended = reap(main, &ending)?;
    say(&socket, &ended)
}

fn spawn(task: &Task, script: &[u8]) -> io::Result<Pid> {
    let mut command = Command::new(&task.path);
    command.args(&task.args);
    let file = task.script.map(|_| in_memory(script)).transpose()?;
    if let Some(file) = &file {
        command.arg(format!("/proc/self/fd/{}", file.as_raw_fd()));
    }
    command
        .env_clear()
        .envs(task.environment.iter().map(|(name, value)| (name, value)));
    let child = command.current_dir("/").stdin(Stdio::null()).process_group(0).spawn()?;
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A file without a name that holds `bytes` and can't be changed any more. Its descriptor is inherited, since the shell
/// opens it by number.
fn in_memory(bytes: &[u8]) -> io::Result<OwnedFd> {
    // Systems may insist on the flag, and older ones don't know it.
    let memory = memfd_create("script", MemfdFlags::ALLOW_SEALING | MemfdFlags::NOEXEC_SEAL)
        .or_else(|_| memfd_create("script", MemfdFlags::ALLOW_SEALING))?;
    let mut file = File::from(memory);
    file.write_all(bytes)?;
    fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL,
    )?;
    Ok(file.into())
}

/// Collects what ends, until the program itself ended, or, once everything is being ended, until nothing is left.
fn reap(main: Pid, ending: &AtomicBool) -> io::Result<Said> {
    let mut ended = Said::Ended {
        code: None,
        signal: None,
    };
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == main => {
                ended = Said::Ended {
                    code: status.exit_status(),
                    signal: status.terminating_signal(),
                };
                if !ending.load(Ordering::SeqCst) {
                    return Ok(ended);
                }
            }
            Ok(Some(_) | None) => {}
            Err(rustix::io::Errno::CHILD) => return Ok(ended),
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
}

/// Ends the program's group and every descendant, over and over: some may be starting others meanwhile. Ends with the
/// process, once [`reap`] finds nothing left.
fn end_all(main: Pid) {
    loop {
        // Gone already is as good.
        let _ = kill_process_group(main, Signal::KILL);
        for pid in descendants() {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Everything that descends from this process now.
fn descendants() -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return vec![];
    };
    let processes: Vec<(i32, i32)> = entries
        .filter_map(|e| {
            let pid = e.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            Some((pid, parent_in(&stat)?))
        })
        .collect();
    let mut found = vec![getpid().as_raw_nonzero().get()];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(
            processes
                .iter()
                .filter(|(pid, p)| *p == parent && !found.contains(pid))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        at += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// The parent in a line of proc_pid_stat(5). The name before it may hold spaces and parentheses.
fn parent_in(stat: &str) -> Option<i32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn say(mut socket: &UnixStream, said: &Said) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    socket.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent_in("12 (a) b) (c) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in("12 (sh"), None);
    }
}
