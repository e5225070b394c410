//! Real services, made for the test and removed afterwards. They are this package's example `quiet_service`.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use win::services::{Manager, Purpose, Start, State, Step, Trouble, Watch, restart, start, stop};
use windows_service::service::{
    Service, ServiceAccess, ServiceDependency, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

/// A service of the test; stopped and deleted when dropped.
struct Made {
    name: String,
    service: Service,
}

fn make(name: &str, arguments: &[&str], needs: &[&Made]) -> Made {
    let name = format!("{name}{}", std::process::id());
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::all()).unwrap();
    let program: PathBuf = std::env::current_exe().unwrap();
    let program = program
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join(r"examples\quiet_service.exe");
    assert!(program.exists(), "{} is not built", program.display());
    let arguments = std::iter::once(name.as_str()).chain(arguments.iter().copied());
    let info = ServiceInfo {
        name: OsString::from(&name),
        display_name: OsString::from(format!("{name} for a test")),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::OnDemand,
        error_control: ServiceErrorControl::Normal,
        executable_path: program,
        launch_arguments: arguments.map(OsString::from).collect(),
        dependencies: needs
            .iter()
            .map(|n| ServiceDependency::Service(OsString::from(&n.name)))
            .collect(),
        account_name: None,
        account_password: None,
    };
    let service = manager.create_service(&info, ServiceAccess::all()).unwrap();
    Made { name, service }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = self.service.stop();
        let _ = self.service.delete();
    }
}

/// Does something with a watch, and gives what was heard.
fn watched<T>(
    patience: Duration,
    act: impl FnOnce(&mut Watch<'_>) -> Result<T, Trouble>,
) -> (Result<T, Trouble>, Vec<String>) {
    let heard = RefCell::new(vec![]);
    let mut hear = |step: Step<'_>| heard.borrow_mut().push(words(step));
    let result = act(&mut Watch {
        deadline: Instant::now() + patience,
        hear: &mut hear,
        give_up: &|| false,
    });
    (result, heard.into_inner())
}

fn words(step: Step<'_>) -> String {
    let own = std::process::id().to_string();
    let text = match step {
        Step::Stopping(n) => format!("stopping {n}"),
        Step::Stopped(n, _) => format!("stopped {n}"),
        Step::WasStopped(n) => format!("was stopped {n}"),
        Step::Starting(n) => format!("starting {n}"),
        Step::Running(n, _, pid) => format!("running {n} {}", pid.is_some()),
        Step::WasRunning(n) => format!("was running {n}"),
        Step::Waiting(n, state, _) => format!("waiting {n} {state}"),
    };
    text.replace(&own, "")
}

const MINUTE: Duration = Duration::from_secs(60);

/// Wine's service manager takes one thread of a process at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// R12: a service is found by any spelling, described, restarted with what depends on it, and stopped.
#[test]
fn a_service_is_restarted_with_what_depends_on_it() {
    let _alone = ALONE.lock().unwrap();
    let print = make("POSPrint", &[], &[]);
    let till = make("POSTill", &["slow"], &[&print]);
    let idle = make("POSIdle", &[], &[&print]);
    let manager = Manager::connect().unwrap();
    assert_eq!(manager.spelling(&print.name.to_uppercase()).unwrap(), print.name);
    assert!(manager.spelling("NoSuchService").unwrap_err().is_not_found());

    for (made, word) in [(&print, "POSPrint"), (&till, "POSTill")] {
        let (started, heard) = watched(MINUTE, |w| start(&manager, &made.name, w));
        started.unwrap();
        assert_eq!(heard, [format!("starting {word}"), format!("running {word} true")]);
    }

    let service = manager.open(&print.name, Purpose::Look).unwrap();
    let before = service.status().unwrap();
    assert_eq!(before.state, State::Running);
    let config = service.config().unwrap();
    assert_eq!(
        (config.start, config.display),
        (Start::Manual, format!("{} for a test", print.name))
    );
    assert!(config.command.contains("quiet_service") && config.needs.is_empty());
    // Wine 8 starts and stops services but tells nothing about what they need.
    let told = !service.dependants(true).unwrap().is_empty();
    if told {
        let needs = manager.open(&till.name, Purpose::Look).unwrap().config().unwrap().needs;
        assert_eq!(needs, std::slice::from_ref(&print.name));
        assert_eq!(service.dependants(false).unwrap(), std::slice::from_ref(&till.name));
        let mut all = service.dependants(true).unwrap();
        all.sort();
        assert_eq!(all, [idle.name.clone(), till.name.clone()]);
    }

    let (restarted, heard) = watched(MINUTE, |w| restart(&manager, &print.name, w));
    restarted.unwrap();
    let heard: Vec<_> = heard.iter().filter(|h| !h.starts_with("waiting")).collect();
    let (first, own, last) = (
        ["stopping POSTill", "stopped POSTill"],
        [
            "stopping POSPrint",
            "stopped POSPrint",
            "starting POSPrint",
            "running POSPrint true",
        ],
        ["starting POSTill", "running POSTill true"],
    );
    if told {
        assert_eq!(heard, [&first[..], &own[..], &last[..]].concat());
    } else {
        assert_eq!(heard, own);
    }
    assert_ne!(service.status().unwrap().pid, before.pid);
    let listed = manager.list().unwrap();
    let state = |made: &Made| listed.iter().find(|l| l.name == made.name).map(|l| l.status.state);
    assert_eq!(
        [&print, &till, &idle].map(state),
        [Some(State::Running), Some(State::Running), Some(State::Stopped)]
    );

    let (stopped, heard) = watched(MINUTE, |w| stop(&manager, &till.name, w));
    assert!(stopped.unwrap().is_empty());
    assert!(heard.contains(&"waiting POSTill stopping".to_owned()), "{heard:?}");
    let (stopped, _) = watched(MINUTE, |w| stop(&manager, &print.name, w));
    assert!(stopped.unwrap().is_empty());
    let (again, heard) = watched(MINUTE, |w| stop(&manager, &print.name, w));
    assert!(again.unwrap().is_empty());
    assert_eq!(heard, ["was stopped POSPrint"]);
}

/// R12: a service that ends while it starts is told with its own exit code; waiting ends at the deadline.
#[test]
fn a_failing_service_and_the_deadline_are_told() {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let failing = make("POSFails", &["fails"], &[]);
    let manager = Manager::connect().unwrap();
    let (result, _) = watched(MINUTE, |w| start(&manager, &failing.name, w));
    assert!(
        matches!(&result, Err(Trouble::Ended { own: Some(42), .. })),
        "{result:?}"
    );
    let slow = make("POSSlow", &["slow"], &[]);
    watched(MINUTE, |w| start(&manager, &slow.name, w)).0.unwrap();
    let (result, _) = watched(Duration::from_millis(300), |w| stop(&manager, &slow.name, w));
    assert!(
        matches!(
            &result,
            Err(Trouble::GivenUp {
                state: State::Stopping,
                ..
            })
        ),
        "{result:?}"
    );
    watched(MINUTE, |w| stop(&manager, &slow.name, w)).0.unwrap();
}
