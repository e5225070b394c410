//! A clock that runs with the system's and can be set forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::timestamp::Timestamp;
use engine::{Clock, Deps};

/// The system's time plus what a test has let pass.
pub(crate) struct TestClock {
    ahead: AtomicI64,
    system: Deps,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self {
            ahead: AtomicI64::new(0),
            system: Deps::system(),
        }
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead
            .fetch_add(i64::try_from(by.as_nanos()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.system.now().0 + self.ahead.load(Ordering::SeqCst))
    }
}
