//! What the endpoint's owner forbids: `policy.toml` in the data folder. It can only be stricter than the server's policy,
//! since nothing in it allows anything, and the server can't change it.
//!
//! ```toml
//! # Verbs, scopes, or "script" for all scripts, or "*" for everything. What touches one of them is refused.
//! deny = ["script", "service.restart", 'file.read("/etc/pos/**")']
//! # The hours in which anything may run, in UTC, from and until; may go over midnight.
//! hours = "20:00-06:00"
//! ```
//!
//! It is read for each order, so that a change needs no restart. A file that can't be read forbids everything.

use std::io;

use domain::action::Command;
use domain::timestamp::Timestamp;
use gate::name::FilePath;
use gate::scope::{Scope, VERBS};
use serde::Deserialize;

use crate::data::DataDir;
use crate::service;

/// What the endpoint's owner forbids.
#[derive(Debug, Default)]
pub struct LocalPolicy {
    deny: Vec<Denial>,
    hours: Option<Hours>,
}

/// Why something does not run: a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forbidden(String);

#[derive(Debug)]
enum Denial {
    Everything,
    Verb(String),
    Scope(Box<Scope>),
}

/// Minutes of the day in UTC, from and until.
#[derive(Clone, Copy, Debug)]
struct Hours(u16, u16);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Written {
    deny: Vec<String>,
    hours: Option<String>,
}

impl Forbidden {
    /// Because it could not be asked what is.
    pub(crate) fn unread(why: &impl std::fmt::Display) -> Self {
        Self(format!(
            "The endpoint's own policy could not be asked, so nothing runs there: {why}."
        ))
    }
}

impl LocalPolicy {
    /// Reads it. A folder without the file forbids nothing.
    ///
    /// # Errors
    /// When the file is there and can't be understood, or others than the agent's account could have written it.
    pub fn load(data: &DataDir) -> Result<Self, Forbidden> {
        let path = data.local_policy();
        let unreadable = |why: String| {
            Forbidden(format!(
                "The endpoint's own policy can't be read, so nothing runs there: {}: {why}. Its owner has to correct it.",
                path.display()
            ))
        };
        let text = match service::check_private(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => Err(e),
            Ok(()) => std::fs::read_to_string(&path),
        };
        let text = text.map_err(|e| unreadable(e.to_string()))?;
        parse(&text).map_err(unreadable)
    }

    /// Whether a command may run at `now`.
    ///
    /// # Errors
    /// What forbids it.
    pub fn check(&self, command: &Command, now: Timestamp) -> Result<(), Forbidden> {
        if let Some(hours) = self.hours
            && !hours.hold(now)
        {
            return Err(Forbidden(format!(
                "The endpoint's own policy lets nothing run now; it does between {hours}."
            )));
        }
        let exactly = Scope::exactly(command).map_err(|e| Forbidden(e.to_string()))?;
        let touches = |denial: &&Denial| match denial {
            Denial::Everything => true,
            Denial::Verb(verb) => verb == command.name() || (verb == "file.read" && command.name() == "file.tail"),
            Denial::Scope(scope) => scope.overlaps(&exactly),
        };
        self.refuse(self.deny.iter().find(touches))
    }

    /// Whether a command may act on what the live system resolved its name to. A file that is denied stays so under every
    /// name that leads to it.
    ///
    /// # Errors
    /// What forbids it.
    pub fn check_resource(&self, command: &Command, resource: &str) -> Result<(), Forbidden> {
        if !command.name().starts_with("file.") {
            return Ok(());
        }
        let Ok(path) = resource.parse::<FilePath>() else {
            return Ok(());
        };
        let touches = |denial: &&Denial| match denial {
            Denial::Everything | Denial::Verb(_) => false,
            Denial::Scope(scope) => ["file.read", "file.tail"]
                .into_iter()
                .any(|verb| scope.covers_path(verb, &path).is_ok()),
        };
        self.refuse(self.deny.iter().find(touches))
    }

    fn refuse(&self, by: Option<&Denial>) -> Result<(), Forbidden> {
        let what = match by {
            None => return Ok(()),
            Some(Denial::Everything) => "*".to_owned(),
            Some(Denial::Verb(verb)) => verb.clone(),
            Some(Denial::Scope(scope)) => scope.to_string(),
        };
        Err(Forbidden(format!("The endpoint's own policy denies {what}.")))
    }
}

fn parse(text: &str) -> Result<LocalPolicy, String> {
    let written: Written = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    let deny = written.deny.iter().map(|d| denial(d)).collect::<Result<_, _>>()?;
    let hours = written.hours.as_deref().map(hours).transpose()?;
    Ok(LocalPolicy { deny, hours })
}

fn denial(text: &str) -> Result<Denial, String> {
    match text {
        "*" => Ok(Denial::Everything),
        "script" => Ok(Denial::Verb(text.into())),
        _ if VERBS.contains(&text) => Ok(Denial::Verb(text.into())),
        _ => match text.parse::<Scope>() {
            Ok(scope) => Ok(Denial::Scope(Box::new(scope))),
            Err(e) => Err(format!(
                "{} is neither a verb nor a scope ({e})",
                gate::escape::line(text)
            )),
        },
    }
}

