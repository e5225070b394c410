//! Time, the only place that reads it: the endpoint's own clock for what is reported, and the server's clock, carried on
//! by a clock that nobody sets, for judging whether an order is due.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use domain::timestamp::{Timestamp, for_people};

/// The endpoint's clock.
#[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
pub fn now() -> Timestamp {
    of(SystemTime::now())
}

/// A file's time as a timestamp; the epoch for what can't be expressed.
pub fn of(time: SystemTime) -> Timestamp {
    Timestamp::default().plus(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// How far the endpoint's clock is ahead of a server that just said what time it is, in milliseconds. What the message
/// needed on its way is in it.
pub fn skew(server: Timestamp) -> i64 {
    now().millis().saturating_sub(server.millis())
}

/// A difference of clocks for people; `ahead` is how far the endpoint's is ahead, in milliseconds.
pub fn skew_for_people(ahead: i64) -> String {
    const FINE: u64 = 2000;
    let off = ahead.unsigned_abs();
    if off <= FINE {
        return "as the server's".into();
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    format!("{} {way} the server's; set it", for_people(Duration::from_millis(off)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_said() {
        assert_eq!(skew_for_people(-1999), "as the server's");
        assert!(skew_for_people(90_000).ends_with(" ahead of the server's; set it"));
        assert!(skew_for_people(-90_000).ends_with(" behind the server's; set it"));
        let ahead = skew(now().minus(Duration::from_secs(60)));
        assert!((60_000..61_000).contains(&ahead), "{ahead}");
    }
}
