//! Running programs: scripts exactly as approved, and the few system programs that verbs need.
//!
//! A program gets no input, a clean environment ([`environment`]) and `/` as working directory. A script reaches its shell
//! byte for byte through an unnamed file in memory: it is on no command line, in no folder, and needs no quoting.
//!
//! Every program runs below a supervisor process of its own, a second copy of this executable. The supervisor adopts
//! whatever descends from the program, also what tried to detach itself, and ends it all when it is told to or when the
//! agent is gone, however that happened. What a program that ended by itself left running (a daemon that it restarted, say)
//! is left alone.

#[cfg(target_os = "linux")]
mod linux;
mod process;
#[cfg(target_os = "linux")]
mod supervisor;
mod talk;

use domain::action::Shell;

#[cfg(target_os = "linux")]
pub use linux::own_executable;
pub use process::run;
#[cfg(target_os = "linux")]
pub use supervisor::supervise;
pub use talk::{Program, Spec};

/// The folders in which programs are looked for; the agent's own PATH plays no part.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The variable that marks what belongs to an action.
pub const MARK: &str = "COUNTERSIGN_ACTION";

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
        .find(|path| linux::is_executable(path))
}

/// The program that runs a shell's scripts; none when it is not installed.
pub fn find_shell(shell: Shell) -> Option<String> {
    match shell {
        Shell::Sh => Some("/bin/sh".to_owned()).filter(|path| linux::is_executable(path)),
        Shell::Pwsh => find_program("pwsh")
            .or_else(|| Some("/opt/microsoft/powershell/7/pwsh".to_owned()).filter(|p| linux::is_executable(p))),
        // They come with Windows, and exist nowhere else.
        Shell::Powershell | Shell::Cmd => None,
    }
}
