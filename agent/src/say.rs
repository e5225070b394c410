//! Lines for the person at the terminal. Only the commands use it; the running agent logs.

use std::io::{self, Write};

/// Writes one line to standard output.
///
/// # Errors
/// When standard output is gone.
pub fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
