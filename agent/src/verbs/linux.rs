//! Verbs on Linux: files checked by what was opened, logs in the journal or below `/var/log`, services by systemd over D-Bus
//! where it runs and by init scripts where it does not.

pub(super) mod accounts;
pub(super) mod file;
pub(super) mod log;
pub(super) mod net;
pub(super) mod registry;
pub(super) mod service;
mod systemd;

use crate::end::End;
use crate::output::Output;

/// What systemd is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// About one service, or to change it.
    Service(systemd::Task),
    /// About all of them.
    Services,
}

impl Task {
    /// Asks, and says what it answers.
    pub(super) async fn run(self, output: &mut Output) -> End {
        match self {
            Self::Service(task) => task.run(output).await,
            Self::Services => systemd::list::run(output).await,
        }
    }
}
