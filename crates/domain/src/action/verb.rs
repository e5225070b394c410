//! Verbs: what the agent's own code does, each with its parameters.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::LIMITS;
use super::registry::{RegistryData, quoted};

/// A typed verb with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", deny_unknown_fields)]
pub enum Verb {
    /// Operating system, uptime, processors, memory.
    #[serde(rename = "system.info")]
    SystemInfo,
    /// Running processes.
    #[serde(rename = "process.list")]
    ProcessList,
    /// Mounted file systems and the space on them.
    #[serde(rename = "disk.usage")]
    DiskUsage,
    /// A whole file.
    #[serde(rename = "file.read")]
    FileRead {
        /// Absolute path.
        path: String,
    },
    /// The last lines of a file.
    #[serde(rename = "file.tail")]
    FileTail {
        /// Absolute path.
        path: String,
        /// How many lines.
        lines: u32,
    },
    /// Entries of a log: a systemd unit, or a file's name below the system's log folder, or a Windows event log.
    #[serde(rename = "log.read")]
    LogRead {
        /// The log's name.
        log: String,
        /// How far back, in minutes.
        since_minutes: u32,
    },
    /// The values of one key of the Windows registry, and the names of its subkeys.
    #[serde(rename = "registry.read")]
    RegistryRead {
        /// The key, from its hive: `HKLM\software\vendor`.
        key: String,
    },
    /// Sets one value of a key that exists; shows what stood there before and after.
    #[serde(rename = "registry.write")]
    RegistryWrite {
        /// The key, from its hive.
        key: String,
        /// The value's name; empty for the key's default value.
        value: String,
        /// What it is set to.
        data: RegistryData,
    },
    /// Adapters, addresses, routers, name servers.
    #[serde(rename = "net.config")]
    NetConfig,
    /// Whether a TCP port answers. Sends no data.
    #[serde(rename = "net.probe")]
    NetProbe {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A TLS handshake: which version, which certificates, whether they are trusted. Sends what a handshake needs.
    #[serde(rename = "net.tls")]
    NetTls {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// All services and their states.
    #[serde(rename = "service.list")]
    ServiceList,
    /// State of a service.
    #[serde(rename = "service.status")]
    ServiceStatus {
        /// The service's name.
        service: String,
    },
    /// Start a service.
    #[serde(rename = "service.start")]
    ServiceStart {
        /// The service's name.
        service: String,
    },
    /// Stop a service.
    #[serde(rename = "service.stop")]
    ServiceStop {
        /// The service's name.
        service: String,
    },
    /// Stop and start a service.
    #[serde(rename = "service.restart")]
    ServiceRestart {
        /// The service's name.
        service: String,
    },
}

impl Verb {
    /// The verb's name, such as `file.read`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SystemInfo => "system.info",
            Self::ProcessList => "process.list",
            Self::DiskUsage => "disk.usage",
            Self::FileRead { .. } => "file.read",
            Self::FileTail { .. } => "file.tail",
            Self::LogRead { .. } => "log.read",
            Self::RegistryRead { .. } => "registry.read",
            Self::RegistryWrite { .. } => "registry.write",
            Self::NetConfig => "net.config",
            Self::NetProbe { .. } => "net.probe",
            Self::NetTls { .. } => "net.tls",
            Self::ServiceList => "service.list",
            Self::ServiceStatus { .. } => "service.status",
            Self::ServiceStart { .. } => "service.start",
            Self::ServiceStop { .. } => "service.stop",
            Self::ServiceRestart { .. } => "service.restart",
        }
    }

    /// What it reaches, in plain words.
    pub fn reach(&self) -> String {
        match self {
            Self::SystemInfo => {
                "Reads the operating system's version, uptime, processors and memory. Changes nothing.".into()
            }
            Self::ProcessList => "Reads the names, owners and load of running processes. Changes nothing.".into(),
            Self::DiskUsage => "Reads how full the disks are. Changes nothing.".into(),
            Self::FileRead { path } => format!("Reads the whole file {path}. Changes nothing."),
            Self::FileTail { path, lines } => format!("Reads the last {lines} lines of {path}. Changes nothing."),
            Self::LogRead { log, since_minutes } => {
                format!("Reads the log {log} of the last {since_minutes} minutes. Changes nothing.")
            }
            Self::RegistryRead { key } => {
                format!("Reads the values of the registry key {key} and the names of its subkeys. Changes nothing.")
            }
            Self::RegistryWrite { key, value, data } => {
                let value = match value.as_str() {
                    "" => "default value".into(),
                    named => format!("value {}", quoted(named)),
                };
                format!(
                    "Sets the {value} of the registry key {key} to {data}. What stood there before is shown and replaced."
                )
            }
            Self::NetConfig => {
                "Reads the network adapters, addresses, routers and name servers. Changes nothing.".into()
            }
            Self::NetProbe { host, port } => {
                format!("Opens a connection to {host}, port {port}, and closes it. Sends no data.")
            }
            Self::NetTls { host, port } => format!(
                "Opens a connection to {host}, port {port}, asks for its certificates by a TLS handshake, and closes it. Sends nothing but the handshake."
            ),
            Self::ServiceList => "Reads the names and states of all services. Changes nothing.".into(),
            Self::ServiceStatus { service } => format!("Reads the state of the service {service}. Changes nothing."),
            Self::ServiceStart { service } => {
                format!("Starts the service {service}, and what it needs in order to run.")
            }
            Self::ServiceStop { service } => {
                format!("Stops the service {service}. What depends on it stops working until it is started again.")
            }
            Self::ServiceRestart { service } => {
                format!("Stops the service {service} and starts it again. What depends on it is interrupted.")
            }
        }
    }

