//! Services: systemd where it runs, else init scripts, run by their full path and with a clean environment. What is listed
//! of init scripts is their names: asking each of them for its state means running it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use gate::scope::Scope;

use super::{Task, systemd};
use crate::verbs::table::table;
use crate::verbs::{Do, Prepared, Refusal, Work};

/// Exists only while systemd runs the system (sd_booted(3)).
const SYSTEMD_RUNS: &str = "/run/systemd/system";

const SCRIPTS: &str = "/etc/init.d";

/// Exit codes of `status` that are answers: dead, dead with a lock or pid file, not running (LSB 5.0, "Init Script Actions").
const STATUS_ANSWERS: &[i64] = &[1, 2, 3];

/// Makes listing all services ready.
pub(in crate::verbs) fn prepare_list() -> Prepared {
    let host = crate::service::host_name();
    if Path::new(SYSTEMD_RUNS).is_dir() {
        Prepared::new(host, Work::Task(Task::Services))
    } else {
        Prepared::new(host, Work::Describe(|| Ok(scripts(Path::new(SCRIPTS)))))
    }
}

/// The init scripts that would be run.
fn scripts(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).map(|all| all.flatten().collect::<Vec<_>>());
    let mut rows: Vec<Vec<String>> = entries
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.path().canonicalize().is_ok_and(|real| is_trusted(&real)))
        .map(|entry| {
            vec![
                entry.file_name().to_string_lossy().into_owned(),
                entry.path().display().to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return format!(
            "systemd does not run here, and there are no init scripts in {}.\n",
            folder.display()
        );
    }
    rows.sort();
    let told = table(&["SERVICE", "INIT SCRIPT"], &rows, &[]);
    format!("systemd does not run here. The state of one service, service.status tells.\n\n{told}")
}

/// Makes asking for a service's state, or changing it, ready. A service has one name here, so the scope is not asked again.
///
/// # Errors
/// None; as on systems where a service has several names.
pub(in crate::verbs) async fn prepare(
    service: &str,
    what: Do,
    _scope: &Scope,
    action: &str,
) -> Result<Prepared, Refusal> {
    if Path::new(SYSTEMD_RUNS).is_dir() {
        let task = systemd::Task {
            service: service.to_owned(),
            what,
        };
        return Ok(Prepared::new(
            format!("{service}.service"),
            Work::Task(Task::Service(task)),
        ));
    }
    Ok(by_script(Path::new(SCRIPTS), service, what, action))
}

fn by_script(scripts: &Path, service: &str, what: Do, action: &str) -> Prepared {
    let failing = |why: String| Prepared::new(service, Work::Failing(why));
    let path = scripts.join(service);
    let Ok(real) = path.canonicalize() else {
        return failing(format!(
            "There is no service {service}: systemd does not run here, and {} does not exist.",
            path.display()
        ));
    };
    if !is_trusted(&real) {
        return failing(format!(
            "{} is not run: it is not a file that only root can change.",
            real.display()
        ));
    }
    let Some(program) = real.to_str() else {
        return failing("The init script's name is not UTF-8.".into());
    };
    let (word, answers) = match what {
        Do::Status => ("status", STATUS_ANSWERS),
        Do::Start => ("start", &[][..]),
        Do::Stop => ("stop", &[][..]),
        Do::Restart => ("restart", &[][..]),
    };
    Prepared::program(program, program, &[word], action, answers)
}

/// Whether it is a file that only root can change.
fn is_trusted(script: &Path) -> bool {
    script
        .metadata()
        .is_ok_and(|m| m.is_file() && m.uid() == 0 && m.permissions().mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Program;

    #[test]
    fn only_a_script_that_root_alone_can_change_is_run() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("pos");
        let ask = || by_script(dir.path(), "pos", Do::Restart, "a");
        assert!(matches!(ask().work, Work::Failing(_)), "missing");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(matches!(ask().work, Work::Failing(_)), "anybody can change it");
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let owned_by_root = script.metadata().unwrap().uid() == 0;
        assert_eq!(matches!(ask().work, Work::Program { .. }), owned_by_root);
        // What is listed is what would be run.
        assert_eq!(scripts(dir.path()).contains("pos  "), owned_by_root);
    }

    /// R12: init scripts get the word for what is to be done, and only the state has more than one good answer.
    #[test]
    fn init_scripts_are_told_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("pos");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        if script.metadata().unwrap().uid() != 0 {
            assert!(scripts(dir.path()).contains("no init scripts"));
            return;
        }
        for (what, word, answers) in [
            (Do::Status, "status", STATUS_ANSWERS),
            (Do::Start, "start", &[]),
            (Do::Stop, "stop", &[]),
            (Do::Restart, "restart", &[]),
        ] {
            let prepared = by_script(dir.path(), "pos", what, "a");
            let Work::Program { spec, answers: good } = prepared.work else {
                panic!("{word}: {prepared:?}");
            };
            assert_eq!(good, answers, "{word}");
            assert!(
                matches!(&spec.program, Program::System { args, .. } if args == &[word]),
                "{spec:?}"
            );
        }
    }
}
