//! A short log for the endpoint's owner: what was done lately, on what basis, and how it ended. The server's record is the
//! evidence; this is for looking at without it. Command texts are redacted, and a script shows only its digest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::action::{Basis, Command};
use domain::ids::{ActionId, SessionId};
use domain::sensitive::Raw;
use domain::timestamp::Timestamp;
use redact::Settings;
use serde::{Deserialize, Serialize};

use crate::data::write_atomically;

/// The outcome of an action that has none yet.
pub const RUNNING: &str = "running";

/// Older lines are dropped at the next start.
const KEEP: Duration = Duration::from_secs(7 * 86_400);

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it started, ended or was refused.
    pub at: Timestamp,
    /// The action.
    pub action: ActionId,
    /// What it was.
    pub command: String,
    /// Why it was allowed.
    pub basis: String,
    /// The session that it belongs to.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// How it ended, `refused: …`, or [`RUNNING`].
    pub outcome: String,
}

/// The log.
#[derive(Debug)]
pub struct DayLog(Mutex<File>);

impl DayLog {
    /// Opens the log, made if it is missing.
    ///
    /// # Errors
    /// As the system says.
    pub fn open(path: &Path, now: Timestamp) -> io::Result<Self> {
        let mut kept = vec![];
        for line in read(path)?.iter().filter(|l| l.at.plus(KEEP) >= now) {
            kept.extend(serde_json::to_vec(line)?);
            kept.push(b'\n');
        }
        write_atomically(path, &kept)?;
        Ok(Self(Mutex::new(File::options().append(true).open(path)?)))
    }

    /// Adds a line. Failing to is logged only: nothing depends on it.
    pub fn add(&self, line: &Line) {
        let written = serde_json::to_vec(line).map_err(io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text)
        });
        if let Err(e) = written {
            tracing::warn!(error = %e, "the log of recent actions can't be written");
        }
    }
}

/// The lines there are; none when there is no log. Lines that can't be read are left out.
///
/// # Errors
/// As the system says.
pub fn read(path: &Path) -> io::Result<Vec<Line>> {
    // Bytes: a crash may have cut a line in the middle of a letter, and nothing depends on this file.
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes)
            .lines()
            .filter_map(|l| serde_json::from_str(l).ok())
            .collect()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(e) => Err(e),
    }
}

/// The last line of each action, by time: how each one stands.
pub fn latest(lines: Vec<Line>) -> Vec<Line> {
    let mut of: BTreeMap<ActionId, Line> = BTreeMap::new();
    for line in lines {
        of.insert(line.action, line);
    }
    let mut latest: Vec<Line> = of.into_values().collect();
    latest.sort_by_key(|l| l.at);
    latest
}

/// A command in one line, without what is sensitive.
pub fn show_command(command: &Command, settings: &Settings) -> String {
    match command {
        Command::Verb(_) => redact::redact(settings, Raw::new(&command.to_string())).into_parts().0,
        Command::Script(script) => format!("script ({}), SHA-256 {}", script.shell.word(), command.digest().short()),
    }
}

/// A basis in one line.
pub fn show_basis(basis: &Basis) -> String {
    match basis {
        Basis::OneTime { request } => format!("approved once (request {request})"),
        Basis::Grant { grant, request } => format!("grant {grant} (request {request})"),
        Basis::Policy { rule, version } => format!("policy rule {rule}, version {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::action::{Script, Shell, Verb};

    #[test]
    fn lines_read_back_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recent");
        let now = Timestamp(1_800_000_000_000_000_000);
        let line = |at: Timestamp| Line {
            at,
            action: "01890000-0000-7000-8000-000000000001".parse().unwrap(),
            command: "system.info".into(),
            basis: "policy rule inventory, version 1".into(),
            session: None,
            outcome: "succeeded".into(),
        };
        let log = DayLog::open(&path, now).unwrap();
        log.add(&line(now));
        log.add(&line(now.plus(Duration::from_secs(86_400))));
        assert_eq!(read(&path).unwrap().len(), 2);
        assert_eq!(
            latest(read(&path).unwrap()),
            [line(now.plus(Duration::from_secs(86_400)))]
        );
        drop(log);
        DayLog::open(&path, now.plus(KEEP + Duration::from_secs(1))).unwrap();
        assert_eq!(read(&path).unwrap(), [line(now.plus(Duration::from_secs(86_400)))]);
    }

    /// R3: a line that a crash cut in the middle of a letter is left out, and keeps no agent from starting.
    #[test]
    fn a_line_cut_in_the_middle_of_a_letter_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recent");
        let now = Timestamp(1_800_000_000_000_000_000);
        let line = Line {
            at: now,
            action: "01890000-0000-7000-8000-000000000001".parse().unwrap(),
            command: "file.read(\"/srv/Größe\")".into(),
            basis: "policy rule a, version 1".into(),
            session: None,
            outcome: "succeeded".into(),
        };
        DayLog::open(&path, now).unwrap().add(&line);
        let mut bytes = std::fs::read(&path).unwrap();
        let letter = bytes.iter().position(|b| !b.is_ascii()).unwrap();
        bytes.extend_from_within(..=letter);
        std::fs::write(&path, bytes).unwrap();
        drop(DayLog::open(&path, now).unwrap());
        assert_eq!(read(&path).unwrap(), [line]);
    }

    /// R36: what a command holds is redacted here too.
    #[test]
    fn commands_are_shown_without_what_is_sensitive() {
        let read = Command::Verb(Verb::FileRead {
            path: "/srv/4242 4242 4242 4242".into(),
        });
        assert!(!show_command(&read, &Settings::default()).contains("4242 4242 4242"));
        let script = Command::Script(Script {
            shell: Shell::Sh,
            text: "echo secret".into(),
        });
        assert!(!show_command(&script, &Settings::default()).contains("secret"));
    }
}
