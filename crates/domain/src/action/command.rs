//! Commands: verbs, which the agent's own code runs and whose scope can be checked, and scripts, which are authorised only
//! as exact bytes.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Verb;
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

/// The shell that runs a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shell {
    /// The POSIX shell.
    Sh,
    /// PowerShell 7.
    Pwsh,
    /// Windows PowerShell 5.1.
    Powershell,
    /// The command processor of Windows.
    Cmd,
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
    /// Bytes of a path, host, log, key, value or service name.
    pub name: usize,
    /// Bytes of the data that `registry.write` sets, as written.
    pub data: usize,
    /// Lines that `file.tail` gives.
    pub lines: u32,
    /// Minutes that `log.read` looks back.
    pub since_minutes: u32,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    script: 64 * 1024,
    name: 4096,
    data: 16 * 1024,
    lines: 100_000,
    since_minutes: 60 * 24 * 31,
};

impl Shell {
    /// Every shell, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Sh, Self::Pwsh, Self::Powershell, Self::Cmd];

    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Pwsh => "pwsh",
            Self::Powershell => "powershell",
            Self::Cmd => "cmd",
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

    /// The texts in it that came from a person: what must be free of sensitive values.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Verb(verb) => verb.texts(),
            Self::Script(script) => vec![(&script.text).into()],
        }
    }

    /// Whether every part is present and within [`LIMITS`]; otherwise what is wrong, for the person who typed it.
    ///
    /// # Errors
    /// A sentence saying what to change.
    pub fn check_limits(&self) -> Result<(), String> {
        let text = match self {
            Self::Verb(verb) => return verb.check_limits(),
            Self::Script(script) => &script.text,
        };
        if text.trim().is_empty() {
            return Err("The script is empty.".into());
        }
        if text.len() > LIMITS.script {
            return Err(format!(
                "The script has {} bytes; at most {} are taken.",
                text.len(),
                LIMITS.script
            ));
        }
        Ok(())
    }
}

/// One line for lists: `file.read /etc/hosts`, `sh: systemctl list-timers`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(verb) => verb.fmt(f),
            Self::Script(s) => write!(f, "{}: {}", s.shell.word(), s.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::RegistryData;

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

    /// R10: the bytes of what could be asked before other verbs came stay as they were.
    #[test]
    fn every_command_has_its_one_form_in_json() {
        let verb = |v: Verb| Command::Verb(v);
        let script = |shell, text: &str| {
            Command::Script(Script {
                shell,
                text: text.into(),
            })
        };
        let (key, service) = (|| r"HKLM\software\pos".to_owned(), || "POSPrint".to_owned());
        for (command, json, line) in [
            (
                verb(Verb::FileRead { path: "/a".into() }),
                r#"{"verb":{"name":"file.read","path":"/a"}}"#,
                "file.read /a",
            ),
            (
                verb(Verb::NetProbe {
                    host: "h".into(),
                    port: 1,
                }),
                r#"{"verb":{"host":"h","name":"net.probe","port":1}}"#,
                "net.probe h:1",
            ),
            (
                verb(Verb::NetTls {
                    host: "h".into(),
                    port: 1,
                }),
                r#"{"verb":{"host":"h","name":"net.tls","port":1}}"#,
                "net.tls h:1",
            ),
            (verb(Verb::NetConfig), r#"{"verb":{"name":"net.config"}}"#, "net.config"),
            (
                verb(Verb::ServiceList),
                r#"{"verb":{"name":"service.list"}}"#,
                "service.list",
            ),
            (
                verb(Verb::ServiceStart { service: service() }),
                r#"{"verb":{"name":"service.start","service":"POSPrint"}}"#,
                "service.start POSPrint",
            ),
            (
                verb(Verb::ServiceStop { service: service() }),
                r#"{"verb":{"name":"service.stop","service":"POSPrint"}}"#,
                "service.stop POSPrint",
            ),
            (
                verb(Verb::RegistryRead { key: key() }),
                r#"{"verb":{"key":"HKLM\\software\\pos","name":"registry.read"}}"#,
                r"registry.read HKLM\software\pos",
            ),
            (
                verb(Verb::RegistryWrite {
                    key: key(),
                    value: "Port".into(),
                    data: RegistryData::Dword(5),
                }),
                r#"{"verb":{"data":{"dword":5},"key":"HKLM\\software\\pos","name":"registry.write","value":"Port"}}"#,
                r#"registry.write HKLM\software\pos "Port" = dword 5"#,
            ),
            (
                verb(Verb::RegistryWrite {
                    key: key(),
                    value: String::new(),
                    data: RegistryData::MultiSz(vec![]),
                }),
                r#"{"verb":{"data":{"multi_sz":[]},"key":"HKLM\\software\\pos","name":"registry.write","value":""}}"#,
                r"registry.write HKLM\software\pos (default) = multi_sz",
            ),
            (
                script(Shell::Sh, "id"),
                r#"{"script":{"shell":"sh","text":"id"}}"#,
                "sh: id",
            ),
            (
                script(Shell::Pwsh, "id"),
                r#"{"script":{"shell":"pwsh","text":"id"}}"#,
                "pwsh: id",
            ),
            (
                script(Shell::Powershell, "id"),
                r#"{"script":{"shell":"powershell","text":"id"}}"#,
                "powershell: id",
            ),
            (
                script(Shell::Cmd, "id"),
                r#"{"script":{"shell":"cmd","text":"id"}}"#,
                "cmd: id",
            ),
        ] {
            assert_eq!(canonical::to_string(&command).unwrap(), json);
            assert_eq!(serde_json::from_str::<Command>(json).unwrap(), command);
            assert_eq!(command.to_string(), line);
            assert!(!command.reach().is_empty());
        }
        assert!(
            serde_json::from_str::<Command>(r#"{"verb":{"name":"registry.read","key":"HKLM","value":"x"}}"#).is_err()
        );
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
        let write = |value: &str, data| {
            Command::Verb(Verb::RegistryWrite {
                key: "HKLM".into(),
                value: value.into(),
                data,
            })
        };
        assert!(write("", RegistryData::Dword(0)).check_limits().is_ok());
        assert!(write("a\nb", RegistryData::Dword(0)).check_limits().is_err());
        assert!(write("a", RegistryData::Binary("f".into())).check_limits().is_err());
        assert!(Command::Verb(Verb::SystemInfo).check_limits().is_ok());
    }

    /// R36: everything that a person typed is looked through, numbers too.
    #[test]
    fn no_text_of_a_registry_write_is_left_out() {
        let write = Command::Verb(Verb::RegistryWrite {
            key: "HKLM".into(),
            value: "a".into(),
            data: RegistryData::Qword(4711),
        });
        assert_eq!(write.texts(), ["HKLM", "a", "4711"]);
    }
}
