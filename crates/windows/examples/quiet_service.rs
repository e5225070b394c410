//! A service that does nothing, for tests: `quiet_service <name> [slow] [fails]`. With `slow` it takes two seconds to stop
//! and says that it is on its way; with `fails` it ends with its own exit code 42 while it starts.

#[cfg(windows)]
mod service {
    use std::ffi::OsString;
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use windows_service::service::{
        ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
    };
    use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
    use windows_service::{define_windows_service, service_dispatcher};

    define_windows_service!(entry, serve);

    pub(crate) fn run() -> windows_service::Result<()> {
        service_dispatcher::start(name(), entry)
    }

    fn name() -> String {
        std::env::args().nth(1).unwrap_or_default()
    }

    fn serve(_: Vec<OsString>) {
        let (stop, stopped) = channel();
        let handler = move |control| handle(control, &stop);
        let Ok(status) = service_control_handler::register(name(), handler) else {
            return;
        };
        if std::env::args().any(|a| a == "fails") {
            tell(status, ServiceState::StartPending, 1, 0);
            std::thread::sleep(Duration::from_millis(300));
            return tell(status, ServiceState::Stopped, 0, 42);
        }
        tell(status, ServiceState::Running, 0, 0);
        // Ends when told to, or when nobody is left who could tell.
        let _ = stopped.recv();
        if std::env::args().any(|a| a == "slow") {
            for check_point in 1..=4 {
                tell(status, ServiceState::StopPending, check_point, 0);
                std::thread::sleep(Duration::from_millis(500));
            }
        }
        tell(status, ServiceState::Stopped, 0, 0);
    }

    fn handle(control: ServiceControl, stop: &Sender<()>) -> ServiceControlHandlerResult {
        if control == ServiceControl::Stop {
            let _ = stop.send(());
            ServiceControlHandlerResult::NoError
        } else if control == ServiceControl::Interrogate {
            ServiceControlHandlerResult::NoError
        } else {
            ServiceControlHandlerResult::NotImplemented
        }
    }

    fn tell(status: ServiceStatusHandle, state: ServiceState, checkpoint: u32, own_exit: u32) {
        let accepted = if state == ServiceState::Running {
            ServiceControlAccept::STOP
        } else {
            ServiceControlAccept::empty()
        };
        // A test sees by the state what could not be told.
        let _ = status.set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: state,
            controls_accepted: accepted,
            exit_code: if own_exit == 0 {
                ServiceExitCode::Win32(0)
            } else {
                ServiceExitCode::ServiceSpecific(own_exit)
            },
            checkpoint,
            wait_hint: Duration::from_secs(2),
            process_id: None,
        });
    }
}

#[cfg(windows)]
fn main() -> windows_service::Result<()> {
    service::run()
}

#[cfg(not(windows))]
fn main() {}
