//! Commands: verbs, which the agent's own code runs and whose scope can be checked, and scripts, which are authorised only
//! as exact bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::digest::Digest;

/// One thing to do on the endpoint, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A typed verb.
    Verb(Verb),
    /// A script's exact bytes.
    Script(Script),
}

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
    /// Whether a TCP port answers.
    #[serde(rename = "net.probe")]
    NetProbe {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// State of a service.
    #[serde(rename = "service.status")]
    ServiceStatus {
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

/// The shell that runs a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shell {
    /// The POSIX shell.
    Sh,
    /// PowerShell 7.
    Pwsh,
}

/// A script: authorised as these bytes, for this shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The shell.
    pub shell: Shell,
    /// The text, run as it stands.
    pub text: String,
}

/// The largest sizes that a command may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a script's text.
    pub script: usize,
    /// Bytes of a path, host, log or service name.
    pub name: usize,
    /// Lines that `file.tail` gives.
    pub lines: u32,
    /// Minutes that `log.read` looks back.
    pub since_minutes: u32,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    script: 64 * 1024,
    name: 4096,
    lines: 100_000,
    since_minutes: 60 * 24 * 31,
};

impl Shell {
    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Pwsh => "pwsh",
        }
    }
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
            Self::NetProbe { .. } => "net.probe",
            Self::ServiceStatus { .. } => "service.status",
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
            Self::NetProbe { host, port } => {
                format!("Opens a connection to {host}, port {port}, and closes it. Sends no data.")
            }
            Self::ServiceStatus { service } => format!("Reads the state of the service {service}. Changes nothing."),
            Self::ServiceRestart { service } => {
                format!("Stops the service {service} and starts it again. What depends on it is interrupted.")
            }
        }
    }
}

impl Command {
    /// `file.read`, or `script` for a script.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verb(v) => v.name(),
            Self::Script(_) => "script",
        }
    }

    /// The word by which an agent says that it can do this: `verb:file.read`, `shell:sh`.
    pub fn capability(&self) -> String {
        match self {
            Self::Verb(v) => format!("verb:{}", v.name()),
            Self::Script(s) => format!("shell:{}", s.shell.word()),
        }
    }

    /// SHA-256 of the command's canonical JSON: what an authorisation binds to.
    pub fn digest(&self) -> Digest {
        // A command holds only strings and small integers, so it always has a canonical form.
        Digest::of(&[
            b"countersign command v1\n",
            &canonical::to_vec(self).unwrap_or_default(),
        ])
    }

    /// What it reaches, in plain words.
    pub fn reach(&self) -> String {
        match self {
            Self::Verb(v) => v.reach(),
            Self::Script(s) => format!(
                "Runs this {} script with everything that the agent's account may do. Only these exact bytes are allowed.",
                s.shell.word()
            ),
        }
    }

    /// The strings in it that came from a person: what must be free of sensitive values and within the limits.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Verb(Verb::SystemInfo | Verb::ProcessList | Verb::DiskUsage) => vec![],
            Self::Verb(Verb::FileRead { path } | Verb::FileTail { path, .. }) => vec![path],
            Self::Verb(Verb::LogRead { log, .. }) => vec![log],
            Self::Verb(Verb::NetProbe { host, .. }) => vec![host],
            Self::Verb(Verb::ServiceStatus { service } | Verb::ServiceRestart { service }) => vec![service],
            Self::Script(s) => vec![&s.text],
        }
    }

    /// Whether every part is present and within [`LIMITS`]; otherwise what is wrong, for the person who typed it.
    ///
    /// # Errors
    /// A sentence saying what to change.
    pub fn check_limits(&self) -> Result<(), String> {
        for text in self.texts() {
            let (what, most) = match self {
                Self::Script(_) => ("The script", LIMITS.script),
                Self::Verb(_) => ("The name or path", LIMITS.name),
            };
            if text.trim().is_empty() {
                return Err(format!("{what} is empty."));
            }
            if text.len() > most {
                return Err(format!("{what} has {} bytes; at most {most} are taken.", text.len()));
            }
            if matches!(self, Self::Verb(_)) && text.chars().any(char::is_control) {
                return Err(format!("{what} holds a control character."));
            }
        }
        match self {
            Self::Verb(Verb::FileTail { lines, .. }) if *lines == 0 || *lines > LIMITS.lines => {
                Err(format!("Ask for 1 to {} lines.", LIMITS.lines))
            }
            Self::Verb(Verb::LogRead { since_minutes, .. })
                if *since_minutes == 0 || *since_minutes > LIMITS.since_minutes =>
            {
                Err(format!("Ask for 1 to {} minutes.", LIMITS.since_minutes))
            }
            Self::Verb(Verb::NetProbe { port: 0, .. }) => Err("Ask for a port from 1 to 65535.".into()),
            Self::Verb(_) | Self::Script(_) => Ok(()),
        }
    }
}

