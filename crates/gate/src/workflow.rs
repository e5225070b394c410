//! Workflows: named, versioned lists of actions with typed parameters (R17).
//!
//! A workflow decides nothing. It asks for access to one scope, and suggests commands; each command goes through policy
//! like any other, so one that lies outside the scope (the status of a service that may be restarted) has its own basis.
//! Deliberately absent: an org's own workflows, which come with their storage.

mod builtin;

pub use builtin::BUILTIN;

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::action::{Command, Verb};

use crate::name::{FilePath, HostPort, LogName, NameError, RegistryKey, ServiceName};
use crate::scope::{Scope, ScopeError};

/// A named, versioned workflow.
#[derive(Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Its name, such as `file-inspection`.
    pub name: &'static str,
    /// Its version; a change makes a new one.
    pub version: u32,
    /// Its name for people.
    pub title: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// What it has to be told.
    pub parameters: &'static [Parameter],
}

/// Something that a workflow has to be told.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub title: &'static str,
    /// An example.
    pub hint: &'static str,
    /// What kind of thing it is.
    pub kind: ParameterKind,
    /// Whether it can't be left out.
    pub required: bool,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// An absolute path of a folder.
    Folder,
    /// Names of files below that folder, one a line.
    FileNames,
    /// A log's name.
    Log,
    /// A service's name.
    Service,
    /// `host:port`.
    HostPort,
    /// A key of the registry.
    RegistryKey,
}

/// What a workflow comes to with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The workflow, such as `file-inspection@1`.
    pub workflow: String,
    /// What access it asks for.
    pub access: Scope,
    /// The suggested commands, canonical, in order.
    pub steps: Vec<Step>,
}

/// One suggested command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it answers.
    pub says: String,
    /// The command.
    pub command: Command,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{title}: {why}")]
pub struct ParameterError {
    /// The parameter's name in the form.
    pub name: &'static str,
    /// The parameter's label.
    pub title: &'static str,
    /// What is wrong, as a sentence.
    pub why: String,
}

/// The most file names that one plan takes.
const MOST_FILES: usize = 20;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

