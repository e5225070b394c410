//! The agent's own service: installed, started, stopped and removed by its commands, and run by the service manager.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl, ServiceFailureActions,
    ServiceFailureResetPeriod, ServiceInfo, ServiceStartType, ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::{
    ERROR_INVALID_LEVEL, ERROR_INVALID_NAME, ERROR_SERVICE_ALREADY_RUNNING, ERROR_SERVICE_MARKED_FOR_DELETE,
    ERROR_SERVICE_NOT_ACTIVE, ERROR_SERVICE_REQUEST_TIMEOUT,
};

use crate::error::WinError;

mod run;

pub use run::run;

/// How long after it failed the service is started again: the first time, the second, and whenever it fails after that.
const RESTARTS: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(300),
];

/// After this long without a failure the next one counts as the first.
const FORGIVEN: Duration = Duration::from_secs(86_400);

/// How long the service may take to start, stop or go.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What to install.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The service's name.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// What it does, for people.
    pub description: String,
    /// The program.
    pub executable: PathBuf,
    /// What the program is started with.
    pub arguments: Vec<OsString>,
    /// The account it runs as, such as `NT SERVICE\Name`; LocalSystem when none is named.
    pub account: Option<String>,
}

/// How a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    Stopped,
    /// It runs.
    Running,
    /// It is on the way from one to the other, or paused.
    Between,
}

/// Installs the service, or brings the one of that name up to date: starting with the system, a little later than what the
/// system itself needs, and again whenever it failed. It is not started.
///
/// # Errors
/// As the system says. A service that is only half configured is removed again if it was not there before.
pub fn install(what: &Installation) -> Result<(), WinError> {
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    let info = ServiceInfo {
        name: what.name.clone().into(),
        display_name: what.display_name.clone().into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: what.executable.clone(),
        launch_arguments: what.arguments.clone(),
        dependencies: vec![],
        account_name: what.account.clone().map(Into::into),
        account_password: None,
    };
    let access = ServiceAccess::all();
    match manager.open_service(&what.name, access) {
        Ok(there) => {
            there.change_config(&info).map_err(failed("ChangeServiceConfigW"))?;
            configure(&there, &what.description)
        }
        Err(e) => {
            let error = failed("OpenServiceW")(e);
            if !error.is_not_found() {
                return Err(error);
            }
            let made = manager
                .create_service(&info, access)
                .map_err(failed("CreateServiceW"))?;
            configure(&made, &what.description).inspect_err(|_| {
                // The first error is the one to tell.
                let _ = made.delete();
            })
        }
    }
}

fn configure(service: &Service, description: &str) -> Result<(), WinError> {
    let actions = RESTARTS
        .iter()
        .map(|delay| ServiceAction {
            action_type: ServiceActionType::Restart,
            delay: *delay,
        })
        .collect();
    let recovery = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGIVEN),
        reboot_msg: None,
        command: None,
        actions: Some(actions),
    };
    known(service.set_description(description))?;
    known(service.update_failure_actions(recovery))?;
    // An end that the agent reports as a failure counts, too, and not only a crash.
    known(service.set_failure_actions_on_non_crash_failures(true))?;
    known(service.set_delayed_auto_start(true))
}

/// Takes it for done when the system does not know the setting (Wine knows few): the service runs without it.
fn known(changed: windows_service::Result<()>) -> Result<(), WinError> {
    match changed.map_err(failed("ChangeServiceConfig2W")) {
        Err(e) if e.code != ERROR_INVALID_LEVEL => Err(e),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Stops the service and removes it; one that is not there is as good as removed.
///
/// # Errors
/// As the system says, or when it does not stop or go in time.
pub fn uninstall(name: &str) -> Result<(), WinError> {
    match stop(name) {
        Err(e) if e.is_not_found() => return Ok(()),
        other => other?,
    }
    match open(name, ServiceAccess::DELETE)?.delete() {
        Ok(()) => {}
        Err(e) => {
            let error = failed("DeleteService")(e);
            if error.code != ERROR_SERVICE_MARKED_FOR_DELETE {
                return Err(error);
            }
        }
    }
    // It goes once nobody has it open any more.
    until(|| Ok(query(name)?.is_none()))
}

/// Starts the service and waits until it runs; one that runs is left alone.
///
/// # Errors
/// As the system says, or when it does not run in time.
pub fn start(name: &str) -> Result<(), WinError> {
    let service = open(name, ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    match service.start::<&OsStr>(&[]) {
        Ok(()) => {}
        Err(e) => {
            let error = failed("StartServiceW")(e);
            if error.code != ERROR_SERVICE_ALREADY_RUNNING {
                return Err(error);
            }
        }
    }
    until(|| Ok(state(&service)? == State::Running))
}

/// Stops the service and waits until it stopped; one that does not run is left alone.
///
/// # Errors
/// As the system says, or when it does not stop in time.
pub fn stop(name: &str) -> Result<(), WinError> {
    let service = open(name, ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?;
    match service.stop() {
        Ok(_) => {}
        Err(e) => {
            let error = failed("ControlService")(e);
            if error.code != ERROR_SERVICE_NOT_ACTIVE {
                return Err(error);
            }
        }
    }
    until(|| Ok(state(&service)? == State::Stopped))
}

/// How the service stands; none when it is not installed.
///
/// # Errors
/// As the system says.
pub fn query(name: &str) -> Result<Option<State>, WinError> {
    match open(name, ServiceAccess::QUERY_STATUS) {
        Ok(service) => state(&service).map(Some),
        Err(e) if e.is_not_found() || e.code == ERROR_SERVICE_MARKED_FOR_DELETE => Ok(None),
        Err(e) => Err(e),
    }
}

fn state(service: &Service) -> Result<State, WinError> {
    let status = service.query_status().map_err(failed("QueryServiceStatusEx"))?;
    Ok(match status.current_state {
        ServiceState::Stopped => State::Stopped,
        ServiceState::Running => State::Running,
        ServiceState::StartPending
        | ServiceState::StopPending
        | ServiceState::ContinuePending
        | ServiceState::PausePending
        | ServiceState::Paused => State::Between,
    })
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager, WinError> {
    ServiceManager::local_computer(None::<&OsStr>, access).map_err(failed("OpenSCManagerW"))
}

fn open(name: &str, access: ServiceAccess) -> Result<Service, WinError> {
    manager(ServiceManagerAccess::CONNECT)?
        .open_service(name, access)
        .map_err(failed("OpenServiceW"))
}

fn until(mut holds: impl FnMut() -> Result<bool, WinError>) -> Result<(), WinError> {
    let since = Instant::now();
    while !holds()? {
        if since.elapsed() > PATIENCE {
            return Err(WinError::new("QueryServiceStatusEx", ERROR_SERVICE_REQUEST_TIMEOUT));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

/// What the service library reports, as this crate's error.
fn failed(call: &'static str) -> impl Fn(windows_service::Error) -> WinError {
    move |error| {
        if let windows_service::Error::Winapi(e) = error {
            WinError::of(call, &e)
        } else {
            // What is left are texts that can't be given to the system, such as one with a zero in it.
            WinError::new(call, ERROR_INVALID_NAME)
        }
    }
}

#[cfg(test)]
mod tests;
