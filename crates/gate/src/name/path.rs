//! File paths: Unix and Windows, told apart by their form.
//!
//! `.`, empty parts, a trailing separator and `..` within the path are resolved by text alone; since the resolved form is
//! what is shown, approved and run, nobody's approval is stretched by it. Windows paths are written with an upper-case
//! drive, backslashes and lower-case names.

use std::fmt;
use std::str::FromStr;

use super::{NameError, Reading, check_stars, check_text};

/// Whose rules a path follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStyle {
    /// `/etc/hosts`; upper and lower case differ.
    Unix,
    /// `C:\Windows`; upper and lower case are one.
    Windows,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    Unix,
    Drive(char),
}

/// An absolute path in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath {
    pub(crate) root: Root,
    pub(crate) segments: Vec<String>,
}

/// The longest name of one file, in bytes: NAME_MAX of Linux's file systems (NTFS takes 255 UTF-16 units).
const LONGEST_SEGMENT: usize = 255;

/// Device names of Windows, which name the device in every folder and with every ending ("Naming Files, Paths, and
/// Namespaces" in Microsoft's Win32 documentation).
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

impl FilePath {
    /// Whose rules the path follows.
    pub fn style(&self) -> PathStyle {
        self.root.style()
    }

    /// The path's last name; `None` for a root.
    pub fn file_name(&self) -> Option<&str> {
        self.segments.last().map(String::as_str)
    }

    /// The path of `name` directly or further below this folder. `name` is relative, as in `conf/terminal.ini`.
    ///
    /// # Errors
    /// When `name` is absolute, climbs with `..`, or has no canonical form.
    pub fn join(&self, name: &str) -> Result<Self, NameError> {
        let climbs = name.split(['/', '\\']).any(|s| s == "..");
        if name.starts_with(['/', '\\']) || climbs {
            return Err(NameError::about(name, "has to be a name below the folder."));
        }
        let base = self.to_string();
        let separator = self.root.separator();
        let joined: Self = format!("{}{separator}{name}", base.trim_end_matches(separator)).parse()?;
        if joined.segments.len() <= self.segments.len() {
            return Err(NameError::about(name, "names nothing below the folder."));
        }
        Ok(joined)
    }
}

impl Root {
    pub(crate) fn style(self) -> PathStyle {
        match self {
            Self::Unix => PathStyle::Unix,
            Self::Drive(_) => PathStyle::Windows,
        }
    }

    pub(crate) fn separator(self) -> char {
        match self {
            Self::Unix => '/',
            Self::Drive(_) => '\\',
        }
    }

    /// The root and `segments` as text.
    pub(crate) fn write(self, segments: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix => f.write_str("/")?,
            Self::Drive(letter) => write!(f, "{letter}:\\")?,
        }
        for (i, segment) in segments.iter().enumerate() {
            if i > 0 {
                write!(f, "{}", self.separator())?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root
            .write(&self.segments.iter().map(String::as_str).collect::<Vec<_>>(), f)
    }
}

impl FromStr for FilePath {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        let (root, segments) = read(s, Reading::Name)?;
        let path = Self { root, segments };
        // A segment that a fold made longer could push the whole beyond the limit that its own form is read with.
        check_text(&path.to_string())?;
        Ok(path)
    }
}

/// Root and segments of a path or, with `*` allowed and `..` refused, of a pattern without its final `**`.
pub(crate) fn read(text: &str, reading: Reading) -> Result<(Root, Vec<String>), NameError> {
    check_text(text)?;
    let (root, rest) = root_of(text)?;
    let parts: Vec<&str> = match root {
        Root::Unix => rest.split('/').collect(),
        Root::Drive(_) => rest.split(['\\', '/']).collect(),
    };
    let mut segments: Vec<String> = Vec::new();
    for part in parts {
        match part {
            "" | "." => {}
            ".." if reading == Reading::Pattern => {
                return Err(NameError::about(
                    text,
                    "holds .. which a scope can't. Write the folder that is meant.",
                ));
            }
            ".." => {
                if segments.pop().is_none() {
                    return Err(NameError::about(text, "climbs above the root."));
                }
            }
            part => segments.push(segment(text, part, root, reading)?),
        }
    }
    Ok((root, segments))
}

