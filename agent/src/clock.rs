//! Time, the only place that reads it: the endpoint's own clock for what is reported, and the server's clock, carried on
//! by a clock that nobody sets, for judging whether an order is due.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use domain::timestamp::Timestamp;

/// The endpoint's clock.
#[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
pub fn now() -> Timestamp {
    of(SystemTime::now())
}

/// A file's time as a timestamp; the epoch for what can't be expressed.
pub fn of(time: SystemTime) -> Timestamp {
    Timestamp::default().plus(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// Time since the process first asked.
pub fn monotonic() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The server's clock as last heard. An endpoint whose own clock is wrong judges orders rightly all the same.
#[derive(Debug, Default)]
pub struct ServerClock(Mutex<Option<(Timestamp, Instant)>>);

impl ServerClock {
    /// The server just said what time it is.
    pub fn set(&self, time: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((time, Instant::now()));
    }

    /// What time it is on the server; none before it said so once.
    pub fn now(&self) -> Option<Timestamp> {
        let heard = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.map(|(time, at)| time.plus(at.elapsed()))
    }
}

/// A random point in `least..=most`, so that many agents don't do the same thing at once.
pub fn jitter(least: Duration, most: Duration) -> Duration {
    let mut bytes = [0; 4];
    // Without randomness the middle does: jitter protects the server from crowds, it guards no secret.
    let part = match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    };
    least + most.saturating_sub(least).mul_f64(part)
}
