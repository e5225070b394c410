//! One program from start to end: its two streams into the output, what is heard of it, and being told to stop. What depends
//! on the system is behind [`Child`].

use std::io;
use std::time::Duration;

use domain::action::Outcome;
use domain::sensitive::Raw;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, sleep_until};
use wire::Stream;

use super::spec::Spec;
use super::{Child, Exit, Heard};
use crate::end::End;
use crate::output::Output;
use crate::stop::{StopReason, StopSignal};
use crate::verbs::Host;

/// Once a program ended by itself, what it had written is in its pipes, and comes within this time and size. A process that
/// it left running may hold them open, and write, for ever.
const DRAIN: Duration = Duration::from_secs(1);
const DRAIN_BYTES: usize = 4 * 1024 * 1024;

/// A tree that was told to end must be gone within this time.
const ENDING: Duration = Duration::from_secs(5);

const BUFFER: usize = 64 * 1024;

/// How a program stands.
#[derive(Debug)]
enum State {
    Running,
    /// Told to end; must be gone by then.
    Ending(StopReason, Instant),
    /// Ended; its streams are read until they end, or until then.
    Ended {
        exit: Exit,
        stopped: Option<StopReason>,
        until: Instant,
    },
    /// What watched over it vanished without saying how it ended.
    Lost(Instant),
}

struct Run<'a> {
    child: Child,
    hearing: bool,
    state: State,
    /// Bytes read since the program ended by itself.
    drained: usize,
    output: &'a mut Output,
    stop: StopSignal,
}

/// Runs a program. Its output is in `output` when this returns.
pub async fn run(spec: &Spec, output: &mut Output, host: &Host) -> End {
    let child = match Child::start(spec, host).await {
        Ok(child) => child,
        Err(e) => return End::failed(format!("It could not be started: {e}.")),
    };
    for stream in [Stream::Stdout, Stream::Stderr] {
        output.decode(stream, super::decoding());
    }
    let stop = output.stop_signal();
    let run = Run {
        child,
        hearing: true,
        state: State::Running,
        drained: 0,
        output,
        stop,
    };
    run.see_through().await
}

impl Run<'_> {
    async fn see_through(mut self) -> End {
        let (mut stdout, mut stderr) = self.child.streams();
        let (mut a, mut b) = (vec![0; BUFFER], vec![0; BUFFER]);
        let mut not_started = None;
        while !self.is_over(stdout.is_some() || stderr.is_some()) {
            let (flush, deadline) = (self.output.due(), self.deadline());
            tokio::select! {
                biased;
                reason = self.stop.wait(), if matches!(self.state, State::Running) => self.end(reason),
                () = at(deadline), if deadline.is_some() => break,
                heard = self.child.hear(), if self.hearing => not_started = self.heard(heard).or(not_started),
                () = at(flush), if flush.is_some() && self.stop.reason().is_none() => {
                    let began = Instant::now();
                    // Being told to end shows above; what waits is then written at the end.
                    let _ = self.output.flush().await;
                    self.read_since_end(0, began.elapsed());
                }
                read = read(&mut stdout, &mut a), if stdout.is_some() => self.take(Stream::Stdout, &a, read, &mut stdout).await,
                read = read(&mut stderr, &mut b), if stderr.is_some() => self.take(Stream::Stderr, &b, read, &mut stderr).await,
            }
        }
        let open = stdout.is_some() || stderr.is_some();
        let to_be_ended = match self.state {
            State::Running | State::Ended { .. } => false,
            State::Ending(..) | State::Lost(_) => true,
        };
        self.child.dispose(to_be_ended).await;
        match not_started {
            Some(why) => End::failed(format!("It could not be started: {why}.")),
            None => conclude(self.state, open),
        }
    }

    fn is_over(&self, streams_open: bool) -> bool {
        match self.state {
            State::Running => false,
            State::Ending(..) => !streams_open && !self.hearing,
            State::Ended { .. } | State::Lost(_) => !streams_open,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Running => None,
            State::Ending(_, until) | State::Ended { until, .. } | State::Lost(until) => Some(until),
        }
    }

    fn end(&mut self, reason: StopReason) {
        self.child.end();
        self.state = State::Ending(reason, Instant::now() + ENDING);
    }

    /// Takes what is heard of the program; gives why it could not be started, if that was it.
    fn heard(&mut self, heard: Heard) -> Option<String> {
        let until = Instant::now() + DRAIN;
        let stopped = if let State::Ending(reason, _) = self.state {
            Some(reason)
        } else {
            None
        };
        match heard {
            #[cfg(target_os = "linux")]
            Heard::NotStarted(why) => {
                let exit = Exit {
                    code: None,
                    signal: None,
                    shown: true,
                };
                self.state = State::Ended { exit, stopped, until };
                return Some(why);
            }
            Heard::Ended(exit) => self.state = State::Ended { exit, stopped, until },
            Heard::Nothing => {
                self.hearing = false;
                if matches!(self.state, State::Running) {
                    self.state = State::Lost(until);
                }
            }
        }
        None
    }

    async fn take<R>(&mut self, stream: Stream, buffer: &[u8], read: io::Result<usize>, from: &mut Option<R>) {
        match read {
            Ok(0) | Err(_) => *from = None,
            Ok(n) => {
                let began = Instant::now();
                // The reason to stop is seen by the loop; the bytes are kept whatever it is.
                let _ = self.output.push(stream, Raw::new(&buffer[..n]), n).await;
                self.read_since_end(n, began.elapsed());
            }
        }
    }

    /// Time that went by while output waited for space is no pause of the program; and what is beyond any pipe's capacity was
    /// written after the program's end.
    fn read_since_end(&mut self, bytes: usize, waited: Duration) {
        if let State::Ended { until, .. } | State::Lost(until) = &mut self.state {
            self.drained += bytes;
            *until = if self.drained > DRAIN_BYTES {
                Instant::now()
            } else {
                *until + waited
            };
        }
    }
}

fn conclude(state: State, streams_open: bool) -> End {
    let (exit, stopped) = match state {
        State::Ended { exit, stopped, .. } => (exit, stopped),
        State::Ending(reason, _) => {
            let end = End::stopped(reason);
            return End {
                note: format!(
                    "{} A process of it could not be ended in time and may still run.",
                    end.note
                ),
                ..end
            };
        }
        State::Running | State::Lost(_) => {
            let note = "The process that watched over it was ended by somebody, so how it ended is not known.".into();
            return End {
                outcome: Outcome::Unknown,
                exit: None,
                note,
            };
        }
    };
    if let Some(reason) = stopped {
        return End::stopped(reason);
    }
    let mut notes = vec![];
    if let Some(signal) = exit.signal {
        notes.push(format!("It was ended by signal {signal}."));
    }
    let unproven = exit.code == Some(0) && !exit.shown;
    if unproven {
        notes.push("Its shell reported success, but gave no sign that the script ran to its end; it may not have run at all. Look at the endpoint before you rely on it.".into());
    }
    if streams_open {
        notes.push("It left a process running that holds its output open; what that process writes from now on is not recorded.".into());
    }
    End {
        outcome: match exit.code {
            Some(0) if unproven => Outcome::Unknown,
            Some(0) => Outcome::Succeeded,
            Some(_) | None => Outcome::Failed,
        },
        exit: exit.code.or(exit.signal.map(|s| 128 + s)).map(i64::from),
        note: notes.join(" "),
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn read<R: AsyncRead + Unpin>(from: &mut Option<R>, buffer: &mut [u8]) -> io::Result<usize> {
    match from {
        Some(from) => from.read(buffer).await,
        None => std::future::pending().await,
    }
}
