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

/// Something that systemd is asked.
#[derive(Debug)]
pub(super) enum Task {
    /// Which services there are.
    Services,
    /// About a service, or to change its state.
    Service(systemd::Task),
}

impl Task {
    /// Asks it.
    pub(super) async fn run(self, output: &mut Output) -> End {
        match self {
            Self::Services => systemd::list::run(output).await,
            Self::Service(task) => task.run(output).await,
        }
    }
}