/// One line for lists: `file.read /etc/hosts`, `script (sh) systemctl list-timers …`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(v) => {
                f.write_str(v.name())?;
                match v {
                    Verb::SystemInfo | Verb::ProcessList | Verb::DiskUsage => Ok(()),
                    Verb::FileRead { path } => write!(f, " {path}"),
                    Verb::FileTail { path, lines } => write!(f, " {path} (last {lines} lines)"),
                    Verb::LogRead { log, since_minutes } => write!(f, " {log} (last {since_minutes} min)"),
                    Verb::NetProbe { host, port } => write!(f, " {host}:{port}"),
                    Verb::ServiceStatus { service } | Verb::ServiceRestart { service } => write!(f, " {service}"),
                }
            }
            Self::Script(s) => write!(f, "{}: {}", s.shell.word(), s.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_back_and_unknown_fields_are_refused() {
        let c = Command::Verb(Verb::FileTail {
            path: "/var/log/syslog".into(),
            lines: 20,
        });
        let json = canonical::to_string(&c).unwrap();
        assert_eq!(
            json,
            r#"{"verb":{"lines":20,"name":"file.tail","path":"/var/log/syslog"}}"#
        );
        assert_eq!(serde_json::from_str::<Command>(&json).unwrap(), c);
        assert!(serde_json::from_str::<Command>(r#"{"script":{"shell":"sh","text":"id","extra":1}}"#).is_err());
    }

    /// R10: any other byte is another command.
    #[test]
    fn the_digest_changes_with_every_part() {
        let base = Command::Script(Script {
            shell: Shell::Sh,
            text: "id".into(),
        });
        for other in [
            Command::Script(Script {
                shell: Shell::Sh,
                text: "id ".into(),
            }),
            Command::Script(Script {
                shell: Shell::Pwsh,
                text: "id".into(),
            }),
            Command::Verb(Verb::ServiceStatus { service: "id".into() }),
        ] {
            assert_ne!(base.digest(), other.digest());
        }
    }

    #[test]
    fn limits_say_what_to_change() {
        let long = Command::Script(Script {
            shell: Shell::Sh,
            text: "x".repeat(LIMITS.script + 1),
        });
        assert_eq!(
            long.check_limits(),
            Err("The script has 65537 bytes; at most 65536 are taken.".into())
        );
        assert!(
            Command::Verb(Verb::FileRead {
                path: "/etc/\nhosts".into()
            })
            .check_limits()
            .is_err()
        );
        assert!(
            Command::Verb(Verb::FileTail {
                path: "/etc/hosts".into(),
                lines: 0
            })
            .check_limits()
            .is_err()
        );
        assert!(
            Command::Verb(Verb::NetProbe {
                host: "h".into(),
                port: 0
            })
            .check_limits()
            .is_err()
        );
        assert!(Command::Verb(Verb::SystemInfo).check_limits().is_ok());
    }
}
