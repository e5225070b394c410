//! Being a service: what the service manager starts, and how it asks for the end.

use std::ffi::OsString;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use windows_service::define_windows_service;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_dispatcher;

use super::failed;
use crate::error::WinError;

/// How long the service manager is asked to wait for the end.
const STOPPING: Duration = Duration::from_secs(20);

/// What the service does: until the receiver says that it is to stop. True when it ended well.
type Work = Box<dyn FnOnce(Receiver<()>) -> bool + Send>;

/// What the one service of this process is, for the function that the service manager calls, which takes no data.
static THIS: Mutex<Option<(String, Work)>> = Mutex::new(None);

define_windows_service!(service_main, serve);

/// Runs `work` as the service `name`, in the process that the service manager started for it. `work` gets a message, or
/// the sender's end, when the service is to stop, and gives whether it ended well; if it did not, the service counts as
/// failed and is started again as its recovery settings say. Returns when it ended.
///
/// # Errors
/// When the service manager did not start this process; otherwise as the system says.
pub fn run(name: &str, work: impl FnOnce(Receiver<()>) -> bool + Send + 'static) -> Result<(), WinError> {
    *THIS.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), Box::new(work)));
    service_dispatcher::start(name, service_main).map_err(failed("StartServiceCtrlDispatcherW"))
}

fn serve(_arguments: Vec<OsString>) {
    let this = THIS.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((name, work)) = this else { return };
    let (stop, stopped) = channel();
    let Ok(status) = service_control_handler::register(&name, move |control| answer(&stop, control)) else {
        // Without it nothing can be told to the service manager, which takes the process's end for a failure.
        return;
    };
    tell(status, ServiceState::Running, true);
    // The receiver's message is handed on only once the service manager knows.
    let (forward, asked) = channel();
    std::thread::spawn(move || {
        if stopped.recv().is_ok() {
            tell(status, ServiceState::StopPending, true);
            // Whoever worked may be gone already.
            let _ = forward.send(());
        }
    });
    let well = work(asked);
    tell(status, ServiceState::Stopped, well);
}

fn answer(stop: &Sender<()>, control: ServiceControl) -> ServiceControlHandlerResult {
    if matches!(control, ServiceControl::Stop | ServiceControl::Shutdown) {
        // The second time nobody may be there to hear it.
        let _ = stop.send(());
    } else if !matches!(control, ServiceControl::Interrogate) {
        return ServiceControlHandlerResult::NotImplemented;
    }
    ServiceControlHandlerResult::NoError
}

fn tell(status: ServiceStatusHandle, state: ServiceState, well: bool) {
    let (accepts, hint) = match state {
        ServiceState::Running => (
            ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN,
            Duration::ZERO,
        ),
        ServiceState::StopPending => (ServiceControlAccept::empty(), STOPPING),
        ServiceState::Stopped
        | ServiceState::StartPending
        | ServiceState::ContinuePending
        | ServiceState::PausePending
        | ServiceState::Paused => (ServiceControlAccept::empty(), Duration::ZERO),
    };
    // If the service manager can't be told, it finds out by the process's end.
    let _ = status.set_service_status(ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: accepts,
        exit_code: if well {
            ServiceExitCode::NO_ERROR
        } else {
            ServiceExitCode::ServiceSpecific(1)
        },
        checkpoint: 0,
        wait_hint: hint,
        process_id: None,
    });
}
