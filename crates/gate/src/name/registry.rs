//! Keys of the Windows registry: `HKLM\software\vendor\pos`, the hive upper-case, the rest folded as names of files are.
//!
//! A key is always meant in the 64-bit view. The part for 32-bit programs is named as it is there:
//! `HKLM\software\wow6432node\…` and `HKLM\software\classes\wow6432node\…`. What is one key under two names only on a live
//! system is the agent's to map: `HKLM\system\currentcontrolset` stands for one of `controlset001` and its like, and links
//! lead from one key to another.
//!
//! Only `HKLM` and `HKU` are places; the other hives are views of them, which differ by who looks (`HKCU`, `HKCR`) or by
//! how the machine was started (`HKCC`), and are refused. Unlike in a path nothing is resolved: PowerShell takes `..` for
//! the key above, the registry takes it for a name. Names of values are no part of a key.

use std::fmt;
use std::str::FromStr;

use super::path::fold;
use super::{NameError, Reading, check_stars, check_text};

/// Where a key's name starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hive {
    /// `HKLM`, `HKEY_LOCAL_MACHINE`: the machine's own settings.
    LocalMachine,
    /// `HKU`, `HKEY_USERS`: below it one key for each account, named by its SID.
    Users,
}

/// A key in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryKey {
    pub(crate) hive: Hive,
    pub(crate) segments: Vec<String>,
}

/// The longest name of one key, in UTF-16 units, and the most levels ("Registry element size limits" in Microsoft's Win32
/// documentation).
const LONGEST_SEGMENT: usize = 255;
const MOST_LEVELS: usize = 512;

/// What tools write before the hive.
const PROVIDERS: &[&str] = &[r"microsoft.powershell.core\registry::", "registry::", r"computer\"];

impl Hive {
    /// The hive's short name.
    pub fn word(self) -> &'static str {
        match self {
            Self::LocalMachine => "HKLM",
            Self::Users => "HKU",
        }
    }

    /// The hive and `segments` as text.
    pub(crate) fn write(self, segments: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        segments.iter().try_for_each(|segment| write!(f, "\\{segment}"))
    }
}

impl RegistryKey {
    /// Where its name starts.
    pub fn hive(&self) -> Hive {
        self.hive
    }

    /// The names of the keys that lead to it from the hive, folded; none for a hive itself.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }
}

impl FromStr for RegistryKey {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        let (hive, segments) = read(s, Reading::Name)?;
        let key = Self { hive, segments };
        // A segment that a fold made longer could push the whole beyond the limit that its own form is read with.
        check_text(&key.to_string())?;
        Ok(key)
    }
}

impl fmt::Display for RegistryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hive
            .write(&self.segments.iter().map(String::as_str).collect::<Vec<_>>(), f)
    }
}

/// Hive and segments of a key or, with `*` allowed, of a pattern without its final `**`.
pub(crate) fn read(text: &str, reading: Reading) -> Result<(Hive, Vec<String>), NameError> {
    check_text(text)?;
    let refuse = |why: &str| Err(NameError::about(text, why));
    if text.contains('/') {
        return refuse(r"holds a /, which is no separator in the registry. Write HKLM\SOFTWARE\….");
    }
    if text.starts_with('\\') {
        return refuse(
            r"starts with a \. Only keys of the machine itself can be named, from their hive, as in HKLM\SOFTWARE\….",
        );
    }
    let (hive, rest) = hive_of(text)?;
    let segments: Vec<String> = if rest.is_empty() {
        vec![]
    } else {
        rest.strip_suffix('\\')
            .unwrap_or(rest)
            .split('\\')
            .map(|part| segment(text, part, reading))
            .collect::<Result<_, _>>()?
    };
    if segments.len() > MOST_LEVELS {
        return refuse("has more levels than the registry.");
    }
    Ok((hive, segments))
}

/// The hive, and what follows the separator after it.
fn hive_of(text: &str) -> Result<(Hive, &str), NameError> {
    let refuse = |why: &str| Err(NameError::about(text, why));
    let provider = PROVIDERS.iter().find_map(|p| {
        let (start, rest) = text.split_at_checked(p.len())?;
        start.eq_ignore_ascii_case(p).then_some(rest)
    });
    let (word, rest) = match provider.unwrap_or(text).split_once('\\') {
        Some((word, rest)) => (word, Some(rest)),
        None => (provider.unwrap_or(text), None),
    };
    // `HKLM:` is a drive of PowerShell; without a \ after it, it means wherever one is on that drive.
    let name = match (word.strip_suffix(':'), rest, provider) {
        (Some(drive), Some(_), None) => drive,
        (Some(_), None, None) => {
            return refuse(r"depends on the drive's current key. Write the whole key, as in HKLM\SOFTWARE\….");
        }
        (Some(_), _, Some(_)) => return refuse(r"names a drive twice. Write HKLM\SOFTWARE\…."),
        (None, _, _) => word,
    };
    let hive = match name.to_ascii_uppercase().as_str() {
        "HKLM" | "HKEY_LOCAL_MACHINE" => Hive::LocalMachine,
        "HKU" | "HKEY_USERS" => Hive::Users,
        "HKCU" | "HKEY_CURRENT_USER" => {
            return refuse(
                r"means another key for each account: whose is meant? Name it by its SID, as in HKU\S-1-5-21-…\Software.",
            );
        }
        "HKCR" | "HKEY_CLASSES_ROOT" => {
            return refuse(
                r"is a view of two places, merged for each account. Name the one that is meant, as in HKLM\SOFTWARE\Classes\….",
            );
        }
        "HKCC" | "HKEY_CURRENT_CONFIG" => {
            return refuse(
                r"is a view that differs by how the machine was started. Name the key itself, as in HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\….",
            );
        }
        "HKPD" | "HKEY_PERFORMANCE_DATA" | "HKEY_PERFORMANCE_TEXT" | "HKEY_PERFORMANCE_NLSTEXT" => {
            return refuse("holds no settings: reading it starts the counting of performance.");
        }
        _ => return refuse(r"does not start with a hive. Write the whole key, as in HKLM\SOFTWARE\…."),
    };
    Ok((hive, rest.unwrap_or_default()))
}

fn segment(whole: &str, part: &str, reading: Reading) -> Result<String, NameError> {
    check_stars(whole, part, reading)?;
    let refuse = |why: &str| Err(NameError::about(whole, why));
    if part.is_empty() {
        return refuse("holds two separators in a row, which some tools take for one and others for a name.");
    }
    if part == "." || part == ".." {
        return refuse(
            "holds . or .. as a part, which PowerShell resolves and the registry does not. Write the key that is meant.",
        );
    }
    if part.encode_utf16().count() > LONGEST_SEGMENT {
        return refuse("holds a key's name of more than 255 characters.");
    }
    if part.contains('"') {
        return refuse("holds a quotation mark, which a scope can't name.");
    }
    if part.starts_with(' ') || part.ends_with(' ') {
        return refuse("holds a name that starts or ends with a space, which can't be seen.");
    }
    part.chars().map(fold).collect::<Option<String>>().ok_or_else(|| {
        NameError::about(
            whole,
            "holds a letter whose upper and lower case are not one pair, so that Windows may take it for another.",
        )
    })
}
