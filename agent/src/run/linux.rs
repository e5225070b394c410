//! Linux: programs below a supervisor, and ending an action's processes where the supervisor can't.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use domain::action::Shell;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use super::spec::Spec;
use super::talk::Said;
use super::{Exit, Heard, MARK};
use crate::verbs::Host;

/// The folders in which programs are looked for; the agent's own PATH plays no part.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How often, and after which pause, to look for processes that are still there.
const ROUNDS: u32 = 100;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// How long the end of a supervisor is waited for.
const LETTING_GO: Duration = Duration::from_secs(1);

/// The environment that programs get: `PATH` and nothing of the agent's but `HOME` (or `/`), `LANG=C.UTF-8`, and
/// `COUNTERSIGN_ACTION`, the action's id, by which an administrator can tell what belongs to an action.
pub fn environment(action: &str) -> Vec<(String, String)> {
    let home = std::env::var("HOME")
        .ok()
        .filter(|h| h.starts_with('/'))
        .unwrap_or_else(|| "/".into());
    [("PATH", PATH), ("LANG", "C.UTF-8"), ("HOME", &home), (MARK, action)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The full path of a program in [`PATH`]; none when it is not installed.
pub fn find_program(name: &str) -> Option<String> {
    PATH.split(':')
        .map(|folder| format!("{folder}/{name}"))
        .find(|path| is_executable(path))
}

/// The program that runs a shell's scripts; none when it is not installed.
pub fn find_shell(shell: Shell) -> Option<String> {
    match shell {
        Shell::Sh => Some("/bin/sh".to_owned()).filter(|path| is_executable(path)),
        Shell::Pwsh => find_program("pwsh")
            .or_else(|| Some("/opt/microsoft/powershell/7/pwsh".to_owned()).filter(|p| is_executable(p))),
        // They come with Windows, and exist nowhere else.
        Shell::Powershell | Shell::Cmd => None,
    }
}

/// Whether the path is a file that may be run.
fn is_executable(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// The executable that supervises: this very one, even if the file was replaced meanwhile.
pub fn own_executable() -> &'static Path {
    Path::new("/proc/self/exe")
}

/// A program below its supervisor.
#[derive(Debug)]
pub(super) struct Child {
    supervisor: tokio::process::Child,
    tell: Option<OwnedWriteHalf>,
    hear: Lines<BufReader<OwnedReadHalf>>,
    action: String,
    group: Option<i32>,
}

impl Child {
    /// Starts a supervisor and gives it the program.
    pub(super) async fn start(spec: &Spec, host: &Host) -> io::Result<Self> {
        let (supervisor, socket) = start_supervisor(&host.supervisor)?;
        let (hear, mut tell) = socket.into_split();
        let mut task = serde_json::to_vec(&spec.task())?;
        task.push(b'\n');
        task.extend(spec.script().as_bytes());
        tell.write_all(&task).await?;
        Ok(Self {
            supervisor,
            tell: Some(tell),
            hear: BufReader::new(hear).lines(),
            action: spec.action.clone(),
            group: None,
        })
    }

    /// The program's streams, once.
    pub(super) fn streams(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.supervisor.stdout.take(), self.supervisor.stderr.take())
    }

    /// The supervisor's next word. Nothing is lost when the future is dropped.
    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            let line = self.hear.next_line().await.ok().flatten();
            match line.and_then(|line| serde_json::from_str(&line).ok()) {
                Some(Said::Started { group }) => self.group = Some(group),
                Some(Said::NotStarted { why }) => return Heard::NotStarted(why),
                Some(Said::Ended { code, signal }) => {
                    return Heard::Ended(Exit {
                        code,
                        signal,
                        shown: true,
                    });
                }
                None => return Heard::Nothing,
            }
        }
    }

    /// Tells the supervisor to end everything, by closing the socket's writing half.
    pub(super) fn end(&mut self) {
        self.tell = None;
    }

    /// Lets the supervisor go; ends the program's processes, if they are `to_be_ended`, where the supervisor can't any more.
    pub(super) async fn dispose(mut self, to_be_ended: bool) {
        self.tell = None;
        if to_be_ended {
            let (action, group) = (self.action.clone(), self.group);
            if let Err(e) = tokio::task::spawn_blocking(move || end_without_supervisor(&action, group)).await {
                tracing::warn!(error = %e, "what an action left could not be ended");
            }
        }
        // It ends by itself; waiting a moment spares the system a zombie, and the runtime collects it otherwise.
        let _ = timeout(LETTING_GO, self.supervisor.wait()).await;
    }
}

/// Starts a supervisor; gives it and the agent's end of the socket.
fn start_supervisor(executable: &Path) -> io::Result<(tokio::process::Child, UnixStream)> {
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
fn end_without_supervisor(action: &str, group: Option<i32>) {
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
    let mark = format!("{MARK}={action}");
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
