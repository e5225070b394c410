//! This program a second time, in another role, so that what is measured has a process of its own.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

/// The argument before a role.
pub(crate) const ROLE: &str = "--as";

/// A child process. It says what it has to say in lines.
pub(crate) struct Child {
    process: std::process::Child,
    said: Lines<BufReader<ChildStdout>>,
    tell: ChildStdin,
}

impl Child {
    pub(crate) fn start(role: &str, args: &[String]) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .arg(role)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(process.stdout.take().context("its output")?).lines();
        let tell = process.stdin.take().context("its input")?;
        Ok(Self { process, said, tell })
    }

    /// Its next line.
    pub(crate) fn line(&mut self) -> Result<String> {
        Ok(self.said.next().context("a helper process ended early")??)
    }

    /// Waits until it says `what`, whatever it says before.
    pub(crate) fn until(&mut self, what: &str) -> Result<()> {
        while self.line()? != what {}
        Ok(())
    }

    /// Asks for its resident memory now, in bytes.
    pub(crate) fn memory(&mut self) -> Result<f64> {
        self.tell.write_all(b"memory\n")?;
        Ok(self.line()?.parse()?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers each line of standard input with this process's memory, until there is none.
pub(crate) async fn answer() -> Result<()> {
    tokio::task::spawn_blocking(|| {
        for asked in std::io::stdin().lines() {
            asked?;
            say(&memory_of("self")?.to_string());
        }
        Ok(())
    })
    .await?
}

/// Says a line to the parent.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// The resident memory of a process, in bytes: `VmRSS` of proc_pid_status(5).
pub(crate) fn memory_of(process: &str) -> Result<f64> {
    field(process, "VmRSS:")
}

/// The most resident memory that a process ever had, in bytes.
pub(crate) fn peak_of(process: &str) -> Result<f64> {
    field(process, "VmHWM:")
}

fn field(process: &str, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix(name))
        .context("no such field")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024.0)
}