impl Workflow {
    /// The built-in workflow with this id, such as `log-inspection@1`.
    pub fn find(id: &str) -> Option<&'static Self> {
        BUILTIN.iter().find(|w| w.id() == id)
    }

    /// Name and version, as recorded: `file-inspection@1`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// What it comes to with these parameters, given by their names. Surrounding blanks are ignored.
    ///
    /// # Errors
    /// The first parameter that is missing, unknown, or has no canonical form.
    pub fn plan(&self, values: &BTreeMap<String, String>) -> Result<Plan, ParameterError> {
        let (access, steps) = match self.name {
            "file-inspection" => self.file_inspection(values)?,
            "log-inspection" => self.log_inspection(values)?,
            "service-restart" => self.service_restart(values)?,
            "registry-inspection" => self.registry_inspection(values)?,
            _ => self.network_check(values)?,
        };
        Ok(Plan {
            workflow: self.id(),
            access,
            steps,
        })
    }

    fn file_inspection(&self, values: &BTreeMap<String, String>) -> Result<(Scope, Vec<Step>), ParameterError> {
        let folder: FilePath = self.read(values, 0, |s| s.trim_end_matches("**").parse())?;
        let files = self.read(values, 1, |s| {
            let names: Vec<&str> = s.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
            if names.len() > MOST_FILES {
                return Err(NameError::about(
                    names[MOST_FILES],
                    format!("is one too many: at most {MOST_FILES} files are taken."),
                ));
            }
            names.into_iter().map(|n| folder.join(n)).collect::<Result<Vec<_>, _>>()
        })?;
        let mut steps = vec![step("Is the disk full?", Verb::DiskUsage)];
        steps.extend(
            files
                .iter()
                .map(|f| step(format!("What does {f} say?"), Verb::FileRead { path: f.to_string() })),
        );
        Ok((Scope::files_below(&folder), steps))
    }

    fn log_inspection(&self, values: &BTreeMap<String, String>) -> Result<(Scope, Vec<Step>), ParameterError> {
        let log = self.read(values, 0, str::parse::<LogName>)?.to_string();
        let read = |since_minutes| Verb::LogRead {
            log: log.clone(),
            since_minutes,
        };
        let access = self.scope(0, "log.read", &log, Some("since=24h"))?;
        Ok((
            access,
            vec![
                step("What happened in the last hour?", read(HOUR)),
                step("What happened in the last day?", read(DAY)),
            ],
        ))
    }

    fn service_restart(&self, values: &BTreeMap<String, String>) -> Result<(Scope, Vec<Step>), ParameterError> {
        let service = self.read(values, 0, str::parse::<ServiceName>)?.to_string();
        let status = || Verb::ServiceStatus {
            service: service.clone(),
        };
        let mut steps = vec![step("Does it run now?", status())];
        // Not every service's name is a log's name as well.
        if service.parse::<LogName>().is_ok_and(|log| log.to_string() == service) {
            steps.push(step(
                "What did it log in the last hour?",
                Verb::LogRead {
                    log: service.clone(),
                    since_minutes: HOUR,
                },
            ));
        }
        steps.push(step(
            "Stop it and start it again.",
            Verb::ServiceRestart {
                service: service.clone(),
            },
        ));
        steps.push(step("Does it run now?", status()));
        Ok((self.scope(0, "service.restart", &service, None)?, steps))
    }

    fn network_check(&self, values: &BTreeMap<String, String>) -> Result<(Scope, Vec<Step>), ParameterError> {
        let target = self.read(values, 0, str::parse::<HostPort>)?;
        Ok((
            self.scope(0, "net.probe", &target.to_string(), None)?,
            vec![step("Does it answer?", probe(&target))],
        ))
    }

    fn registry_inspection(&self, values: &BTreeMap<String, String>) -> Result<(Scope, Vec<Step>), ParameterError> {
        let key: RegistryKey = self.read(values, 0, |s| s.trim_end_matches("**").parse())?;
        let target = self.read(values, 1, if_given::<HostPort>)?;
        let service = self.read(values, 2, if_given::<ServiceName>)?;
        let mut steps = vec![step(
            format!("What does {key} say?"),
            Verb::RegistryRead { key: key.to_string() },
        )];
        steps.extend(target.map(|t| step(format!("Does {t} answer?"), probe(&t))));
        steps.extend(service.map(|s| {
            step(
                format!("Stop {s} and start it again."),
                Verb::ServiceRestart { service: s.to_string() },
            )
        }));
        Ok((Scope::keys_below(&key), steps))
    }

    /// The value of the parameter at `index`, read by `read`. One that may be left out is read from an empty text.
    fn read<T>(
        &self,
        values: &BTreeMap<String, String>,
        index: usize,
        read: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<T, ParameterError> {
        if let Some(unknown) = values
            .keys()
            .find(|k| self.parameters.iter().all(|p| p.name != k.as_str()))
        {
            return Err(self.wrong(
                index,
                format!("There is no parameter \"{}\".", crate::escape::line(unknown)),
            ));
        }
        let value = values
            .get(self.parameters[index].name)
            .map(|v| v.trim())
            .unwrap_or_default();
        if value.is_empty() && self.parameters[index].required {
            return Err(self.wrong(index, format!("Give one, such as {}.", self.parameters[index].hint)));
        }
        read(value).map_err(|e| self.wrong(index, e.to_string()))
    }

    fn scope(&self, index: usize, verb: &str, target: &str, limit: Option<&str>) -> Result<Scope, ParameterError> {
        Scope::of(verb, &[target], limit).map_err(|e: ScopeError| self.wrong(index, e.to_string()))
    }

    fn wrong(&self, index: usize, why: String) -> ParameterError {
        let parameter = &self.parameters[index];
        ParameterError {
            name: parameter.name,
            title: parameter.title,
            why,
        }
    }
}

/// What a parameter that may be left out names.
fn if_given<T: FromStr<Err = NameError>>(text: &str) -> Result<Option<T>, NameError> {
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some)
    }
}

fn probe(target: &HostPort) -> Verb {
    Verb::NetProbe {
        host: target.host.to_string(),
        port: target.port,
    }
}

fn step(says: impl Into<String>, verb: Verb) -> Step {
    Step {
        says: says.into(),
        command: Command::Verb(verb),
    }
}
