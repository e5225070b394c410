//! Starting and stopping, with what depends on a service, and waiting until it is so.

use std::ptr::null;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_SERVICE_ALREADY_RUNNING, ERROR_SERVICE_CANNOT_ACCEPT_CTRL, ERROR_SERVICE_NOT_ACTIVE,
};
use windows_sys::Win32::System::Services::{ControlService, SERVICE_CONTROL_STOP, SERVICE_STATUS, StartServiceW};

use super::{Manager, Purpose, Service, State, Status};
use crate::error::WinError;

/// How often a service on its way is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A service that shows no progress for this long, or for what it asked for if that is longer, hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that happened on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A service is told to stop.
    Stopping(&'a str),
    /// It is stopped, after so long.
    Stopped(&'a str, Duration),
    /// It was stopped before.
    WasStopped(&'a str),
    /// A service is told to start.
    Starting(&'a str),
    /// It runs, after so long, as this process.
    Running(&'a str, Duration, Option<u32>),
    /// It ran before.
    WasRunning(&'a str),
    /// It is still on its way; told about once a second.
    Waiting(&'a str, State, Duration),
}

/// How long to wait, and who hears what happens.
pub struct Watch<'a> {
    /// When to give up.
    pub deadline: Instant,
    /// Hears each step.
    pub hear: &'a mut dyn FnMut(Step<'_>),
    /// Asked often; `true` ends the waiting.
    pub give_up: &'a dyn Fn() -> bool,
}

/// Why a service is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The system refused.
    #[error("{service}: {error}")]
    Refused {
        /// The service.
        service: String,
        /// Why.
        error: WinError,
    },
    /// It ended instead of running.
    #[error("{service} ended while it started, with exit code {exit}{}.", own.map(|o| format!(" ({o} in its own numbers)")).unwrap_or_default())]
    Ended {
        /// The service.
        service: String,
        /// The system's code.
        exit: u32,
        /// Its own code.
        own: Option<u32>,
    },
    /// It does not take an order to stop.
    #[error("{service} is {state} and takes no order to stop now.")]
    NotStoppable {
        /// The service.
        service: String,
        /// What it is doing.
        state: State,
    },
    /// It shows no progress.
    #[error("{service} is still {state} and has shown no progress for {} s. It seems to hang.", waited.as_secs())]
    Hangs {
        /// The service.
        service: String,
        /// What it is doing.
        state: State,
        /// For how long.
        waited: Duration,
    },
    /// The time was over, or the waiting was given up.
    #[error("{service} was still {state} when waiting for it ended; Windows carries on with it.")]
    GivenUp {
        /// The service.
        service: String,
        /// What it is doing.
        state: State,
    },
}

/// Starts a service, with what it needs to run, and waits until it runs.
///
/// # Errors
/// Why it does not run.
pub fn start(manager: &Manager, name: &str, watch: &mut Watch<'_>) -> Result<(), Trouble> {
    let service = open(manager, name)?;
    let began = Instant::now();
    match service.status().map_err(refused(name))?.state {
        State::Running => {
            (watch.hear)(Step::WasRunning(name));
            return Ok(());
        }
        State::Stopping => {
            wait(&service, State::Stopped, watch)?;
        }
        State::Stopped | State::Starting | State::Continuing | State::Pausing | State::Paused | State::Unknown(_) => {}
    }
    (watch.hear)(Step::Starting(name));
    // SAFETY: no arguments are given.
    let done = unsafe { StartServiceW(service.handle.0, 0, null()) };
    if done == 0 {
        let error = WinError::last("StartServiceW");
        if error.code != ERROR_SERVICE_ALREADY_RUNNING {
            return Err(refused(name)(error));
        }
    }
    let status = wait(&service, State::Running, watch)?;
    (watch.hear)(Step::Running(name, began.elapsed(), status.pid));
    Ok(())
}

/// Stops a service and, before it, the running ones that depend on it. Gives the names of these, in the order in which they
/// were stopped.
///
/// # Errors
/// Why it still runs; what was stopped until then stays stopped.
pub fn stop(manager: &Manager, name: &str, watch: &mut Watch<'_>) -> Result<Vec<String>, Trouble> {
    let mut stopped = vec![];
    stop_all(manager, name, &mut stopped, watch)?;
    Ok(stopped)
}

/// Stops a service and what depends on it, and starts all that ran before again. What was stopped for it is started again
/// also when the service itself could not be stopped.
///
/// # Errors
/// Why not all of it runs. Once the time is over or the waiting given up, nothing more is done.
pub fn restart(manager: &Manager, name: &str, watch: &mut Watch<'_>) -> Result<(), Trouble> {
    let mut stopped = vec![];
    let mut trouble = stop_all(manager, name, &mut stopped, watch).err();
    if matches!(trouble, Some(Trouble::GivenUp { .. })) {
        return trouble.map_or(Ok(()), Err);
    }
    if trouble.is_none() {
        start(manager, name, watch)?;
    }
    for dependant in stopped.iter().rev() {
        if let Err(another) = start(manager, dependant, watch) {
            trouble.get_or_insert(another);
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// As [`stop`]; `stopped` has the names also when it fails on the way.
fn stop_all(manager: &Manager, name: &str, stopped: &mut Vec<String>, watch: &mut Watch<'_>) -> Result<(), Trouble> {
    let service = open(manager, name)?;
    for dependant in service.dependants(false).map_err(refused(name))? {
        stop_one(&open(manager, &dependant)?, watch)?;
        stopped.push(dependant);
    }
    stop_one(&service, watch)
}

fn stop_one(service: &Service, watch: &mut Watch<'_>) -> Result<(), Trouble> {
    let name = service.name();
    let began = Instant::now();
    let mut status = service.status().map_err(refused(name))?;
    if status.state == State::Starting {
        // Until it runs it takes no order; it may as well end by itself.
        status = match wait(service, State::Running, watch) {
            Err(Trouble::Ended { .. }) => service.status().map_err(refused(name))?,
            other => other?,
        };
    }
    if status.state == State::Stopped {
        (watch.hear)(Step::WasStopped(name));
        return Ok(());
    }
    (watch.hear)(Step::Stopping(name));
    if status.state != State::Stopping {
        let mut now = SERVICE_STATUS::default();
        // SAFETY: the handle is open and the structure is the one that the call fills.
        let done = unsafe { ControlService(service.handle.0, SERVICE_CONTROL_STOP, &mut now) };
        let error = WinError::last("ControlService");
        match error.code {
            _ if done != 0 => {}
            ERROR_SERVICE_NOT_ACTIVE => {}
            ERROR_SERVICE_CANNOT_ACCEPT_CTRL => {
                let (service, state) = (name.to_owned(), status.state);
                return Err(Trouble::NotStoppable { service, state });
            }
            _ if !status.can_stop => {
                let (service, state) = (name.to_owned(), status.state);
                return Err(Trouble::NotStoppable { service, state });
            }
            _ => return Err(refused(name)(error)),
        }
    }
    wait(service, State::Stopped, watch)?;
    (watch.hear)(Step::Stopped(name, began.elapsed()));
    Ok(())
}

/// Waits until a service is as wanted.
fn wait(service: &Service, wanted: State, watch: &mut Watch<'_>) -> Result<Status, Trouble> {
    let name = service.name();
    let (began, mut told) = (Instant::now(), 0);
    let (mut progress, mut check_point) = (began, None);
    loop {
        let status = service.status().map_err(refused(name))?;
        let state = status.state;
        if state == wanted {
            return Ok(status);
        }
        let owned = || name.to_owned();
        if wanted == State::Running && state == State::Stopped {
            return Err(Trouble::Ended {
                service: owned(),
                exit: status.exit,
                own: status.own_exit,
            });
        }
        if check_point.replace((state, status.check_point)) != Some((state, status.check_point)) {
            progress = Instant::now();
        }
        if (watch.give_up)() || Instant::now() >= watch.deadline {
            return Err(Trouble::GivenUp {
                service: owned(),
                state,
            });
        }
        let waited = progress.elapsed();
        if waited > PATIENCE.max(status.wait_hint) {
            return Err(Trouble::Hangs {
                service: owned(),
                state,
                waited,
            });
        }
        if began.elapsed().as_secs() > told {
            told = began.elapsed().as_secs();
            (watch.hear)(Step::Waiting(name, state, began.elapsed()));
        }
        std::thread::sleep(LOOK);
    }
}

fn open(manager: &Manager, name: &str) -> Result<Service, Trouble> {
    manager.open(name, Purpose::Control).map_err(refused(name))
}

fn refused(service: &str) -> impl FnOnce(WinError) -> Trouble {
    let service = service.to_owned();
    move |error| Trouble::Refused { service, error }
}
