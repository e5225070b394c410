//! Scopes: what an approval covers, as `verb("pattern", …){limit}` (R20, R21).
//!
//! | scope | covers |
//! |---|---|
//! | `system.info`, `process.list`, `disk.usage`, `net.config`, `service.list` | as named |
//! | `file.read("/etc/pos/**")` | reading those files, and tailing them, which reveals less |
//! | `file.tail("/var/log/pos/*.log"){lines=500}` | the last lines, at most so many |
//! | `log.read("cups"){since=24h}` | a log, at most so far back (`m`, `h` or `d`) |
//! | `registry.read("HKLM\software\vendor\**")` | the values of those keys and the names of their subkeys |
//! | `registry.write("HKLM\software\vendor\pos")` | setting any value of those keys; writing doesn't include reading |
//! | `net.probe("gw.example.com:443")`, `net.tls("gw.example.com:443")` | exactly these hosts and ports |
//! | `service.status("cups")`, `service.restart("cups", "bluetooth")`, also `service.start`, `service.stop` | these services; restarting doesn't include the status, nor starting and stopping |
//! | `script(<SHA-256>)` | exactly the script whose [`Command::digest`] this is: its bytes and its shell |
//!
//! `*` stands for any characters within one part of a name, leading dots included; a final `**` for everything below and
//! the folder itself. A scope exists only in its canonical form: patterns canonical, sorted, without repetition. Commands
//! are compared in theirs; one that is not written canonically is a miss, so that what was compared is what runs.
//!
//! Deliberately absent: scopes over several verbs. One request asks for one kind of thing, so that one glance decides it.

mod cover;
mod pattern;
mod reach;
mod text;

pub use cover::Miss;

use domain::action::{Command, Verb};
use domain::digest::Digest;

use crate::glob::Pattern;
use crate::name::{self, FilePath, HostPort, LogName, NameError, RegistryKey, ServiceName};
use pattern::{KeyPattern, PathPattern};

/// The most patterns that one scope lists.
pub const MOST_PATTERNS: usize = 64;

/// Every verb that a scope can name, beside `script`.
pub const VERBS: &[&str] = &[
    "system.info",
    "process.list",
    "disk.usage",
    "file.read",
    "file.tail",
    "log.read",
    "registry.read",
    "registry.write",
    "net.config",
    "net.probe",
    "net.tls",
    "service.list",
    "service.status",
    "service.start",
    "service.stop",
    "service.restart",
];

/// What an approval covers. See the module's documentation for the grammar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(pub(crate) Kind);

/// The forms of a scope. Lists are sorted, without repetition, and never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    SystemInfo,
    ProcessList,
    DiskUsage,
    FileRead(Vec<PathPattern>),
    FileTail {
        paths: Vec<PathPattern>,
        lines: Option<u32>,
    },
    LogRead {
        logs: Vec<Pattern>,
        since_minutes: Option<u32>,
    },
    RegistryRead(Vec<KeyPattern>),
    RegistryWrite(Vec<KeyPattern>),
    NetConfig,
    NetProbe(Vec<HostPort>),
    NetTls(Vec<HostPort>),
    ServiceList,
    ServiceStatus(Vec<Pattern>),
    ServiceStart(Vec<Pattern>),
    ServiceStop(Vec<Pattern>),
    ServiceRestart(Vec<Pattern>),
    Script(Digest),
}

