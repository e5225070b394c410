//! `log.read`: a file below `/var/log` where there is one by that name, else a unit's entries in the journal.

use std::path::Path;

use domain::action::{Command, Verb};
use gate::scope::Scope;

use super::file;
use crate::clock;
use crate::run::find_program;
use crate::verbs::log_time::Window;
use crate::verbs::stream::Part;
use crate::verbs::{Prepared, Refusal, Work};

const LOGS: &str = "/var/log";

/// Where journald keeps the journal: on disk, or in memory (systemd-journald(8)).
const JOURNALS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];

/// Makes reading a log ready.
///
/// # Errors
/// When the name leads to a file outside the log folder, or to a log that is outside the scope.
pub(in crate::verbs) async fn prepare(
    log: &str,
    since_minutes: u32,
    scope: &Scope,
    action: &str,
) -> Result<Prepared, Refusal> {
    find(Path::new(LOGS), log, since_minutes, scope, action).await
}

async fn find(logs: &Path, log: &str, since_minutes: u32, scope: &Scope, action: &str) -> Result<Prepared, Refusal> {
    if let Ok(held) = file::hold(&logs.join(log))
        && held.is_regular()
    {
        let real = held.real.strip_prefix(logs).ok().and_then(Path::to_str);
        let real = real.ok_or_else(|| {
            Refusal::out_of_scope(format!(
                "It leads to {}, outside {}.",
                held.real.display(),
                logs.display()
            ))
        })?;
        let asked = Command::Verb(Verb::LogRead {
            log: real.to_owned(),
            since_minutes,
        });
        scope
            .covers(&asked)
            .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))?;
        return Ok(held.read(Part::Window(Window::new(
            clock::now(),
            since_minutes,
            local_offset().await,
        ))));
    }
    let journal = JOURNALS
        .iter()
        .any(|j| std::fs::read_dir(j).is_ok_and(|mut d| d.next().is_some()));
    match find_program("journalctl").filter(|_| journal && !log.contains('/')) {
        Some(journalctl) => {
            let (unit, since) = (format!("--unit={log}"), format!("--since=-{since_minutes}min"));
            let args = ["--no-pager", "--quiet", "--output=short-iso", &unit, &since];
            Ok(Prepared::program(
                format!("journal of {log}"),
                &journalctl,
                &args,
                action,
                &[],
            ))
        }
        None => {
            let else_ = if journal { "" } else { ", and no journal is kept" };
            Ok(Prepared::new(
                log,
                Work::Failing(format!("There is no file {log} below {}{else_}.", logs.display())),
            ))
        }
    }
}

/// Seconds that local time is ahead of UTC now, as `date` knows it; 0 where it does not. Lines written before the clocks
/// were last changed are taken to be an hour off.
async fn local_offset() -> i64 {
    let Some(date) = find_program("date") else { return 0 };
    let asked = tokio::process::Command::new(date)
        .arg("+%z")
        .env_clear()
        .kill_on_drop(true)
        .output()
        .await;
    asked
        .ok()
        .and_then(|o| offset(std::str::from_utf8(&o.stdout).ok()?.trim()))
        .unwrap_or(0)
}

fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_at_checked(2)?;
    Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10, R21: a log's name leads to a file below the log folder that the scope covers, or it is refused.
    #[tokio::test]
    async fn a_link_out_of_the_log_folder_or_the_scope_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let logs = dir.path().canonicalize().unwrap().join("log");
        std::fs::create_dir(&logs).unwrap();
        std::fs::write(dir.path().join("secret"), "x").unwrap();
        std::fs::write(logs.join("pos"), "x").unwrap();
        std::fs::write(logs.join("other"), "x").unwrap();
        std::os::unix::fs::symlink("../secret", logs.join("out")).unwrap();
        std::os::unix::fs::symlink("other", logs.join("alias")).unwrap();
        std::os::unix::fs::symlink("pos", logs.join("fine")).unwrap();
        let scope: Scope = "log.read(\"alias\", \"fine\", \"out\", \"pos\"){since=1h}"
            .parse()
            .unwrap();
        for (name, allowed) in [("pos", true), ("fine", true), ("out", false), ("alias", false)] {
            assert_eq!(find(&logs, name, 60, &scope, "a").await.is_ok(), allowed, "{name}");
        }
        assert!(
            find(&logs, "pos", 61, &scope, "a").await.is_err(),
            "further back than approved"
        );
        let missing = find(&logs, "missing/log", 60, &scope, "a").await.unwrap();
        assert!(
            matches!(&missing.work, Work::Failing(why) if why.starts_with("There is no file missing/log")),
            "{missing:?}"
        );
    }

    #[test]
    fn an_offset_is_read_as_date_writes_it() {
        assert_eq!(
            ["+0000", "+0530", "-0800", "UTC", ""].map(offset),
            [Some(0), Some(19_800), Some(-28_800), None, None]
        );
    }
}
