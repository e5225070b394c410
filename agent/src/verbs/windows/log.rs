//! `log.read`: the entries of a Windows event log, oldest first, as they come.

use domain::action::{Command, Verb};
use gate::scope::Scope;
use win::events::{self, Entry};

use super::{Speaker, Task, told};
use crate::verbs::{Prepared, Refusal, Work};

/// Text is passed on in pieces of about this size.
const PIECE: usize = 32 * 1024;

/// A log and how far back it is to be read.
#[derive(Debug)]
pub(in crate::verbs) struct Reading {
    log: String,
    since_minutes: u32,
}

/// Makes reading a log ready.
///
/// # Errors
/// When the log's own name is outside the scope.
pub(in crate::verbs) async fn prepare(
    log: &str,
    since_minutes: u32,
    scope: &Scope,
    _action: &str,
) -> Result<Prepared, Refusal> {
    let failing = |why: String| Ok(Prepared::new(log, Work::Failing(why)));
    let asked = log.to_owned();
    let live = match tokio::task::spawn_blocking(move || events::spelling(&asked)).await {
        Ok(Ok(Some(live))) => live,
        Ok(Ok(None)) => return failing(format!("There is no event log {log}.")),
        Ok(Err(e)) => return failing(format!("Windows does not tell its event logs: {}.", told(&e))),
        Err(e) => return failing(format!("Looking for the event log {log} failed: {e}.")),
    };
    let verb = Verb::LogRead {
        log: live.clone(),
        since_minutes,
    };
    scope
        .covers(&Command::Verb(verb))
        .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))?;
    let task = Task::Log(Reading {
        log: live.clone(),
        since_minutes,
    });
    Ok(Prepared::new(format!("event log {live}"), Work::Task(task)))
}

impl Reading {
    pub(super) fn run(self, say: &Speaker) -> Result<(), String> {
        let failed = |e| format!("The event log {} can't be read: {}.", self.log, told(&e));
        let mut entries = events::since(&self.log, self.since_minutes).map_err(failed)?;
        let (mut text, mut count) = (String::new(), 0_u64);
        while let Some(entry) = entries.next_entry().map_err(|e| {
            say.say(std::mem::take(&mut text));
            failed(e)
        })? {
            text.push_str(&words(&entry));
            count += 1;
            if text.len() >= PIECE {
                say.say(std::mem::take(&mut text));
            }
            if say.has_to_end() {
                return Ok(());
            }
        }
        if count == 0 {
            text.push_str(&format!("No entries in the last {} minutes.\n", self.since_minutes));
        }
        say.say(text);
        Ok(())
    }
}

/// An entry: a line with when, how grave, who, which; below it the message, or the data where there is none.
fn words(entry: &Entry) -> String {
    let Entry {
        time,
        level,
        provider,
        id,
        record,
        message,
        data,
    } = entry;
    let mut text = format!("{time}  {level}  {provider}  event {id}  record {record}\n");
    let body = message.clone().unwrap_or_else(|| {
        let line = |(name, value): &(String, String)| {
            if name.is_empty() {
                value.clone()
            } else {
                format!("{name}: {value}")
            }
        };
        data.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    for line in body.lines() {
        text.push_str("    ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use win::events::Level;

    /// R12: an entry is told with its message; without one, with its data.
    #[test]
    fn an_entry_is_told_in_lines() {
        let mut entry = Entry {
            time: "2026-03-01T02:47:09.1234567Z".into(),
            level: Level::Error,
            provider: "Service Control Manager".into(),
            id: 7034,
            record: 12,
            message: Some("POSPrint ended.\r\nIt did so once.".into()),
            data: vec![("param1".into(), "POSPrint".into()), (String::new(), "1".into())],
        };
        let head = "2026-03-01T02:47:09.1234567Z  Error  Service Control Manager  event 7034  record 12\n";
        assert_eq!(
            words(&entry),
            format!("{head}    POSPrint ended.\n    It did so once.\n")
        );
        entry.message = None;
        assert_eq!(words(&entry), format!("{head}    param1: POSPrint\n    1\n"));
    }

    /// R12: a log that is not there, and a system that does not tell its logs, are told as such and not as an empty log.
    #[tokio::test]
    async fn a_log_that_can_not_be_read_fails_in_plain_words() {
        let scope: Scope = r#"log.read("No-Such-Log"){since=1h}"#.parse().unwrap();
        let prepared = prepare("No-Such-Log", 60, &scope, "a").await.unwrap();
        assert!(
            matches!(&prepared.work, Work::Failing(why) if why == "There is no event log No-Such-Log." || why.starts_with("Windows does not tell its event logs: ")),
            "{prepared:?}"
        );
    }
}
