//! From what is to be run to a started program, shell by shell.
//!
//! | shell | program | how it gets the script |
//! |---|---|---|
//! | PowerShell 5.1 | `System32\WindowsPowerShell\v1.0\powershell.exe` | as `powershell` says |
//! | PowerShell 7 | `Program Files\PowerShell\7\pwsh.exe` | likewise |
//! | cmd | `System32\cmd.exe` | a private file with the exact bytes, run with `/d /q /s /c`: no AutoRun, no echo |
//!
//! Files are made in the agent's private folder, where only it and administrators can reach them, and removed afterwards.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::action::Shell;
use domain::digest::hex;
use win::process;

use super::folders;
use super::powershell::{self, Text};
use crate::run::spec::{Program, Spec};
use crate::service;

/// The folder for the files of scripts, in the agent's own.
const FOLDER: &str = "run";

/// The program that runs a shell's scripts; none when it is not installed.
pub fn find_shell(shell: Shell) -> Option<String> {
    let path = match shell {
        Shell::Powershell => folders::system().join(r"WindowsPowerShell\v1.0\powershell.exe"),
        Shell::Pwsh => win::folders::programs().ok()?.join(r"PowerShell\7\pwsh.exe"),
        Shell::Cmd => folders::system().join("cmd.exe"),
        Shell::Sh => return None,
    };
    path.is_file().then(|| path.display().to_string())
}

/// Removes what a former run of the agent left of its scripts' files.
pub fn remove_leftovers(private: &Path) {
    match std::fs::remove_dir_all(private.join(FOLDER)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(error = %e, "files of former scripts can't be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

/// What was made for a program, and has to go when it ended.
#[derive(Debug, Default)]
pub(super) struct Started {
    folder: Option<PathBuf>,
    sentinel: Option<Sentinel>,
}

/// A file that the shell writes a number to when the script came to its end.
#[derive(Debug)]
struct Sentinel {
    file: PathBuf,
    nonce: String,
}

/// Starts it. Blocks for a moment.
pub(super) fn start(spec: &Spec, private: &Path) -> io::Result<(process::Child, Started)> {
    let mut started = Started::default();
    let result = prepare(spec, private, &mut started).and_then(|(program, line)| {
        let child = process::start(&process::Spec {
            program: Path::new(&program),
            command_line: &line,
            environment: &folders::environment(&spec.action),
            folder: &folders::root(),
        })?;
        Ok(child)
    });
    match result {
        Ok(child) => Ok((child, started)),
        Err(e) => {
            started.remove();
            Err(e)
        }
    }
}

/// The program and its command line; what it needs is made.
fn prepare(spec: &Spec, private: &Path, started: &mut Started) -> io::Result<(String, String)> {
    let (path, shell, text) = match &spec.program {
        Program::System { path, args } => return Ok((path.clone(), process::command_line(path, args)?)),
        Program::Script { path, shell, text } => (path, shell, text),
    };
    let folder = private.join(FOLDER).join(&spec.action);
    service::create_private_dir(&folder)?;
    started.folder = Some(folder.clone());
    let line = match shell {
        Shell::Cmd => {
            let script = folder.join("script.cmd");
            write(&script, text)?;
            // With /s the outer marks are taken off, and nothing between them is looked at.
            format!("\"{path}\" /d /q /s /c \"\"{}\"\"", script.display())
        }
        Shell::Powershell | Shell::Pwsh => {
            let sentinel = Sentinel {
                file: folder.join("end"),
                nonce: nonce()?,
            };
            // Made here, so that it is private.
            write(&sentinel.file, "")?;
            let line = powershell::command_line(path, Text::Inside(text), &sentinel.file, &sentinel.nonce);
            let line = if line.encode_utf16().count() <= process::LONGEST {
                line
            } else {
                let script = folder.join("script.txt");
                write(&script, text)?;
                powershell::command_line(path, Text::File(&script), &sentinel.file, &sentinel.nonce)
            };
            started.sentinel = Some(sentinel);
            line
        }
        Shell::Sh => return Err(io::Error::new(io::ErrorKind::Unsupported, "Windows has no sh")),
    };
    Ok((path.clone(), line))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file: File = service::create_private_file(path)?;
    file.write_all(text.as_bytes())
}

fn nonce() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

impl Started {
    /// Whether the script came to its end; true where there is no way to tell.
    pub(super) fn has_shown_its_end(&self) -> bool {
        let Some(Sentinel { file, nonce }) = &self.sentinel else {
            return true;
        };
        std::fs::read_to_string(file).is_ok_and(|text| text.trim_end() == nonce)
    }

    /// Removes what was made. That something can't be removed is logged; the next start of the agent tries again.
    pub(super) fn remove(self) {
        if let Some(folder) = self.folder
            && let Err(e) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!(error = %e, "the files of a script can't be removed yet");
        }
    }
}
