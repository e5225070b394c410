//! Logs: a systemd unit's name without `.service`, a file's name below the system's log folder (`cups/error_log`), or a
//! Windows event log (`Microsoft-Windows-PrintService/Operational`). Which of them it is, the agent knows.
//!
//! Case is kept: files and systemd tell it apart. Windows does not, so there the agent puts the live log's own spelling in
//! place and asks the scope again.

use std::fmt;
use std::str::FromStr;

use super::service::escapes_are_units;
use super::{NameError, Reading, check_stars, check_text};

/// A log's name in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    pub(crate) segments: Vec<String>,
}

impl FromStr for LogName {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        check_text(s)?;
        let parts: Vec<&str> = s.split('/').collect();
        let alone = parts.len() == 1;
        let segments = parts
            .into_iter()
            .map(|p| log_segment(s, p, alone, Reading::Name))
            .collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("/"))
    }
}

/// The canonical form of one part of a log's name or pattern; `alone` when it is the only part, and so may be a unit.
pub(crate) fn log_segment(whole: &str, part: &str, alone: bool, reading: Reading) -> Result<String, NameError> {
    check_stars(whole, part, reading)?;
    let refuse = |why: &str| Err(NameError::about(whole, why));
    if part.is_empty() {
        return refuse(
            "has to be a log's name, or a file's name below the log folder without a / at either end. For other files use file.tail.",
        );
    }
    if part == "." || part == ".." {
        return refuse("holds . or .. as a part, which could leave the log folder.");
    }
    if part.len() > 255 {
        return refuse("holds a part of more than 255 bytes.");
    }
    if !part
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"@._-: +\\*".contains(&b))
        || !escapes_are_units(part)
    {
        return refuse("is not a log's name: only letters, digits, spaces and @ . _ - : + are allowed.");
    }
    if part.starts_with(['-', ' ']) || part.ends_with([' ', '.']) {
        return refuse("holds a part that starts with - or a space, or ends in a dot or a space.");
    }
    if part.contains('*') && part.ends_with(".service") {
        return refuse("holds a * and a unit's ending. Units are named without .service.");
    }
    let name = if alone {
        part.strip_suffix(".service").unwrap_or(part)
    } else {
        part
    };
    // Once more: a unit's ending may stand behind what no name ends in.
    if name.is_empty() || name.ends_with([' ', '.']) || (alone && name.ends_with(".service")) {
        return refuse("is not a log's name.");
    }
    Ok(name.to_owned())
}
