//! The vocabulary of the tests: an app, its people, an agent.

mod agent;
mod app;
mod clock;
mod command;
mod disk;
mod events;
mod faulty;
mod http;
pub(crate) mod logs;
mod person;
mod real_agent;
mod shipped;
mod smtp;
mod template;
mod treatment;
mod volume;

pub(crate) use agent::{Device, FakeAgent, Received, connect, new_key};
pub(crate) use app::{TestApp, make_site};
pub(crate) use command::{count, countersign, program, tamper, unguarded, verified};
pub(crate) use disk::Disk;
pub(crate) use events::Events;
pub(crate) use faulty::Faulty;
pub(crate) use http::{Answer, Http, form};
pub(crate) use person::Person;
pub(crate) use real_agent::RealAgent;
pub(crate) use shipped::{Ended, Shipped};
pub(crate) use smtp::{received, received_unless};
pub(crate) use template::copy_files;
pub(crate) use treatment::{Fault, Seeded, Treatment, Way};
pub(crate) use volume::Volume;

use domain::action::{Command, Script, Shell, Verb};

/// `file.read` of a path.
pub(crate) fn file_read(path: &str) -> Command {
    Command::Verb(Verb::FileRead { path: path.into() })
}

/// `system.info`, which a rule allows.
pub(crate) fn system_info() -> Command {
    Command::Verb(Verb::SystemInfo)
}

/// A shell script.
pub(crate) fn script(text: &str) -> Command {
    Command::Script(Script {
        shell: Shell::Sh,
        text: text.into(),
    })
}
