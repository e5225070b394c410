//! Scripts that do the same on each system, for `sh` and for `cmd`.

use std::path::Path;

use domain::action::{Command, Script, Shell};

pub(crate) fn sh(text: &str) -> Command {
    script(Shell::Sh, text)
}

pub(crate) fn cmd(text: &str) -> Command {
    script(Shell::Cmd, text)
}

pub(crate) fn script(shell: Shell, text: &str) -> Command {
    Command::Script(Script {
        shell,
        text: text.into(),
    })
}

fn here(posix: &str, windows: &str) -> Command {
    if cfg!(windows) { cmd(windows) } else { sh(posix) }
}

/// Ends well.
pub(crate) fn nothing() -> Command {
    here("true", "exit /b 0")
}

/// Prints a word.
pub(crate) fn print(word: &str) -> Command {
    here(&format!("echo {word}"), &format!("echo {word}"))
}

/// Prints a word to each stream.
pub(crate) fn both() -> Command {
    here("echo one; echo two >&2", "echo one\r\necho two>&2\r\n")
}

/// Adds a line to a file.
pub(crate) fn append(path: &Path, word: &str) -> Command {
    let path = path.display();
    here(&format!("echo {word} >> '{path}'"), &format!("echo {word}>>\"{path}\""))
}
