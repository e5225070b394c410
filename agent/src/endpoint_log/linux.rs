//! The journal's own protocol (a datagram of `NAME=value` lines), or else a line to syslog as RFC 3164 has it.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

const NAME: &str = "countersign-agent";

/// Facility `daemon` (3), severity `notice` (5).
const PRIORITY: u32 = 3 * 8 + 5;

/// Where the system takes entries.
#[derive(Debug)]
pub(super) struct Places {
    journal: PathBuf,
    syslog: PathBuf,
}

impl Places {
    pub(super) fn of_system() -> Self {
        Self {
            journal: "/run/systemd/journal/socket".into(),
            syslog: "/dev/log".into(),
        }
    }

    pub(super) fn write(&self, line: &str, fields: &[(&str, String)]) {
        let sent = send(&self.journal, &journal_entry(line, fields)).or_else(|_| {
            let pid = std::process::id();
            send(&self.syslog, format!("<{PRIORITY}>{NAME}[{pid}]: {line}").as_bytes())
        });
        if let Err(e) = sent {
            tracing::debug!(error = %e, "the system takes no entries into its log");
        }
    }
}

/// Values hold no line feeds, so that each is one line.
fn journal_entry(line: &str, fields: &[(&str, String)]) -> Vec<u8> {
    let mut entry = format!("MESSAGE={line}\nPRIORITY={}\nSYSLOG_IDENTIFIER={NAME}\n", PRIORITY % 8);
    for (name, value) in fields {
        entry.push_str(&format!("{name}={value}\n"));
    }
    entry.into_bytes()
}

/// Sends a datagram without waiting: a log that does not keep up holds up no action.
fn send(to: &PathBuf, entry: &[u8]) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    let sent = socket.send_to(entry, to)?;
    if sent == entry.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::WriteZero.into())
    }
}

#[cfg(test)]
mod tests {
    use domain::action::{Basis, Command, Script, Shell, Verb};
    use domain::timestamp::Timestamp;
    use redact::Settings;
    use wire::Order;

    use super::*;
    use crate::endpoint_log::{EndpointLog, Entry};

    fn order(command: Command) -> Order {
        let id = "01890000-0000-7000-8000-000000000001";
        Order {
            v: wire::ORDER_VERSION,
            org: id.parse().unwrap(),
            endpoint: id.parse().unwrap(),
            session: "01890000-0000-7000-8000-000000000003".parse().unwrap(),
            action: "01890000-0000-7000-8000-000000000004".parse().unwrap(),
            command_digest: command.digest(),
            scope: String::new(),
            command,
            basis: Basis::Policy {
                rule: "inventory".into(),
                version: 2,
            },
            decision_leaf: 1,
            statement: None,
            redaction: wire::OrderRedaction::default(),
            time_limit_seconds: 60,
            not_before: Timestamp::default(),
            expires: Timestamp::default(),
            evidence: None,
            nonce: String::new(),
        }
    }

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = vec![0; 8192];
        let len = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..len].to_vec()).unwrap()
    }

    /// R11: the endpoint's own log says what was done, on what basis, and nothing sensitive.
    #[test]
    fn the_journal_gets_fields_and_syslog_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let log = EndpointLog {
            places: Places {
                journal: dir.path().join("journal"),
                syslog: dir.path().join("syslog"),
            },
        };
        let settings = Settings::default();
        let read = order(Command::Verb(Verb::FileRead {
            path: "/srv/4242 4242 4242 4242".into(),
        }));
        let entry = Entry::new(&read, &settings, "/srv/\nFAKE=1", "started");
        // Nobody listens: that changes nothing.
        log.add(&entry);

        let syslog = UnixDatagram::bind(dir.path().join("syslog")).unwrap();
        log.add(&entry);
        let said = received(&syslog);
        assert!(
            said.starts_with("<29>countersign-agent[")
                && said.contains("]: started: file.read")
                && !said.contains('\n'),
            "{said}"
        );
        assert!(!said.contains("4242 4242 4242"), "{said}");

        let journal = UnixDatagram::bind(dir.path().join("journal")).unwrap();
        log.add(&entry);
        let said = received(&journal);
        for line in [
            "PRIORITY=5",
            "SYSLOG_IDENTIFIER=countersign-agent",
            "COUNTERSIGN_ACTION=01890000-0000-7000-8000-000000000004",
            "COUNTERSIGN_SESSION=01890000-0000-7000-8000-000000000003",
            "COUNTERSIGN_VERB=file.read",
            "COUNTERSIGN_BASIS=policy rule inventory, version 2",
            "COUNTERSIGN_EVENT=started",
        ] {
            assert!(said.lines().any(|l| l == line), "{line}: {said}");
        }
        assert!(
            !said.lines().any(|l| l == "FAKE=1"),
            "a value makes no line of its own: {said}"
        );
        assert!(!said.contains("4242 4242 4242"), "{said}");

        let script = order(Command::Script(Script {
            shell: Shell::Sh,
            text: "echo secret".into(),
        }));
        log.add(&Entry::new(&script, &settings, "/bin/sh", "succeeded"));
        let said = received(&journal);
        assert!(said.contains("SHA-256") && !said.contains("secret"), "{said}");
    }
}
