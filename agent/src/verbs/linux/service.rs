//! Services: systemd where it runs, else init scripts, run by their full path and with a clean environment.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use gate::scope::Scope;

use super::systemd::Task;
use crate::verbs::{Change, Prepared, Refusal, Work};

/// Exists only while systemd runs the system (sd_booted(3)).
const SYSTEMD_RUNS: &str = "/run/systemd/system";

const SCRIPTS: &str = "/etc/init.d";

/// Exit codes of `status` that are answers: dead, dead with a lock or pid file, not running (LSB 5.0, "Init Script Actions").
const STATUS_ANSWERS: &[i64] = &[1, 2, 3];

/// Refuses to list the services.
///
/// # Errors
/// Always.
pub(in crate::verbs) fn list() -> Result<Prepared, Refusal> {
    Err(Refusal::unsupported("This agent does not know service.list on Linux."))
}

/// Makes asking for a service's state, or restarting it, ready. A service has one name here, so the scope is not asked again.
///
/// # Errors
/// When it is to be started or stopped.
pub(in crate::verbs) async fn prepare(
    service: &str,
    change: Change,
    _scope: &Scope,
    action: &str,
) -> Result<Prepared, Refusal> {
    let restart = match change {
        Change::None => false,
        Change::Restart => true,
        Change::Start | Change::Stop => {
            return Err(Refusal::unsupported(
                "This agent does not know service.start and service.stop on Linux.",
            ));
        }
    };
    if Path::new(SYSTEMD_RUNS).is_dir() {
        let task = Task {
            service: service.to_owned(),
            restart,
        };
        return Ok(Prepared::new(format!("{service}.service"), Work::Task(task)));
    }
    Ok(by_script(Path::new(SCRIPTS), service, restart, action))
}

fn by_script(scripts: &Path, service: &str, restart: bool, action: &str) -> Prepared {
    let failing = |why: String| Prepared::new(service, Work::Failing(why));
    let path = scripts.join(service);
    let Ok(real) = path.canonicalize() else {
        return failing(format!(
            "There is no service {service}: systemd does not run here, and {} does not exist.",
            path.display()
        ));
    };
    let trusted = real
        .metadata()
        .is_ok_and(|m| m.is_file() && m.uid() == 0 && m.permissions().mode() & 0o022 == 0);
    if !trusted {
        return failing(format!(
            "{} is not run: it is not a file that only root can change.",
            real.display()
        ));
    }
    let Some(program) = real.to_str() else {
        return failing("The init script's name is not UTF-8.".into());
    };
    let (word, answers) = if restart {
        ("restart", &[][..])
    } else {
        ("status", STATUS_ANSWERS)
    };
    Prepared::program(program, program, &[word], action, answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_script_that_root_alone_can_change_is_run() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("pos");
        let ask = || by_script(dir.path(), "pos", true, "a");
        assert!(matches!(ask().work, Work::Failing(_)), "missing");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(matches!(ask().work, Work::Failing(_)), "anybody can change it");
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let owned_by_root = script.metadata().unwrap().uid() == 0;
        assert_eq!(matches!(ask().work, Work::Program { .. }), owned_by_root);
    }
}
