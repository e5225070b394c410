//! The connection to the server: dialled from here, proved on each attempt, made again with growing, jittered pauses.
//!
//! Deliberately absent: a listening socket, and a connection that leaves this machine without TLS.

pub mod dial;
mod outbox;
mod retire;
mod socket;
mod state;
mod talk;
mod updates;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use wire::GoodbyeReason;

use crate::actions::Actions;
use crate::agent::Agent;
use crate::clock::jitter;
use crate::identity;

pub use dial::{ConnectError, Socket};
pub use socket::{connect, proxy_of, receive, send};
pub use state::{LinkState, Phase};
pub use talk::STOPPED;

/// The pause before the first new attempt, and the longest one.
const FIRST: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(1));
const LONGEST: Duration = Duration::from_secs(30);

/// The longest that a server's word on when to come back is followed: what it says may be a mistake.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// How a connection came to its end.
#[derive(Debug)]
enum Over {
    /// The agent is to stop.
    Stopping,
    /// The endpoint was removed, and everything that it had to say is in the record.
    Retired,
    /// It broke, or could not be made.
    Lost(String),
    /// The server takes nobody now, and said when to come back.
    Busy(String, Duration),
    /// The server refused, with the time that it wants to be left alone.
    Rejected(wire::Rejected),
}

/// Keeps the connection up until `stop` says otherwise, and why; the server is told. Returns also once the endpoint was removed:
/// then the agent has forgotten who it is.
pub async fn keep(agent: Arc<Agent>, actions: Arc<Actions>, mut stop: watch::Receiver<Option<GoodbyeReason>>) {
    let mut attempt: u32 = 0;
    loop {
        LinkState::now(Phase::Connecting, "").save(&agent.data);
        let mut was_ready = false;
        let over = talk::talk(&agent, &actions, &mut stop, &mut was_ready).await;
        if was_ready {
            attempt = 0;
        }
        let pause = match over {
            Over::Stopping => {
                LinkState::now(Phase::Stopped, "").save(&agent.data);
                return;
            }
            Over::Retired => {
                LinkState::now(Phase::Stopped, "the endpoint was removed").save(&agent.data);
                match identity::forget(&agent.data) {
                    Ok(()) => tracing::info!("the endpoint was removed; its identity is forgotten"),
                    Err(e) => tracing::error!(error = %e, "the identity can't be removed; remove it by hand"),
                }
                return;
            }
            Over::Lost(why) => {
                tracing::warn!(why, "not connected");
                LinkState::now(Phase::Offline, &why).save(&agent.data);
                pause(attempt, Duration::ZERO)
            }
            Over::Busy(why, asked) => {
                tracing::warn!(why, "not connected");
                LinkState::now(Phase::Offline, &why).save(&agent.data);
                pause(attempt, asked)
            }
            Over::Rejected(rejected) => {
                tracing::warn!(reason = rejected.reason.word(), "the server refused the connection");
                LinkState::now(Phase::Rejected, rejected.reason.sentence()).save(&agent.data);
                let asked = rejected.retry_after_seconds.unwrap_or_default();
                pause(attempt, Duration::from_secs(u64::from(asked)))
            }
        };
        attempt = attempt.saturating_add(1);
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.wait_for(Option::is_some) => {}
        }
    }
}

/// How long to wait: quick at first, twice as long each time up to [`LONGEST`], never all agents at once; at least what the
/// server asked for, up to [`LONGEST_ASKED`].
fn pause(attempt: u32, asked: Duration) -> Duration {
    let (least, most) = FIRST;
    let grown = |d: Duration| d.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST);
    let own = jitter(grown(least).max(LONGEST / 2 * u32::from(attempt > 6)), grown(most));
    let asked = asked.min(LONGEST_ASKED);
    if asked > own {
        // Whoever was asked to come back at the same time does not come at the same time.
        asked + jitter(Duration::ZERO, asked / 10)
    } else {
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_quick_to_half_a_minute_and_honour_the_server() {
        let seconds = Duration::from_secs;
        for _ in 0..50 {
            assert!((FIRST.0..=FIRST.1).contains(&pause(0, Duration::ZERO)));
            assert!((FIRST.0 * 4..=FIRST.1 * 4).contains(&pause(2, Duration::ZERO)));
            assert!((LONGEST / 2..=LONGEST).contains(&pause(40, Duration::ZERO)));
            assert!((seconds(9)..=LONGEST).contains(&pause(0, seconds(9))));
            assert!((seconds(300)..=seconds(330)).contains(&pause(3, seconds(300))));
            assert!((LONGEST_ASKED..=LONGEST_ASKED * 2).contains(&pause(0, seconds(u64::MAX))));
        }
    }
}
