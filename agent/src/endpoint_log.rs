//! Who acted, in the log of the endpoint itself: an entry when an action starts, ends or is refused, which nobody on the
//! server can take back. An order holds no names, so an entry has the session, the basis and its request instead, by which
//! the server's record names the people.
//!
//! Deliberately absent: output, and anything of a command that redaction takes out. Where the system has no log, there is
//! none; nothing depends on it.

#[cfg(target_os = "linux")]
mod linux;

use domain::action::{Basis, Command};
use domain::ids::{ActionId, SessionId};
use redact::Settings;

use crate::day_log;

/// The endpoint's log.
#[derive(Debug)]
pub struct EndpointLog {
    #[cfg(target_os = "linux")]
    places: linux::Places,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    action: ActionId,
    session: SessionId,
    verb: &'static str,
    command: String,
    basis: String,
    resource: String,
    what: String,
}

impl Entry {
    /// About an action. `resource` is what it acts on, redacted; empty before that is known. `what` is what happened:
    /// `started`, an outcome, or `refused: …`.
    pub fn new(order: &wire::Order, settings: &Settings, resource: &str, what: &str) -> Self {
        let (command, basis): (&Command, &Basis) = (&order.command, &order.basis);
        Self {
            action: order.action,
            session: order.session,
            verb: command.name(),
            command: day_log::show_command(command, settings),
            basis: day_log::show_basis(basis),
            resource: resource.to_owned(),
            what: what.to_owned(),
        }
    }

    /// The entry in one line, without control characters.
    fn line(&self) -> String {
        let Self {
            action,
            session,
            verb: _,
            command,
            basis,
            resource,
            what,
        } = self;
        let on = if resource.is_empty() {
            String::new()
        } else {
            format!(" on {resource}")
        };
        let line = format!("{what}: {command}{on}; {basis}; session {session}; action {action}");
        gate::escape::line(&line)
    }

    /// The entry's parts under names, for logs that keep them apart.
    fn fields(&self) -> [(&'static str, String); 6] {
        [
            ("COUNTERSIGN_ACTION", self.action.to_string()),
            ("COUNTERSIGN_SESSION", self.session.to_string()),
            ("COUNTERSIGN_VERB", self.verb.to_owned()),
            ("COUNTERSIGN_RESOURCE", gate::escape::line(&self.resource)),
            ("COUNTERSIGN_BASIS", gate::escape::line(&self.basis)),
            ("COUNTERSIGN_EVENT", gate::escape::line(&self.what)),
        ]
    }
}

#[cfg(target_os = "linux")]
impl EndpointLog {
    /// The system's journal, or its syslog.
    pub fn of_system() -> Self {
        Self {
            places: linux::Places::of_system(),
        }
    }

    /// Adds an entry. Failing to is logged only.
    pub fn add(&self, entry: &Entry) {
        self.places.write(&entry.line(), &entry.fields());
    }
}

#[cfg(windows)]
impl EndpointLog {
    /// The system's event log.
    pub fn of_system() -> Self {
        Self {}
    }

    /// Adds an entry. Failing to is logged only.
    pub fn add(&self, entry: &Entry) {
        // Entries there are texts without fields; each is named in it.
        let fields: Vec<String> = entry
            .fields()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        crate::service::event_log::note(&format!("{}\n\n{}", entry.line(), fields.join("\n")));
    }
}