fn hours(text: &str) -> Result<Hours, String> {
    let minute = |t: &str| {
        let (hour, minute) = t.trim().split_once(':')?;
        let two = |s: &str| (s.len() == 2).then(|| s.parse::<u16>().ok()).flatten();
        let (hour, minute) = (two(hour)?, two(minute)?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    text.split_once('-')
        .and_then(|(from, until)| Some(Hours(minute(from)?, minute(until)?)))
        .filter(|Hours(from, until)| from != until)
        .ok_or_else(|| format!("hours are written as \"08:00-18:00\", not {text:?}"))
}

impl Hours {
    fn hold(self, now: Timestamp) -> bool {
        let minute = now.millis().div_euclid(60_000).rem_euclid(24 * 60);
        let (from, until) = (i64::from(self.0), i64::from(self.1));
        if from < until {
            (from..until).contains(&minute)
        } else {
            minute >= from || minute < until
        }
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
        write!(f, "{} and {} UTC", clock(self.0), clock(self.1))
    }
}

#[cfg(test)]
mod tests {
    use domain::action::{Script, Shell, Verb};

    use super::*;
    use crate::data::write_atomically;

    const NOON: Timestamp = Timestamp(12 * 3600 * 1_000_000_000);

    fn read(path: &str) -> Command {
        Command::Verb(Verb::FileRead { path: path.into() })
    }

    fn tail(path: &str) -> Command {
        Command::Verb(Verb::FileTail {
            path: path.into(),
            lines: 5,
        })
    }

    fn script() -> Command {
        Command::Script(Script {
            shell: Shell::Sh,
            text: "true".into(),
        })
    }

    fn denied(policy: &str, command: &Command) -> bool {
        parse(policy).unwrap().check(command, NOON).is_err()
    }

    /// R10: what touches a denial is refused, whatever the server says.
    #[test]
    fn what_touches_a_denial_is_refused() {
        let info = Command::Verb(Verb::SystemInfo);
        assert!(!denied("", &script()) && !denied("deny = []", &info));
        assert!(denied("deny = [\"*\"]", &info));
        assert!(denied("deny = [\"script\"]", &script()) && !denied("deny = [\"script\"]", &info));
        assert!(denied("deny = [\"file.read\"]", &tail("/a")) && !denied("deny = [\"file.tail\"]", &read("/a")));
        let below = "deny = ['file.read(\"/etc/pos/**\")']";
        for command in [read("/etc/pos/a"), tail("/etc/pos/a/b")] {
            assert!(denied(below, &command));
        }
        assert!(!denied(below, &read("/etc/hosts")));
        let policy = parse(below).unwrap();
        assert!(policy.check_resource(&read("/srv/link"), "/etc/pos/a").is_err());
        assert!(policy.check_resource(&read("/srv/link"), "/srv/a").is_ok());
        assert!(policy.check_resource(&script(), "/bin/sh").is_ok());
        let said = policy.check(&read("/etc/pos/a"), NOON).unwrap_err().to_string();
        assert_eq!(said, "The endpoint's own policy denies file.read(\"/etc/pos/**\").");
    }

    #[test]
    fn hours_are_kept_to() {
        let info = Command::Verb(Verb::SystemInfo);
        let at = |hours: &str, hour: i64, minute: i64| {
            let now = Timestamp((hour * 60 + minute) * 60 * 1_000_000_000);
            parse(&format!("hours = \"{hours}\""))
                .unwrap()
                .check(&info, now)
                .is_ok()
        };
        assert!(at("08:00-18:00", 8, 0) && at("08:00-18:00", 17, 59));
        assert!(!at("08:00-18:00", 7, 59) && !at("08:00-18:00", 18, 0));
        assert!(at("22:30-06:00", 23, 0) && at("22:30-06:00", 0, 0) && !at("22:30-06:00", 12, 0));
    }

    /// R10: a policy that can't be understood forbids everything, and says so.
    #[test]
    fn an_unreadable_policy_forbids_everything() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("data")).unwrap();
        assert!(LocalPolicy::load(&data).is_ok());
        for text in [
            "deny = \"script\"",
            "allow = [\"script\"]",
            "deny = [\"scripts\"]",
            "deny = ['file.read(\"etc\")']",
            "hours = \"8-18\"",
            "hours = \"08:00-08:00\"",
            "hours = \"24:00-08:00\"",
            "deny = [",
        ] {
            write_atomically(&data.local_policy(), text.as_bytes()).unwrap();
            let said = LocalPolicy::load(&data).unwrap_err().to_string();
            assert!(
                said.contains("nothing runs") && said.contains("policy.toml"),
                "{text}: {said}"
            );
        }
        write_atomically(&data.local_policy(), b"deny = [\"script\"]").unwrap();
        assert!(LocalPolicy::load(&data).is_ok());
    }
}