    /// What a registry write sets, as `"Port" = dword 5` or `(default) = sz "text"`; nothing for other verbs.
    pub fn setting(&self) -> Option<String> {
        let Self::RegistryWrite { value, data, .. } = self else {
            return None;
        };
        let value = if value.is_empty() {
            "(default)".into()
        } else {
            quoted(value)
        };
        Some(format!("{value} = {data}"))
    }

    /// The name of what it acts on, where it has one.
    fn target(&self) -> Option<&str> {
        match self {
            Self::SystemInfo | Self::ProcessList | Self::DiskUsage | Self::NetConfig | Self::ServiceList => None,
            Self::FileRead { path } | Self::FileTail { path, .. } => Some(path),
            Self::LogRead { log, .. } => Some(log),
            Self::RegistryRead { key } | Self::RegistryWrite { key, .. } => Some(key),
            Self::NetProbe { host, .. } | Self::NetTls { host, .. } => Some(host),
            Self::ServiceStatus { service }
            | Self::ServiceStart { service }
            | Self::ServiceStop { service }
            | Self::ServiceRestart { service } => Some(service),
        }
    }

    /// The texts in it that came from a person.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        let mut texts: Vec<Cow<'_, str>> = self.target().map(Into::into).into_iter().collect();
        if let Self::RegistryWrite { value, data, .. } = self {
            texts.push(value.into());
            texts.extend(data.texts());
        }
        texts
    }

    /// Whether every part is present and within [`LIMITS`].
    ///
    /// # Errors
    /// A sentence saying what to change.
    pub(super) fn check_limits(&self) -> Result<(), String> {
        if let Some(name) = self.target() {
            if name.trim().is_empty() {
                return Err("The name or path is empty.".into());
            }
            check_name("The name or path", name)?;
        }
        match self {
            Self::FileTail { lines, .. } if *lines == 0 || *lines > LIMITS.lines => {
                Err(format!("Ask for 1 to {} lines.", LIMITS.lines))
            }
            Self::LogRead { since_minutes, .. } if *since_minutes == 0 || *since_minutes > LIMITS.since_minutes => {
                Err(format!("Ask for 1 to {} minutes.", LIMITS.since_minutes))
            }
            Self::NetProbe { port, .. } | Self::NetTls { port, .. } if *port == 0 => {
                Err("Ask for a port from 1 to 65535.".into())
            }
            Self::RegistryWrite { value, data, .. } => {
                check_name("The value's name", value)?;
                data.check()
            }
            Self::SystemInfo
            | Self::ProcessList
            | Self::DiskUsage
            | Self::FileRead { .. }
            | Self::FileTail { .. }
            | Self::LogRead { .. }
            | Self::RegistryRead { .. }
            | Self::NetConfig
            | Self::NetProbe { .. }
            | Self::NetTls { .. }
            | Self::ServiceList
            | Self::ServiceStatus { .. }
            | Self::ServiceStart { .. }
            | Self::ServiceStop { .. }
            | Self::ServiceRestart { .. } => Ok(()),
        }
    }
}

fn check_name(what: &str, name: &str) -> Result<(), String> {
    if name.len() > LIMITS.name {
        return Err(format!(
            "{what} has {} bytes; at most {} are taken.",
            name.len(),
            LIMITS.name
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(format!("{what} holds a control character."));
    }
    Ok(())
}

/// One line for lists: `file.tail /etc/hosts (last 5 lines)`, `registry.write HKLM\software\pos "Port" = dword 5`.
impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Some(target) = self.target() {
            write!(f, " {target}")?;
        }
        match self {
            Self::FileTail { lines, .. } => write!(f, " (last {lines} lines)"),
            Self::LogRead { since_minutes, .. } => write!(f, " (last {since_minutes} min)"),
            Self::NetProbe { port, .. } | Self::NetTls { port, .. } => write!(f, ":{port}"),
            Self::RegistryWrite { .. } => write!(f, " {}", self.setting().unwrap_or_default()),
            Self::SystemInfo
            | Self::ProcessList
            | Self::DiskUsage
            | Self::FileRead { .. }
            | Self::RegistryRead { .. }
            | Self::NetConfig
            | Self::ServiceList
            | Self::ServiceStatus { .. }
            | Self::ServiceStart { .. }
            | Self::ServiceStop { .. }
            | Self::ServiceRestart { .. } => Ok(()),
        }
    }
}
