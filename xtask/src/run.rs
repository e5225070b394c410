//! Running other programs: what is run is printed, its output is passed on as it comes, and a failure names the command.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The command as one would type it, shortened to its words.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut text = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Runs to the end with this terminal; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("starting `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs to the end, quietly, and returns stdout; an error with stderr's text unless it succeeds.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("starting `{}`", shown(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({})\n{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", shown(command)))
}

/// Runs to the end, passing stdout on line by line and keeping it; stderr goes to this terminal.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{}`", shown(command)))?;
    let mut kept = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            std::io::stdout().flush()?;
            kept.push_str(&text);
            line.clear();
        }
    }
    let status = child
        .wait()
        .with_context(|| format!("waiting for `{}`", shown(command)))?;
    Ok((status, kept))
}

/// The same command, ended when it takes longer than so many seconds.
pub(crate) fn limited(command: &Command, seconds: u32) -> Command {
    let mut limited = Command::new("timeout");
    limited.args(["--kill-after=20", &seconds.to_string()]);
    limited.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}

/// Runs `work` under a headline and says how long it took.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = work();
    let took = duration(start.elapsed());
    match &result {
        Ok(_) => println!("    {what}: {took}"),
        Err(_) => println!("    {what}: failed after {took}"),
    }
    result
}

/// `4.2 s`, `3 min 07 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// `812 B`, `42.1 KB`, `3.4 MB` (powers of 1,000).
pub(crate) fn size(bytes: u64) -> String {
    let number = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", number / 1e3),
        _ => format!("{:.1} MB", number / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = read(Command::new("sh").args(["-c", "echo why >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("sh -c") && error.contains("why"), "{error}");
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
        assert!(!tee(Command::new("sh").args(["-c", "exit 3"])).unwrap().0.success());
        assert!(read(&mut Command::new("no-such-program-here")).is_err());
    }

    #[test]
    fn a_limited_command_is_the_same_but_for_its_end() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo $A; pwd"]).env("A", "b").current_dir("/");
        assert_eq!(read(&mut limited(&command, 60)).unwrap(), "b\n/\n");
        let mut slow = Command::new("sleep");
        slow.arg("60");
        assert!(read(&mut limited(&slow, 1)).is_err());
    }

    #[test]
    fn tee_keeps_what_was_printed() {
        let (status, text) = tee(Command::new("sh").args(["-c", "echo one; echo two"])).unwrap();
        assert!(status.success());
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn times_and_sizes_read_well() {
        assert_eq!(duration(Duration::from_millis(4_230)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(187)), "3 min 07 s");
        assert_eq!(
            (size(812), size(42_100), size(3_400_000)),
            ("812 B".into(), "42.1 KB".into(), "3.4 MB".into())
        );
    }
}
