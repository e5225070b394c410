//! The vocabulary of the tests: an app, its people, an agent.

mod agent;
mod app;
mod clock;
mod http;
mod person;
mod template;

pub(crate) use agent::{Device, FakeAgent, Received};
pub(crate) use app::TestApp;
pub(crate) use http::{Answer, Http};
pub(crate) use person::Person;

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
    Command::Script(Script { shell: Shell::Sh, text: text.into() })
}
