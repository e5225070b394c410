//! What actions do: each verb natively, scripts through `run`. Before anything happens a verb looks at the live system again
//! and refuses what is outside the scope there (a symbolic link that leads out, say), whatever the names looked like.
//!
//! Everything that depends on the operating system is below here, one module per system and matter. The modules of each have
//! the same functions, and are known here as `system`.

mod describe;
mod encoding;
#[cfg(target_os = "linux")]
mod linux;
#[cfg_attr(
    all(windows, not(test)),
    expect(dead_code, reason = "entries of event logs are picked by the system")
)]
mod log_time;
mod probe;
mod stream;
mod table;
mod tls;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use std::path::PathBuf;

use domain::action::{Command, RefusalReason, Verb};
use gate::scope::Scope;

use crate::end::End;
use crate::output::Output;
use crate::run::{self, Program, Spec};

/// Where verbs and scripts run.
#[derive(Clone, Debug)]
pub struct Host {
    /// The agent's own files, which no verb reads.
    pub private: PathBuf,
    /// The executable that supervises programs.
    pub supervisor: PathBuf,
}

/// Why an action does not run, found on the live system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: RefusalReason,
    /// More for a person; redacted before it is reported.
    pub detail: String,
}

/// An action that may run, with what it acts on held open where that matters.
#[derive(Debug)]
pub struct Prepared {
    /// What it acts on, as found on the live system.
    pub resource: String,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// Something that is told at once.
    Describe(describe::Describe),
    Stream(stream::Source),
    Probe {
        host: String,
        port: u16,
    },
    Tls {
        host: String,
        port: u16,
    },
    /// Something in the way of the system that this is.
    Task(system::Task),
    Program {
        spec: Spec,
        answers: &'static [i64],
    },
    /// It is known to fail; why.
    Failing(String),
}

/// What to do with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Do {
    /// Tell its state.
    Status,
    Start,
    Stop,
    Restart,
}

impl Do {
    /// The verb that does this to a service.
    #[cfg(windows)]
    fn verb(self, service: &str) -> Verb {
        let service = service.to_owned();
        match self {
            Self::Status => Verb::ServiceStatus { service },
            Self::Start => Verb::ServiceStart { service },
            Self::Stop => Verb::ServiceStop { service },
            Self::Restart => Verb::ServiceRestart { service },
        }
    }
}

impl Refusal {
    fn out_of_scope(detail: impl Into<String>) -> Self {
        Self {
            reason: RefusalReason::OutOfScope,
            detail: detail.into(),
        }
    }

    fn unsupported(detail: impl Into<String>) -> Self {
        Self {
            reason: RefusalReason::Unsupported,
            detail: detail.into(),
        }
    }
}

impl Prepared {
    fn new(resource: impl Into<String>, work: Work) -> Self {
        Self {
            resource: resource.into(),
            work,
        }
    }

    /// Something about this machine as a whole.
    fn describe(what: describe::Describe) -> Self {
        Self::new(crate::service::host_name(), Work::Describe(what))
    }

    /// A system program; exit codes in `answers`, beside 0, are answers and no failures.
    #[cfg(target_os = "linux")]
    fn program(resource: impl Into<String>, path: &str, args: &[&str], action: &str, answers: &'static [i64]) -> Self {
        let args = args.iter().map(|a| (*a).to_owned()).collect();
        let spec = Spec {
            program: Program::System {
                path: path.to_owned(),
                args,
            },
            action: action.to_owned(),
        };
        Self::new(resource, Work::Program { spec, answers })
    }

    /// Runs it; its output is in `output` when this returns.
    pub async fn run(self, output: &mut Output, host: &Host) -> End {
        match self.work {
            Work::Describe(what) => describe::tell(output, what).await,
            Work::Stream(source) => source.run(output).await,
            Work::Probe { host, port } => probe::run(&host, port, output).await,
            Work::Tls { host, port } => tls::run(&host, port, output).await,
            Work::Task(task) => task.run(output).await,
            Work::Program { spec, answers } => {
                let end = run::run(&spec, output, host).await;
                let answered = end.exit.is_some_and(|code| answers.contains(&code));
                if answered {
                    End {
                        outcome: domain::action::Outcome::Succeeded,
                        ..end
                    }
                } else {
                    end
                }
            }
            Work::Failing(why) => End::failed(why),
        }
    }
}

/// Looks at the live system and makes an action ready to run.
///
/// # Errors
/// When it is outside `scope` there, or this system can't do it.
pub async fn prepare(action: &str, command: &Command, scope: &Scope, host: &Host) -> Result<Prepared, Refusal> {
    let verb = match command {
        Command::Verb(verb) => verb,
        Command::Script(script) => {
            let path = run::find_shell(script.shell).ok_or_else(|| {
                Refusal::unsupported(format!("{} is not installed on this endpoint.", script.shell.word()))
            })?;
            let program = Program::Script {
                path: path.clone(),
                shell: script.shell,
                text: script.text.clone(),
            };
            return Ok(Prepared::new(
                path,
                Work::Program {
                    spec: Spec {
                        program,
                        action: action.to_owned(),
                    },
                    answers: &[],
                },
            ));
        }
    };
    match verb {
        Verb::SystemInfo => Ok(Prepared::describe(describe::system)),
        Verb::ProcessList => Ok(Prepared::describe(describe::processes)),
        Verb::DiskUsage => Ok(Prepared::describe(describe::disks)),
        Verb::NetConfig => Ok(Prepared::describe(system::net::config)),
        Verb::FileRead { path } => system::file::prepare(verb, path, None, scope, &host.private),
        Verb::FileTail { path, lines } => system::file::prepare(verb, path, Some(*lines), scope, &host.private),
        Verb::LogRead { log, since_minutes } => system::log::prepare(log, *since_minutes, scope, action).await,
        Verb::RegistryRead { key } | Verb::RegistryWrite { key, .. } => system::registry::prepare(verb, key, scope),
        Verb::NetProbe { host, port } => Ok(Prepared::new(
            host_port(host, *port),
            Work::Probe {
                host: host.clone(),
                port: *port,
            },
        )),
        Verb::NetTls { host, port } => Ok(Prepared::new(
            host_port(host, *port),
            Work::Tls {
                host: host.clone(),
                port: *port,
            },
        )),
        Verb::ServiceList => Ok(system::service::prepare_list()),
        Verb::ServiceStatus { service } => system::service::prepare(service, Do::Status, scope, action).await,
        Verb::ServiceStart { service } => system::service::prepare(service, Do::Start, scope, action).await,
        Verb::ServiceStop { service } => system::service::prepare(service, Do::Stop, scope, action).await,
        Verb::ServiceRestart { service } => system::service::prepare(service, Do::Restart, scope, action).await,
    }
}

fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}
