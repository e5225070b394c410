//! Canonical names: each resource has one written form, so that scopes compare bytes (R21).
//!
//! What can't be brought to that form is refused with a sentence, never guessed. A name is judged by its form alone, since
//! nothing here sees the endpoint: `/…` is a Unix path and `C:\…` a Windows path wherever they are used. What only the live
//! system knows (symbolic links, junctions, registry links, short names that don't look like one, folders that tell case
//! apart) is checked by the agent, which resolves the name and asks the scope again.

mod host;
mod log;
mod path;
mod registry;
mod service;

pub use host::{HostName, HostPort};
pub use log::LogName;
pub use path::{FilePath, PathStyle};
pub use registry::{Hive, RegistryKey};
pub use service::ServiceName;

pub(crate) use log::log_segment;
pub(crate) use path::{Root, read as read_path};
pub(crate) use registry::read as read_key;
pub(crate) use service::service_name;

use domain::action::{Command, LIMITS, Verb};

use crate::escape;

/// Why a name has no canonical form: one sentence for the person who wrote it, with nothing hidden in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NameError(String);

impl NameError {
    /// `"<name>" <why>`, the name shortened and escaped.
    pub(crate) fn about(name: &str, why: impl AsRef<str>) -> Self {
        let short: String = name.chars().take(120).collect();
        let more = if short.len() < name.len() { "…" } else { "" };
        Self(format!("\"{}{more}\" {}", escape::line(&short), why.as_ref()))
    }
}

/// Whether a name or pattern is being read: only a pattern may hold `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Name,
    Pattern,
}

/// The command with every name in its canonical form: the one that is stored, shown, decided about and run.
///
/// A script is returned as it stands; its bytes are its name.
///
/// # Errors
/// A sentence, when a part is missing, beyond [`LIMITS`], or has no canonical form.
pub fn canonical(command: &Command) -> Result<Command, NameError> {
    command.check_limits().map_err(NameError)?;
    let Command::Verb(verb) = command else {
        return Ok(command.clone());
    };
    Ok(Command::Verb(match verb {
        Verb::SystemInfo => Verb::SystemInfo,
        Verb::ProcessList => Verb::ProcessList,
        Verb::DiskUsage => Verb::DiskUsage,
        Verb::FileRead { path } => Verb::FileRead {
            path: path.parse::<FilePath>()?.to_string(),
        },
        Verb::FileTail { path, lines } => Verb::FileTail {
            path: path.parse::<FilePath>()?.to_string(),
            lines: *lines,
        },
        Verb::LogRead { log, since_minutes } => Verb::LogRead {
            log: log.parse::<LogName>()?.to_string(),
            since_minutes: *since_minutes,
        },
        Verb::RegistryRead { key } => Verb::RegistryRead {
            key: key.parse::<RegistryKey>()?.to_string(),
        },
        Verb::RegistryWrite { key, value, data } => {
            check_value_name(value)?;
            Verb::RegistryWrite {
                key: key.parse::<RegistryKey>()?.to_string(),
                value: value.clone(),
                data: data.clone(),
            }
        }
        Verb::NetConfig => Verb::NetConfig,
        Verb::NetProbe { host, port } => Verb::NetProbe {
            host: host.parse::<HostName>()?.to_string(),
            port: *port,
        },
        Verb::NetTls { host, port } => Verb::NetTls {
            host: host.parse::<HostName>()?.to_string(),
            port: *port,
        },
        Verb::ServiceList => Verb::ServiceList,
        Verb::ServiceStatus { service } => Verb::ServiceStatus {
            service: service.parse::<ServiceName>()?.to_string(),
        },
        Verb::ServiceStart { service } => Verb::ServiceStart {
            service: service.parse::<ServiceName>()?.to_string(),
        },
        Verb::ServiceStop { service } => Verb::ServiceStop {
            service: service.parse::<ServiceName>()?.to_string(),
        },
        Verb::ServiceRestart { service } => Verb::ServiceRestart {
            service: service.parse::<ServiceName>()?.to_string(),
        },
    }))
}

/// Whether `command` is written in its canonical form already.
///
/// # Errors
/// A sentence that says what the form would be, or why there is none.
pub fn check_canonical(command: &Command) -> Result<(), NameError> {
    let form = canonical(command)?;
    if form == *command {
        return Ok(());
    }
    Err(NameError::about(
        &command.to_string(),
        format!("is not in its one form, which is \"{form}\"."),
    ))
}

/// What every kind of name is refused for.
pub(crate) fn check_text(name: &str) -> Result<(), NameError> {
    let refuse = |why: &str| Err(NameError::about(name, why));
    if name.is_empty() {
        return refuse("names nothing.");
    }
    if name.len() > LIMITS.name {
        return refuse("is too long for a name.");
    }
    if name.chars().any(char::is_control) {
        return refuse("holds a control character.");
    }
    if name.chars().any(escape::is_hidden) {
        return refuse("holds a character that can't be seen.");
    }
    Ok(())
}

/// The name of a registry value: any text that can be seen, as it is spelt. No scope names values, so it may hold a `*` (as
/// the value for "all" does in some settings).
fn check_value_name(value: &str) -> Result<(), NameError> {
    let refuse = |why: &str| Err(NameError::about(value, why));
    // The registry's limit is 16,383 characters; the one for names is below it.
    if value.chars().any(escape::is_hidden) {
        return refuse("holds a character that can't be seen.");
    }
    if value.starts_with(' ') || value.ends_with(' ') {
        return refuse("starts or ends with a space, which can't be seen.");
    }
    Ok(())
}

/// The `*` rule of every kind of name: refused in names; in patterns, no two in a row.
fn check_stars(whole: &str, segment: &str, reading: Reading) -> Result<(), NameError> {
    if reading == Reading::Name && segment.contains('*') {
        return Err(NameError::about(
            whole,
            "holds a *, which stands for many names. Name one.",
        ));
    }
    if segment.contains("**") {
        return Err(NameError::about(
            whole,
            "holds ** where it can't stand: only alone, as the last part, after a folder.",
        ));
    }
    Ok(())
}

macro_rules! written_as_text {
    ($($name:ident),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

written_as_text!(FilePath, HostName, HostPort, LogName, RegistryKey, ServiceName);
