//! A scope in plain words, for the approver.

use domain::action::LIMITS;
use domain::timestamp::for_people;
use std::time::Duration;

use super::pattern::{KeyPattern, PathPattern};
use super::{Kind, Scope};
use crate::glob::Pattern;
use crate::name::HostPort;

impl Scope {
    /// What it reaches, in plain words.
    pub fn reach(&self) -> String {
        match &self.0 {
            Kind::SystemInfo => {
                "Reads the operating system's version, uptime, processors and memory. Changes nothing.".into()
            }
            Kind::ProcessList => "Reads the names, owners and load of running processes. Changes nothing.".into(),
            Kind::DiskUsage => "Reads how full the disks are. Changes nothing.".into(),
            Kind::FileRead(paths) => format!("Reads {}. Changes nothing.", said(paths, path)),
            Kind::FileTail { paths, lines } => {
                format!(
                    "Reads the last lines, {} at most, of {}. Changes nothing.",
                    lines.unwrap_or(LIMITS.lines),
                    said(paths, path)
                )
            }
            Kind::LogRead { logs, since_minutes } => {
                let minutes = since_minutes.unwrap_or(LIMITS.since_minutes);
                let back = for_people(Duration::from_secs(u64::from(minutes) * 60));
                format!("Reads {}, going back {back} at most. Changes nothing.", said(logs, log))
            }
            Kind::RegistryRead(keys) => {
                format!(
                    "Reads the values of {}, and the names of subkeys. Changes nothing.",
                    said(keys, key)
                )
            }
            Kind::RegistryWrite(keys) => format!(
                "Sets values of {}, to anything. What stood there before is shown and replaced.",
                said(keys, key)
            ),
            Kind::NetConfig => {
                "Reads the network adapters, addresses, routers and name servers. Changes nothing.".into()
            }
            Kind::NetProbe(hosts) => format!(
                "Opens a connection to {}, and closes it. Sends no data.",
                said(hosts, host)
            ),
            Kind::NetTls(hosts) => format!(
                "Opens a connection to {}, asks for its certificates by a TLS handshake, and closes it. Sends nothing but the handshake.",
                said(hosts, host)
            ),
            Kind::ServiceList => "Reads the names and states of all services. Changes nothing.".into(),
            Kind::ServiceStatus(names) => format!("Reads the state of {}. Changes nothing.", said(names, service)),
            Kind::ServiceStart(names) => format!("Starts {}, and what it needs in order to run.", said(names, service)),
            Kind::ServiceStop(names) => format!(
                "Stops {}. What depends on it stops working until it is started again.",
                said(names, service)
            ),
            Kind::ServiceRestart(names) => {
                format!(
                    "Stops {} and starts it again. What depends on it is interrupted.",
                    said(names, service)
                )
            }
            Kind::Script(digest) => format!(
                "Runs one script, the one with digest {}, with everything that the agent's account may do. Only these exact bytes are allowed.",
                digest.short()
            ),
        }
    }
}

fn said<T>(all: &[T], one: impl Fn(&T) -> String) -> String {
    all.iter().map(one).collect::<Vec<_>>().join("; or ")
}

fn host(h: &HostPort) -> String {
    format!("{}, port {}", h.host, h.port)
}

fn key(p: &KeyPattern) -> String {
    match (p.pattern.below, p.start().pattern.is_exact()) {
        (false, true) => format!("the registry key {p}"),
        (true, true) if p.pattern.segments.is_empty() => format!("any registry key below {}", p.start()),
        (true, true) => format!("the registry key {} and any key below it", p.start()),
        (false, false) => format!("any registry key that matches {p} (* is any text within one name)"),
        (true, false) => format!(
            "any registry key that matches {} and any key below it (* is any text within one name)",
            p.start()
        ),
    }
}

fn path(p: &PathPattern) -> String {
    match (p.pattern.below, p.start().pattern.is_exact()) {
        (false, true) => format!("the file {p}"),
        (true, true) if p.pattern.segments.is_empty() => format!("any file on the machine below {}", p.start()),
        (true, true) => format!("any file in {} and in all folders below it", p.start()),
        (false, false) => format!("any file that matches {p} (* is any text within one name)"),
        (true, false) => format!(
            "any file in the folders that match {} and below them (* is any text within one name)",
            p.start()
        ),
    }
}

fn log(p: &Pattern) -> String {
    if p.is_exact() {
        format!("the log {p}")
    } else {
        format!("any log that matches {p}")
    }
}

fn service(p: &Pattern) -> String {
    match p.segments.first() {
        Some(glob) if glob.0 == "*" => "any service of the machine".into(),
        Some(glob) if !glob.is_exact() => format!("any service that matches {p}"),
        Some(_) | None => format!("the service {p}"),
    }
}
