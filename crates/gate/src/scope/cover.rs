//! Which commands a scope covers, and which scopes lie within it.

use domain::action::{Command, Verb};

use super::pattern::{KeyPattern, PathPattern};
use super::{Kind, Scope};
use crate::glob::Pattern;
use crate::name::{self, FilePath, HostPort, LogName, NameError, RegistryKey};

/// Why a command is outside a scope: a sentence for the people it concerns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Miss {
    /// Another verb was approved.
    #[error("{asked} is not covered; what was approved is {approved}.")]
    Verb {
        /// The command's verb.
        asked: &'static str,
        /// The scope's verb.
        approved: &'static str,
    },
    /// What it names lies outside.
    #[error("{asked} lies outside {approved}.")]
    Target {
        /// What the command names.
        asked: String,
        /// The scope.
        approved: String,
    },
    /// It asks for more than the limit.
    #[error("It asks for {asked} {unit}; at most {most} were approved.")]
    Limit {
        /// How many the command asks for.
        asked: u32,
        /// How many the scope allows.
        most: u32,
        /// Of what: `lines` or `minutes`.
        unit: &'static str,
    },
    /// Another script was approved, or other bytes of it.
    #[error("This script is not the one that was approved, byte for byte.")]
    OtherScript,
    /// A name in the command has no canonical form, or is not written in it.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Scope {
    /// Whether `command` is covered.
    ///
    /// # Errors
    /// What is outside.
    pub fn covers(&self, command: &Command) -> Result<(), Miss> {
        name::check_canonical(command)?;
        let verb = match command {
            Command::Verb(verb) => verb,
            Command::Script(_) => {
                let Kind::Script(digest) = &self.0 else {
                    return Err(self.other_verb("script"));
                };
                return if *digest == command.digest() {
                    Ok(())
                } else {
                    Err(Miss::OtherScript)
                };
            }
        };
        match (verb, &self.0) {
            (Verb::SystemInfo, Kind::SystemInfo)
            | (Verb::ProcessList, Kind::ProcessList)
            | (Verb::DiskUsage, Kind::DiskUsage)
            | (Verb::NetConfig, Kind::NetConfig)
            | (Verb::ServiceList, Kind::ServiceList) => Ok(()),
            (Verb::FileRead { path } | Verb::FileTail { path, .. }, Kind::FileRead(_) | Kind::FileTail { .. }) => {
                self.covers_path(verb.name(), &path.parse()?)?;
                self.within_limit(verb)
            }
            (Verb::LogRead { log, .. }, Kind::LogRead { logs, .. }) => {
                let name: LogName = log.parse()?;
                self.hit(logs.iter().any(|p| p.covers(&name.segments)), log)?;
                self.within_limit(verb)
            }
            (Verb::RegistryRead { key }, Kind::RegistryRead(_))
            | (Verb::RegistryWrite { key, .. }, Kind::RegistryWrite(_)) => self.covers_key(verb.name(), &key.parse()?),
            (Verb::NetProbe { host, port }, Kind::NetProbe(hosts))
            | (Verb::NetTls { host, port }, Kind::NetTls(hosts)) => {
                let asked = HostPort {
                    host: host.parse()?,
                    port: *port,
                };
                self.hit(hosts.contains(&asked), &asked.to_string())
            }
            (Verb::ServiceStatus { service }, Kind::ServiceStatus(names))
            | (Verb::ServiceStart { service }, Kind::ServiceStart(names))
            | (Verb::ServiceStop { service }, Kind::ServiceStop(names))
            | (Verb::ServiceRestart { service }, Kind::ServiceRestart(names)) => {
                let name = std::slice::from_ref(service);
                self.hit(names.iter().any(|p| p.covers(name)), service)
            }
            _ => Err(self.other_verb(verb.name())),
        }
    }

    /// Whether `verb` (`file.read` or `file.tail`) on `path` is covered, limits apart. The agent asks this again with the
    /// path that the live system resolved, after [`Scope::covers`] said yes to the command.
    ///
    /// # Errors
    /// What is outside.
    pub fn covers_path(&self, verb: &'static str, path: &FilePath) -> Result<(), Miss> {
        let paths = match (verb, &self.0) {
            ("file.read" | "file.tail", Kind::FileRead(paths)) | ("file.tail", Kind::FileTail { paths, .. }) => paths,
            _ => return Err(self.other_verb(verb)),
        };
        self.hit(paths.iter().any(|p| p.covers(path)), &path.to_string())
    }

    /// Whether `verb` (`registry.read` or `registry.write`) on `key` is covered. The agent asks this again with the key that
    /// the live system resolved, after [`Scope::covers`] said yes to the command.
    ///
    /// # Errors
    /// What is outside.
    pub fn covers_key(&self, verb: &'static str, key: &RegistryKey) -> Result<(), Miss> {
        let keys = match (verb, &self.0) {
            ("registry.read", Kind::RegistryRead(keys)) | ("registry.write", Kind::RegistryWrite(keys)) => keys,
            _ => return Err(self.other_verb(verb)),
        };
        self.hit(keys.iter().any(|p| p.covers(key)), &key.to_string())
    }

    /// Whether everything that `self` covers, `wider` covers too. Sound: `true` is a proof. `false` may also mean that only
    /// several patterns of `wider` together would cover one of `self`'s.
    pub fn is_subset_of(&self, wider: &Self) -> bool {
        match (&self.0, &wider.0) {
            (Kind::FileRead(a) | Kind::FileTail { paths: a, .. }, Kind::FileRead(b)) => {
                all_in(a, b, PathPattern::includes)
            }
            (Kind::FileTail { paths: a, lines: m }, Kind::FileTail { paths: b, lines: n }) => {
                all_in(a, b, PathPattern::includes) && within(*m, *n)
            }
            (
                Kind::LogRead {
                    logs: a,
                    since_minutes: m,
                },
                Kind::LogRead {
                    logs: b,
                    since_minutes: n,
                },
            ) => all_in(a, b, Pattern::includes) && within(*m, *n),
            (Kind::RegistryRead(a), Kind::RegistryRead(b)) | (Kind::RegistryWrite(a), Kind::RegistryWrite(b)) => {
                all_in(a, b, KeyPattern::includes)
            }
            (Kind::NetProbe(a), Kind::NetProbe(b)) | (Kind::NetTls(a), Kind::NetTls(b)) => all_in(a, b, HostPort::eq),
            (Kind::ServiceStatus(a), Kind::ServiceStatus(b))
            | (Kind::ServiceStart(a), Kind::ServiceStart(b))
            | (Kind::ServiceStop(a), Kind::ServiceStop(b))
            | (Kind::ServiceRestart(a), Kind::ServiceRestart(b)) => all_in(a, b, Pattern::includes),
            (a, b) => a == b,
        }
    }

    /// Whether the two touch a common thing, limits apart; reading and tailing a file touch the same thing, and so do a TCP
    /// and a TLS connection to one port. A denial uses this, since a denial that misses is the worse error.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (
                Kind::FileRead(a) | Kind::FileTail { paths: a, .. },
                Kind::FileRead(b) | Kind::FileTail { paths: b, .. },
            ) => any_meet(a, b, PathPattern::overlaps),
            (Kind::LogRead { logs: a, .. }, Kind::LogRead { logs: b, .. })
            | (Kind::ServiceStatus(a), Kind::ServiceStatus(b))
            | (Kind::ServiceStart(a), Kind::ServiceStart(b))
            | (Kind::ServiceStop(a), Kind::ServiceStop(b))
            | (Kind::ServiceRestart(a), Kind::ServiceRestart(b)) => any_meet(a, b, Pattern::overlaps),
            (Kind::RegistryRead(a), Kind::RegistryRead(b)) | (Kind::RegistryWrite(a), Kind::RegistryWrite(b)) => {
                any_meet(a, b, KeyPattern::overlaps)
            }
            (Kind::NetProbe(a) | Kind::NetTls(a), Kind::NetProbe(b) | Kind::NetTls(b)) => any_meet(a, b, HostPort::eq),
            (a, b) => a == b,
        }
    }

    /// The hosts that it connects to, when it is about connections.
    pub(crate) fn connects(&self) -> Option<&[HostPort]> {
        if let Kind::NetProbe(hosts) | Kind::NetTls(hosts) = &self.0 {
            Some(hosts)
        } else {
            None
        }
    }

    fn hit(&self, hit: bool, asked: &str) -> Result<(), Miss> {
        if hit {
            Ok(())
        } else {
            Err(Miss::Target {
                asked: asked.to_owned(),
                approved: self.to_string(),
            })
        }
    }

    fn within_limit(&self, verb: &Verb) -> Result<(), Miss> {
        let (asked, most, unit) = match (verb, &self.0) {
            (Verb::FileTail { lines, .. }, Kind::FileTail { lines: Some(most), .. }) => (*lines, *most, "lines"),
            (
                Verb::LogRead { since_minutes, .. },
                Kind::LogRead {
                    since_minutes: Some(most),
                    ..
                },
            ) => (*since_minutes, *most, "minutes"),
            _ => return Ok(()),
        };
        if asked <= most {
            Ok(())
        } else {
            Err(Miss::Limit { asked, most, unit })
        }
    }

    fn other_verb(&self, asked: &'static str) -> Miss {
        Miss::Verb {
            asked,
            approved: self.verb(),
        }
    }
}

fn all_in<T>(narrow: &[T], wide: &[T], includes: impl Fn(&T, &T) -> bool) -> bool {
    narrow.iter().all(|a| wide.iter().any(|b| includes(b, a)))
}

fn any_meet<T>(a: &[T], b: &[T], meet: impl Fn(&T, &T) -> bool) -> bool {
    a.iter().any(|x| b.iter().any(|y| meet(x, y)))
}

/// Whether the limit `narrow` is at most `wide`; none is the widest.
fn within(narrow: Option<u32>, wide: Option<u32>) -> bool {
    match (narrow, wide) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => a <= b,
    }
}
