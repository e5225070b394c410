//! Agents that lie: each lie is refused and recorded as what it was, changes nothing, and harms nobody else (R3, R22, R72).

mod end;
mod floods;
mod frames;
mod output;

use std::time::Duration;

use domain::action::{ActionState, Outcome};
use domain::api::{EndpointState, LeafView};
use domain::ids::{ActionId, SessionId};
use futures_util::future::BoxFuture;
use wire::{Report, ReportBody, Stream};

use crate::support::{FakeAgent, Person, Received, TestApp, system_info};

/// A liar with an action in hand, and what it may lie about.
struct Stage {
    app: TestApp,
    technician: Person,
    session: SessionId,
    liar: FakeAgent,
    order: Received,
    /// An action of another endpoint.
    foreign: ActionId,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is closed.
    Closed,
    /// The report is acknowledged, so that it is forgotten, and that is all.
    Goes,
}

/// Where the lie stands in the record.
#[derive(Clone, Copy, Debug)]
enum Recorded {
    /// As a report that was refused, with this word.
    As(&'static str),
    /// As the reason for which the connection ended.
    Reason(&'static str),
}

type Lie = for<'a> fn(&'a mut Stage) -> BoxFuture<'a, ()>;

/// How far the action is when the agent lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Ordered,
    /// It started and printed one line.
    Running,
    Finished,
}

struct Row {
    name: &'static str,
    at: At,
    lie: Lie,
    recorded: Recorded,
    fate: Fate,
}

impl Stage {
    async fn at(at: At) -> Self {
        let app = TestApp::start().await;
        let mut liar = app.agent("liar").await;
        let device = app.enrol("honest").await;
        let technician = app.technician().await;
        let session = technician.open_session(liar.endpoint()).await;
        let other = technician.open_session(device.endpoint).await;
        let foreign = technician.propose(other, system_info()).await;
        technician.propose(session, system_info()).await;
        let mut order = liar.next_order().await;
        if at != At::Ordered {
            liar.start(&mut order).await;
            liar.print(&mut order, "one line\n").await;
        }
        if at == At::Finished {
            liar.finish(&mut order, Outcome::Succeeded, Some(0)).await;
        }
        let stage = Self {
            app,
            technician,
            session,
            liar,
            order,
            foreign,
        };
        // The honest agent takes what is its own, all the while.
        let mut honest = device.connect(stage.app.address).await.unwrap();
        let run = honest.run("honest\n").await;
        assert_eq!(run, foreign);
        stage
    }

    fn next(&self) -> u64 {
        self.order.next()
    }

    async fn say(&mut self, n: u64, body: ReportBody) {
        let action = self.order.order.action;
        self.liar.send_report(Report { action, n, body }).await;
    }

    /// The honest end, for a lie to be made of.
    fn finish(&self) -> wire::Finish {
        self.order.finish(Outcome::Succeeded, Some(0), &self.liar.device.key)
    }

    /// A finish that is signed as it stands.
    async fn claim(&mut self, change: impl FnOnce(&mut wire::Finish)) {
        let mut finish = self.finish();
        change(&mut finish);
        let (action, digest) = (self.order.order.action, self.order.signed.digest());
        let finish = finish.sign(action, &digest, &self.liar.device.key).unwrap();
        self.say(self.next(), ReportBody::Finished(finish)).await;
    }
}

fn output(text: &str) -> ReportBody {
    ReportBody::Output {
        stream: Stream::Stdout,
        text: text.into(),
        raw_bytes: text.len() as u64,
        lines: text.lines().count() as u64,
        findings: vec![],
    }
}

/// A lie from what it does.
macro_rules! lie {
    (|$stage:ident| $body:expr) => {
        |$stage: &mut Stage| Box::pin(async move { $body })
    };
}

use lie;

fn row(name: &'static str, at: At, lie: Lie, recorded: Recorded, fate: Fate) -> Row {
    Row {
        name,
        at,
        lie,
        recorded,
        fate,
    }
}

async fn told(app: &TestApp, recorded: Recorded) -> Option<LeafView> {
    let (kind, text) = match recorded {
        Recorded::As(word) => ("endpoint.report_refused", format!("\"why\":\"{word}\"")),
        Recorded::Reason(reason) => ("endpoint.disconnected", reason.to_owned()),
    };
    let says = |l: &LeafView| {
        l.kind == kind
            && l.groups
                .iter()
                .any(|(_, json)| json.as_ref().is_some_and(|json| json.contains(&text)))
    };
    app.record().await.into_iter().find(says)
}

/// R3, R22, R72: see the rows.
async fn all_are_refused(rows: Vec<Row>) {
    for row in rows {
        let Row {
            name,
            at,
            lie,
            recorded,
            fate,
        } = row;
        let mut stage = Stage::at(at).await;
        let (session, action) = (stage.session, stage.order.order.action);
        let before = stage.technician.action(session, action).await;
        lie(&mut stage).await;
        let waited = tokio::time::timeout(
            Duration::from_secs(10),
            stage.app.until(|| async { told(&stage.app, recorded).await.is_some() }),
        );
        assert!(waited.await.is_ok(), "{name}: nothing in the record says {recorded:?}");
        assert_eq!(
            stage.technician.action(session, action).await,
            before,
            "{name}: it changed the action"
        );

        let Stage {
            app,
            technician,
            mut liar,
            mut order,
            ..
        } = stage;
        let endpoint = liar.endpoint();
        match fate {
            Fate::Closed => {
                let device = liar.device.clone();
                assert_eq!(liar.closed().await, None, "{name}");
                app.until(|| async { app.state(endpoint).await == EndpointState::Offline })
                    .await;
                liar = device.connect(app.address).await.unwrap();
                if at == At::Ordered {
                    order = liar.next_order().await;
                }
            }
            Fate::Goes => {
                let leaf = told(&app, recorded).await.unwrap();
                assert_eq!(leaf.outcome, "refused", "{name}");
            }
        }
        // The truth is taken all the same, and so is everything after it.
        if at == At::Ordered {
            liar.start(&mut order).await;
        }
        if at != At::Finished {
            liar.finish(&mut order, Outcome::Succeeded, Some(0)).await;
        }
        assert_eq!(
            technician.action(session, action).await.state,
            ActionState::Finished,
            "{name}"
        );
        let next = technician.propose(session, system_info()).await;
        assert_eq!(liar.run("true\n").await, next, "{name}");
    }
}

/// R22, R72: what can't have been printed.
#[tokio::test]
async fn lies_about_output_are_refused_and_recorded() {
    all_are_refused(output::about_output()).await;
}

/// R11, R22, R72: what can't be how it ended.
#[tokio::test]
async fn lies_about_the_end_are_refused_and_recorded() {
    all_are_refused(end::about_the_end()).await;
}

/// R72: what is no message.
#[tokio::test]
async fn frames_that_are_no_messages_are_refused_and_recorded() {
    all_are_refused(frames::about_frames()).await;
}
