//! How a service stands and how it is set up.

use std::fmt;
use std::time::Duration;

use windows_sys::Win32::Foundation::ERROR_SERVICE_SPECIFIC_ERROR;
use windows_sys::Win32::System::Services::{
    QUERY_SERVICE_CONFIGW, SERVICE_ACCEPT_STOP, SERVICE_CONTINUE_PENDING, SERVICE_PAUSE_PENDING, SERVICE_PAUSED,
    SERVICE_RUNNING, SERVICE_START_PENDING, SERVICE_STATUS_PROCESS, SERVICE_STOP_PENDING, SERVICE_STOPPED,
};

use crate::text::{read_wide, read_wide_list};

/// What a service is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not running.
    Stopped,
    /// On its way to running.
    Starting,
    /// On its way to being stopped.
    Stopping,
    /// Running.
    Running,
    /// On its way from paused to running.
    Continuing,
    /// On its way to being paused.
    Pausing,
    /// Its process is there but it does nothing.
    Paused,
    /// A number that is not documented.
    Unknown(u32),
}

/// How a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub state: State,
    /// Its process; none while there is none.
    pub pid: Option<u32>,
    /// Why it ended, or 0; a code of the system.
    pub exit: u32,
    /// Why it ended, in its own numbers, when it says that.
    pub own_exit: Option<u32>,
    /// Whether it can be told to stop.
    pub can_stop: bool,
    /// Grows while it is on its way.
    pub check_point: u32,
    /// How long until `check_point` grows or it has arrived, as it estimates.
    pub wait_hint: Duration,
}

/// When a service is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the kernel; drivers.
    Boot,
    /// With the system; drivers.
    System,
    /// With Windows.
    Automatic,
    /// When somebody asks for it.
    Manual,
    /// Never.
    Disabled,
    /// A number that is not documented.
    Unknown(u32),
}

/// How a service is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name for people.
    pub display: String,
    /// When it is started.
    pub start: Start,
    /// Whether an automatic start waits until the others are up.
    pub delayed: bool,
    /// The account that it runs as; empty for drivers.
    pub account: String,
    /// Its command line.
    pub command: String,
    /// What it needs to run, services and `+` groups of them.
    pub needs: Vec<String>,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Running => "running",
            Self::Continuing => "continuing",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Unknown(n) => return write!(f, "state {n}"),
        })
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot",
            Self::System => "system",
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Disabled => "disabled",
            Self::Unknown(n) => return write!(f, "start type {n}"),
        })
    }
}

impl From<&SERVICE_STATUS_PROCESS> for Status {
    fn from(s: &SERVICE_STATUS_PROCESS) -> Self {
        let state = match s.dwCurrentState {
            SERVICE_STOPPED => State::Stopped,
            SERVICE_START_PENDING => State::Starting,
            SERVICE_STOP_PENDING => State::Stopping,
            SERVICE_RUNNING => State::Running,
            SERVICE_CONTINUE_PENDING => State::Continuing,
            SERVICE_PAUSE_PENDING => State::Pausing,
            SERVICE_PAUSED => State::Paused,
            other => State::Unknown(other),
        };
        Self {
            state,
            pid: (s.dwProcessId != 0).then_some(s.dwProcessId),
            exit: s.dwWin32ExitCode,
            own_exit: (s.dwWin32ExitCode == ERROR_SERVICE_SPECIFIC_ERROR).then_some(s.dwServiceSpecificExitCode),
            can_stop: s.dwControlsAccepted & SERVICE_ACCEPT_STOP != 0,
            check_point: s.dwCheckPoint,
            wait_hint: Duration::from_millis(s.dwWaitHint.into()),
        }
    }
}

impl Config {
    /// Takes over what the system wrote.
    ///
    /// # Safety
    /// `config` points to the structure, each of whose texts is null or ends in a zero (the list in two).
    pub(super) unsafe fn read(config: *const QUERY_SERVICE_CONFIGW) -> Self {
        // SAFETY: as the caller says.
        let (c, display, account, command, needs) = unsafe {
            let c = config.read();
            (
                c,
                read_wide(c.lpDisplayName),
                read_wide(c.lpServiceStartName),
                read_wide(c.lpBinaryPathName),
                read_wide_list(c.lpDependencies),
            )
        };
        Self {
            display,
            start: match c.dwStartType {
                0 => Start::Boot,
                1 => Start::System,
                2 => Start::Automatic,
                3 => Start::Manual,
                4 => Start::Disabled,
                other => Start::Unknown(other),
            },
            delayed: false,
            account,
            command,
            needs,
        }
    }
}