fn root_of(text: &str) -> Result<(Root, &str), NameError> {
    let refuse = |why: &str| Err(NameError::about(text, why));
    if text.starts_with("//") {
        return refuse("starts with two slashes, which some systems read as a network path. Write one.");
    }
    if let Some(rest) = text.strip_prefix('/') {
        return Ok((Root::Unix, rest));
    }
    if text.starts_with(r"\\?\") || text.starts_with(r"\\.\") || text.starts_with(r"\??\") {
        return refuse(r"is a device path. Write a drive, as in C:\Folder\file.");
    }
    if text.starts_with(r"\\") {
        return refuse(r"is a network path. Only files of the machine itself can be named, as in C:\Folder\file.");
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(letter), Some(':'), Some('\\' | '/')) if letter.is_ascii_alphabetic() => {
            Ok((Root::Drive(letter.to_ascii_uppercase()), &text[3..]))
        }
        (Some(letter), Some(':'), _) if letter.is_ascii_alphabetic() => {
            refuse(r"depends on the drive's current folder. Write the whole path, as in C:\Folder\file.")
        }
        _ => refuse(r"is not a whole path. Write it from the root, as in /var/log/syslog or C:\Folder\file."),
    }
}

fn segment(whole: &str, part: &str, root: Root, reading: Reading) -> Result<String, NameError> {
    check_stars(whole, part, reading)?;
    let refuse = |why: &str| Err(NameError::about(whole, why));
    if part.len() > LONGEST_SEGMENT {
        return refuse("holds a file name of more than 255 bytes.");
    }
    if part.contains('"') {
        return refuse("holds a quotation mark, which a scope can't name.");
    }
    match root {
        Root::Unix if part.contains('\\') => refuse("mixes / and \\."),
        Root::Unix if part.starts_with('$') || part.contains("${") || part.contains("$(") => {
            refuse("holds a variable. Write the path that it stands for.")
        }
        Root::Unix => Ok(part.to_owned()),
        Root::Drive(_) => windows_segment(whole, part),
    }
}

fn windows_segment(whole: &str, part: &str) -> Result<String, NameError> {
    let refuse = |why: &str| Err(NameError::about(whole, why));
    if part.contains(':') {
        return refuse("names an alternate data stream or a second drive.");
    }
    if part.contains(['<', '>', '|', '?']) {
        return refuse("holds a character that Windows allows in no file name.");
    }
    if part.ends_with(['.', ' ']) {
        return refuse("holds a name that ends in a dot or a space, which Windows drops.");
    }
    if part.matches('%').count() > 1 {
        return refuse("holds a variable. Write the path that it stands for.");
    }
    if is_short_name(part) {
        return refuse("holds a short name (as in PROGRA~1). Write the whole name.");
    }
    let Some(folded) = part.chars().map(fold).collect::<Option<String>>() else {
        return refuse(
            "holds a letter whose upper and lower case are not one pair, so that Windows may take it for another.",
        );
    };
    if is_device(&folded) {
        return refuse("names a device of Windows.");
    }
    Ok(folded)
}

/// `~`, digits, and then the end or a dot: how Windows makes 8.3 names.
fn is_short_name(part: &str) -> bool {
    part.match_indices('~').any(|(at, _)| {
        let after = &part[at + 1..];
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < after.len() && (rest.is_empty() || rest.starts_with('.'))
    })
}

fn is_device(folded: &str) -> bool {
    let stem = folded.split('.').next().unwrap_or_default().trim_end();
    let port = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|n| {
            let mut digits = n.chars();
            matches!(
                (digits.next(), digits.next()),
                (Some('0'..='9' | '¹' | '²' | '³'), None)
            )
        })
    };
    DEVICES.contains(&stem) || port("com") || port("lpt")
}

/// The lower-case form under which Windows finds the same file; `None` where that is not certain.
///
/// NTFS compares by a table of single upper-case letters that differs between versions beyond the common alphabets. So
/// only letters of Latin-1, Latin Extended-A, Greek and Cyrillic are folded, and only where upper and lower case are one
/// pair; other letters with case are refused. `ß` has no single upper-case letter in that table and stays.
pub(super) fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if c == 'ß' {
        return Some(c);
    }
    let lower = single(c.to_lowercase());
    let upper = single(c.to_uppercase());
    if lower == Some(c) && upper == Some(c) {
        return Some(c);
    }
    let common = matches!(c as u32, 0x00C0..=0x017F | 0x0386..=0x03CE | 0x0400..=0x045F);
    let (lower, upper) = (lower?, upper?);
    let one_pair = single(upper.to_lowercase()) == Some(lower) && single(lower.to_uppercase()) == Some(upper);
    (common && one_pair && (c == lower || c == upper)).then_some(lower)
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    if chars.next().is_some() { None } else { first }
}