/// Why a text is not a scope: a sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The text is not of the form `verb("pattern"){limit}`.
    #[error("{0}")]
    Form(String),
    /// A pattern has no canonical form.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Scope {
    /// The narrowest scope of `command`: what it names, within its own limits. For a registry write that is its key; which
    /// value is set to what, an approval of the command itself pins by the command's digest.
    ///
    /// # Errors
    /// When the command is not written canonically (see [`name::canonical`]).
    pub fn exactly(command: &Command) -> Result<Self, NameError> {
        name::check_canonical(command)?;
        let Command::Verb(verb) = command else {
            return Ok(Self(Kind::Script(command.digest())));
        };
        let path = |p: &str| {
            p.parse::<FilePath>()
                .map(|p| vec![PathPattern::exactly(p.root, &p.segments)])
        };
        let key = |k: &str| {
            k.parse::<RegistryKey>()
                .map(|k| vec![KeyPattern::exactly(k.hive, &k.segments)])
        };
        let host = |h: &str, port| h.parse().map(|host| vec![HostPort { host, port }]);
        let service = |s: &str| {
            s.parse::<ServiceName>()
                .map(|s| vec![Pattern::exactly(&[s.to_string()])])
        };
        Ok(Self(match verb {
            Verb::SystemInfo => Kind::SystemInfo,
            Verb::ProcessList => Kind::ProcessList,
            Verb::DiskUsage => Kind::DiskUsage,
            Verb::FileRead { path: p } => Kind::FileRead(path(p)?),
            Verb::FileTail { path: p, lines } => Kind::FileTail {
                paths: path(p)?,
                lines: Some(*lines),
            },
            Verb::LogRead { log, since_minutes } => Kind::LogRead {
                logs: vec![Pattern::exactly(&log.parse::<LogName>()?.segments)],
                since_minutes: Some(*since_minutes),
            },
            Verb::RegistryRead { key: k } => Kind::RegistryRead(key(k)?),
            Verb::RegistryWrite { key: k, .. } => Kind::RegistryWrite(key(k)?),
            Verb::NetConfig => Kind::NetConfig,
            Verb::NetProbe { host: h, port } => Kind::NetProbe(host(h, *port)?),
            Verb::NetTls { host: h, port } => Kind::NetTls(host(h, *port)?),
            Verb::ServiceList => Kind::ServiceList,
            Verb::ServiceStatus { service: s } => Kind::ServiceStatus(service(s)?),
            Verb::ServiceStart { service: s } => Kind::ServiceStart(service(s)?),
            Verb::ServiceStop { service: s } => Kind::ServiceStop(service(s)?),
            Verb::ServiceRestart { service: s } => Kind::ServiceRestart(service(s)?),
        }))
    }

    /// The scope of these parts: what a form makes from its fields. `limit` is as between the braces, `lines=500`.
    ///
    /// # Errors
    /// When the verb is unknown, or a pattern or the limit has no canonical form.
    pub fn of<S: AsRef<str>>(verb: &str, targets: &[S], limit: Option<&str>) -> Result<Self, ScopeError> {
        text::build(verb, targets, limit)
    }

    /// `file.read` on everything below `folder`.
    pub fn files_below(folder: &FilePath) -> Self {
        Self(Kind::FileRead(vec![PathPattern::below(folder.root, &folder.segments)]))
    }

    /// `registry.read` on `key` and everything below it.
    pub fn keys_below(key: &RegistryKey) -> Self {
        Self(Kind::RegistryRead(vec![KeyPattern::below(key.hive, &key.segments)]))
    }

    /// The verb's name, or `script`.
    pub fn verb(&self) -> &'static str {
        match &self.0 {
            Kind::SystemInfo => "system.info",
            Kind::ProcessList => "process.list",
            Kind::DiskUsage => "disk.usage",
            Kind::FileRead(_) => "file.read",
            Kind::FileTail { .. } => "file.tail",
            Kind::LogRead { .. } => "log.read",
            Kind::RegistryRead(_) => "registry.read",
            Kind::RegistryWrite(_) => "registry.write",
            Kind::NetConfig => "net.config",
            Kind::NetProbe(_) => "net.probe",
            Kind::NetTls(_) => "net.tls",
            Kind::ServiceList => "service.list",
            Kind::ServiceStatus(_) => "service.status",
            Kind::ServiceStart(_) => "service.start",
            Kind::ServiceStop(_) => "service.stop",
            Kind::ServiceRestart(_) => "service.restart",
            Kind::Script(_) => "script",
        }
    }

    /// The patterns, as written in the scope without their quotation marks; empty where the verb takes none.
    pub fn targets(&self) -> Vec<String> {
        match &self.0 {
            Kind::SystemInfo
            | Kind::ProcessList
            | Kind::DiskUsage
            | Kind::NetConfig
            | Kind::ServiceList
            | Kind::Script(_) => vec![],
            Kind::FileRead(paths) | Kind::FileTail { paths, .. } => paths.iter().map(ToString::to_string).collect(),
            Kind::LogRead { logs: names, .. }
            | Kind::ServiceStatus(names)
            | Kind::ServiceStart(names)
            | Kind::ServiceStop(names)
            | Kind::ServiceRestart(names) => names.iter().map(ToString::to_string).collect(),
            Kind::RegistryRead(keys) | Kind::RegistryWrite(keys) => keys.iter().map(ToString::to_string).collect(),
            Kind::NetProbe(hosts) | Kind::NetTls(hosts) => hosts.iter().map(ToString::to_string).collect(),
        }
    }

    /// The limit as written between the braces, such as `lines=500`.
    pub fn limit(&self) -> Option<String> {
        match &self.0 {
            Kind::FileTail { lines, .. } => lines.map(|n| format!("lines={n}")),
            Kind::LogRead { since_minutes, .. } => since_minutes.map(|m| format!("since={}", text::minutes(m))),
            Kind::SystemInfo
            | Kind::ProcessList
            | Kind::DiskUsage
            | Kind::FileRead(_)
            | Kind::RegistryRead(_)
            | Kind::RegistryWrite(_)
            | Kind::NetConfig
            | Kind::NetProbe(_)
            | Kind::NetTls(_)
            | Kind::ServiceList
            | Kind::ServiceStatus(_)
            | Kind::ServiceStart(_)
            | Kind::ServiceStop(_)
            | Kind::ServiceRestart(_)
            | Kind::Script(_) => None,
        }
    }

    /// The same verb and limit with other patterns: what a form for narrowing makes from its fields. Whether the result is
    /// narrower, [`Scope::is_subset_of`] tells.
    ///
    /// # Errors
    /// When a pattern has no canonical form, or the verb takes none.
    pub fn with_targets<S: AsRef<str>>(&self, targets: &[S]) -> Result<Self, ScopeError> {
        Self::of(self.verb(), targets, self.limit().as_deref())
    }
}
