//! One program from start to end: its two streams into the output, its supervisor's words, and being told to stop.

use std::io;
use std::path::Path;
use std::time::Duration;

use domain::action::Outcome;
use domain::sensitive::Raw;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;
use tokio::time::{Instant, sleep_until, timeout};
use wire::Stream;

use super::linux;
use super::talk::{Said, Spec};
use crate::end::End;
use crate::output::Output;
use crate::stop::{StopReason, StopSignal};

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
        code: Option<i32>,
        signal: Option<i32>,
        stopped: Option<StopReason>,
        until: Instant,
    },
    /// Its supervisor vanished without saying how the program ended.
    Lost(Instant),
}

struct Run<'a> {
    child: Child,
    tell: Option<OwnedWriteHalf>,
    hear: Lines<BufReader<OwnedReadHalf>>,
    hearing: bool,
    action: String,
    group: Option<i32>,
    state: State,
    /// Bytes read since the program ended by itself.
    drained: usize,
    output: &'a mut Output,
    stop: StopSignal,
}

/// Runs a program below a supervisor (the agent's executable). Its output is in `output` when this returns.
pub async fn run(spec: &Spec, output: &mut Output, supervisor: &Path) -> End {
    match start(spec, output, supervisor).await {
        Ok(run) => run.see_through().await,
        Err(e) => End::failed(format!("It could not be started: {e}.")),
    }
}

async fn start<'a>(spec: &Spec, output: &'a mut Output, supervisor: &Path) -> io::Result<Run<'a>> {
    let (child, socket) = linux::start_supervisor(supervisor)?;
    let (hear, mut tell) = socket.into_split();
    let mut task = serde_json::to_vec(&spec.task())?;
    task.push(b'\n');
    task.extend(spec.script().as_bytes());
    tell.write_all(&task).await?;
    let stop = output.stop_signal();
    let hear = BufReader::new(hear).lines();
    Ok(Run {
        child,
        tell: Some(tell),
        hear,
        hearing: true,
        action: spec.action.clone(),
        group: None,
        state: State::Running,
        drained: 0,
        output,
        stop,
    })
}

impl Run<'_> {
    async fn see_through(mut self) -> End {
        let mut stdout = self.child.stdout.take();
        let mut stderr = self.child.stderr.take();
        let (mut a, mut b) = (vec![0; BUFFER], vec![0; BUFFER]);
        let mut not_started = None;
        while !self.is_over(stdout.is_some() || stderr.is_some()) {
            let (flush, deadline) = (self.output.due(), self.deadline());
            tokio::select! {
                biased;
                reason = self.stop.wait(), if matches!(self.state, State::Running) => self.end(reason),
                () = at(deadline), if deadline.is_some() => break,
                said = self.hear.next_line(), if self.hearing => not_started = self.heard(said).or(not_started),
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
        self.dispose().await;
        match not_started {
            Some(why) => End::failed(format!("It could not be started: {why}.")),
            None => self.conclude(open),
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

    /// Tells the supervisor to end everything, by closing the socket's writing half.
    fn end(&mut self, reason: StopReason) {
        self.tell = None;
        self.state = State::Ending(reason, Instant::now() + ENDING);
    }

    /// Takes a word of the supervisor; gives why the program could not be started, if that was it.
    fn heard(&mut self, said: io::Result<Option<String>>) -> Option<String> {
        let said = said.ok().flatten().and_then(|line| serde_json::from_str(&line).ok());
        let until = Instant::now() + DRAIN;
        let stopped = if let State::Ending(reason, _) = self.state {
            Some(reason)
        } else {
            None
        };
        match said {
            Some(Said::Started { group }) => self.group = Some(group),
            Some(Said::NotStarted { why }) => {
                self.state = State::Ended {
                    code: None,
                    signal: None,
                    stopped,
                    until,
                };
                return Some(why);
            }
            Some(Said::Ended { code, signal }) => {
                self.state = State::Ended {
                    code,
                    signal,
                    stopped,
                    until,
                }
            }
            None => {
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

    /// Lets the supervisor go; ends the program's processes where the supervisor can't any more.
    async fn dispose(&mut self) {
        self.tell = None;
        let to_be_ended = match self.state {
            State::Running | State::Ended { .. } => false,
            State::Ending(..) | State::Lost(_) => true,
        };
        if to_be_ended {
            let (action, group) = (self.action.clone(), self.group);
            if let Err(e) = tokio::task::spawn_blocking(move || linux::end_without_supervisor(&action, group)).await {
                tracing::warn!(error = %e, "what an action left could not be ended");
            }
        }
        // It ends by itself; waiting a moment spares the system a zombie, and the runtime collects it otherwise.
        let _ = timeout(DRAIN, self.child.wait()).await;
    }

    fn conclude(self, streams_open: bool) -> End {
        let (code, signal, stopped) = match self.state {
            State::Ended {
                code, signal, stopped, ..
            } => (code, signal, stopped),
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
                let note =
                    "The process that watched over it was ended by somebody, so how it ended is not known.".into();
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
        let mut note = match signal {
            Some(signal) => format!("It was ended by signal {signal}."),
            None => String::new(),
        };
        if streams_open {
            let space = if note.is_empty() { "" } else { " " };
            note.push_str(space);
            note.push_str("It left a process running that holds its output open; what that process writes from now on is not recorded.");
        }
        let exit = code.or(signal.map(|s| 128 + s)).map(i64::from);
        End {
            outcome: if code == Some(0) {
                Outcome::Succeeded
            } else {
                Outcome::Failed
            },
            exit,
            note,
        }
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
