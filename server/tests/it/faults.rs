//! The real agent and the real server over a network that misbehaves (R3, R11, R14, R72).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::action::{ActionState, Outcome};
use domain::api::ActionView;
use domain::ids::{EndpointId, SessionId};

use crate::support::{Fault, Faulty, Person, RealAgent, Seeded, TestApp, Treatment, Way, count, countersign, script};

const SESSIONS: usize = 100;
const EACH: usize = 10;
/// Sessions in which somebody works at the same time.
const WORKERS: usize = 8;
/// Connections that something happens to; after them the network is good, so that the test ends.
const FAULTY: u64 = 45;

/// One of the thousand: it proves that it ran by a line in a file, prints on both streams, and exits with a code of its own.
struct Job {
    number: usize,
    runs: PathBuf,
}

impl Job {
    fn lines(&self) -> usize {
        match self.number % 50 {
            0 => 4000,
            n if n % 10 == 1 => 300,
            _ => 3,
        }
    }

    fn exit(&self) -> usize {
        self.number % 3
    }

    fn script(&self) -> String {
        format!(
            "echo {number} >> {runs}\ni=0\nwhile [ $i -lt {lines} ]; do i=$((i+1)); echo \"line $i of job {number}\"; done\n\
             echo \"job {number} complains\" >&2\nexit {exit}\n",
            number = self.number,
            runs = self.runs.display(),
            lines = self.lines(),
            exit = self.exit()
        )
    }

    fn check(&self, view: &ActionView) {
        let number = self.number;
        let outcome = if self.exit() == 0 {
            Outcome::Succeeded
        } else {
            Outcome::Failed
        };
        assert_eq!(
            (view.state, view.outcome, view.exit),
            (ActionState::Finished, Some(outcome), Some(self.exit() as i64)),
            "{number}: {}",
            view.detail
        );
        let of = |stream: &str| -> String {
            let pieces = view.output.iter().filter(|p| p.stream == stream);
            pieces.map(|p| p.text.as_str()).collect()
        };
        let expected: String = (1..=self.lines())
            .map(|i| format!("line {i} of job {number}\n"))
            .collect();
        assert!(of("stdout") == expected, "{number}: the output differs");
        assert_eq!(of("stderr"), format!("job {number} complains\n"));
        assert_eq!(view.lines, self.lines() as u64 + 1);
        assert_eq!(view.bytes, (expected.len() + of("stderr").len()) as u64);
    }
}

