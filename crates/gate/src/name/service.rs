//! Services: a systemd unit's name without `.service`, an init script's, or a Windows service's short name.
//!
//! Case is kept: systemd tells it apart. Windows does not, so there the agent puts the live service's own spelling in place
//! and asks the scope again.

use std::fmt;
use std::str::FromStr;

use super::{NameError, Reading, check_stars, check_text};

/// A service's name in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName(String);

/// The longest unit name of systemd, and of a Windows service (systemd.unit(5); `CreateServiceW`).
const LONGEST: usize = 255;

/// Kinds of systemd units that are not services (systemd.unit(5)).
const OTHER_UNITS: &[&str] = &[
    "socket",
    "device",
    "mount",
    "automount",
    "swap",
    "target",
    "path",
    "timer",
    "slice",
    "scope",
    "snapshot",
    "busname",
];

impl ServiceName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceName {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, NameError> {
        service_name(s, Reading::Name).map(Self)
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The canonical form of a service's name, or of a pattern for several.
pub(crate) fn service_name(text: &str, reading: Reading) -> Result<String, NameError> {
    check_text(text)?;
    check_stars(text, text, reading)?;
    let refuse = |why: &str| Err(NameError::about(text, why));
    if text.len() > LONGEST {
        return refuse("is longer than a service's name can be.");
    }
    if text.contains('/') {
        return refuse("holds a /, which no service's name does.");
    }
    if !text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"@._-:$+\\*".contains(&b))
    {
        return refuse("is not a service's short name: only letters, digits and @ . _ - : $ + are allowed.");
    }
    if !escapes_are_units(text) {
        return refuse(r"holds a \ that is no escape of systemd, as in \x2d.");
    }
    let name = text.strip_suffix(".service").unwrap_or(text);
    if name.is_empty() || name.starts_with(['-', '.']) || name.ends_with('.') {
        return refuse("starts or ends with a sign that no service's name does.");
    }
    if name
        .rsplit_once('.')
        .is_some_and(|(_, kind)| kind == "service" || OTHER_UNITS.contains(&kind))
    {
        return refuse("is a unit of another kind, not a service.");
    }
    Ok(name.to_owned())
}

/// Whether every backslash starts `\xHH`, as systemd-escape(1) writes it, lower-case.
pub(super) fn escapes_are_units(text: &str) -> bool {
    text.match_indices('\\').all(|(at, _)| {
        let after = text.as_bytes().get(at + 1..at + 4).unwrap_or_default();
        matches!(after, [b'x', a, b] if [a, b].iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f')))
    })
}