/// Proposes scripts in a session of their own, has them approved, and waits until they ended.
async fn session_of(technician: &Person, contact: &Person, endpoint: EndpointId, jobs: &[Job]) -> SessionId {
    let session = technician.open_session(endpoint).await;
    for job in jobs {
        technician.propose(session, script(&job.script())).await;
    }
    for action in technician.session(session).await.actions {
        contact.approve(action.request.expect("it waits for somebody")).await;
    }
    loop {
        let view = technician.session(session).await;
        if view.actions.iter().all(|a| a.finished_at.is_some()) {
            for (job, action) in jobs.iter().zip(&view.actions) {
                job.check(action);
            }
            return session;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

/// First one of each kind, then whatever the seed says, then nothing more.
fn schedule(mut seeded: Seeded) -> impl FnMut(u64) -> Treatment + Send {
    let cut = |way, after| Fault::Cut { way, after };
    let first = [
        cut(Way::Up, 20_000),
        cut(Way::Down, 9_000),
        Fault::CloseAtOnce,
        Fault::Twice { after: 20_000 },
        Fault::Late {
            from: 8_000,
            until: 14_000,
        },
        Fault::Stall {
            way: Way::Down,
            after: 5_000,
            lasts: Duration::from_secs(1),
        },
        Fault::Late { from: 300, until: 900 },
    ];
    move |n| match first.get(usize::try_from(n).unwrap()) {
        Some(fault) => Treatment {
            fault: *fault,
            ..Treatment::FINE
        },
        None if n < FAULTY => seeded.treatment(),
        None => Treatment::FINE,
    }
}

/// R3, R10, R11, R14: a thousand actions while connections are delayed, cut at any byte, stalled, doubled and reordered:
/// none is lost, none runs twice, every byte of output is in the record, and the record verifies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_actions_survive_a_network_that_misbehaves() {
    let mut app = TestApp::start().await;
    let network = Faulty::before(app.address).await;
    let agent = RealAgent::start(&app, &format!("http://{}", network.address)).await;
    network.set(schedule(Seeded::new()));
    // The connection that there is has no fault; the next ones have.
    network.cut_all();
    let runs = app.scratch().join("runs");
    let (technician, contact) = (Arc::new(app.technician().await), Arc::new(app.contact().await));

    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        let (technician, contact) = (Arc::clone(&technician), Arc::clone(&contact));
        let (endpoint, runs) = (agent.endpoint, runs.clone());
        workers.spawn(async move {
            for session in (worker..SESSIONS).step_by(WORKERS) {
                let job = |n| Job {
                    number: session * EACH + n,
                    runs: runs.clone(),
                };
                let jobs: Vec<Job> = (0..EACH).map(job).collect();
                session_of(&technician, &contact, endpoint, &jobs).await;
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        if let Err(error) = done {
            panic!("{error}\n{:?}\n{}", network.given(), agent.log());
        }
    }
    agent.spool_empties().await;

    let mut ran: BTreeMap<usize, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&runs).unwrap().lines() {
        *ran.entry(line.parse().unwrap()).or_default() += 1;
    }
    assert_eq!(ran.len(), SESSIONS * EACH, "some did not run");
    assert!(ran.values().all(|times| *times == 1), "some ran twice: {ran:?}");
    assert!(network.given().len() > 7, "each kind of fault was tried");

    drop((agent, network, technician, contact));
    app.shut_down().await;
    for kind in ["action.dispatched", "action.started", "action.finished"] {
        assert_eq!(leaves(&app.data(), kind).await, (SESSIONS * EACH) as i64, "{kind}");
    }
    assert!(
        leaves(&app.data(), "endpoint.connection_refused").await > 0,
        "a doubled connection has no key to show for its own challenge"
    );
    let told = countersign(&["verify", "--database", &app.data_text()]).await;
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
}

/// How many leaves of a kind the stopped server's record holds.
async fn leaves(data: &Path, kind: &str) -> i64 {
    count(data, &format!("SELECT count(*) AS n FROM leaf WHERE kind = '{kind}'")).await
}

/// Bytes of the flood, and of the link in a second.
const FLOOD: usize = 8_000_000;
const RATE: u64 = 256 * 1024;

/// R11, R72: a flood through a slow link arrives whole, holds no other action up, and does not grow the agent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_through_a_slow_link_harms_nobody() {
    let app = TestApp::start().await;
    let network = Faulty::before(app.address).await;
    network.set(|_| Treatment::slow(RATE));
    let agent = RealAgent::start(&app, &format!("http://{}", network.address)).await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let quick = technician.open_session(agent.endpoint).await;
    let mut alone = Duration::ZERO;
    for _ in 0..3 {
        alone = alone.max(round_trip(&technician, &contact, quick).await);
    }

    let line = "a line of a flood that is as long as lines of logs tend to be, with some words in it\n";
    let flood = technician.open_session(agent.endpoint).await;
    let text = format!("yes '{}' | head -n {}", line.trim_end(), FLOOD / line.len());
    let action = technician.propose(flood, script(&text)).await;
    contact.approve(technician.request_of(flood, action).await).await;
    app.until(|| async { technician.action(flood, action).await.bytes > 500_000 })
        .await;
    let before = agent.peak_memory();
    let mut beside = Duration::ZERO;
    for _ in 0..5 {
        beside = beside.max(round_trip(&technician, &contact, quick).await);
        assert_eq!(
            technician.action(flood, action).await.state,
            ActionState::Running,
            "the flood was over too early to prove anything"
        );
    }
    // What waited for the flood before it would take more than ten times as long.
    assert!(
        beside < alone + Duration::from_secs(4),
        "beside the flood a round trip took {beside:?}, alone {alone:?}"
    );

    let view = loop {
        let view = technician.action(flood, action).await;
        if view.finished_at.is_some() {
            break view;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    assert_eq!(view.outcome, Some(Outcome::Succeeded), "{}", view.detail);
    let output: String = view.output.iter().map(|p| p.text.as_str()).collect();
    assert!(output == line.repeat(FLOOD / line.len()), "the output differs");
    assert_eq!(view.bytes, output.len() as u64);
    let grown = agent.peak_memory().saturating_sub(before);
    assert!(grown < 3 * 1024, "the agent grew by {grown} KiB");
}

/// From the approval of a script that does next to nothing to its end in the record.
async fn round_trip(technician: &Person, contact: &Person, session: SessionId) -> Duration {
    let action = technician.propose(session, script("echo quick")).await;
    let request = technician.request_of(session, action).await;
    let began = Instant::now();
    contact.approve(request).await;
    while technician.action(session, action).await.finished_at.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    began.elapsed()
}
