//! Too much of anything, and taking nothing.

use std::time::Duration;

use wire::{Report, ReportBody, Stream};

use super::{At, Recorded, Stage, output, told};
use crate::support::{script, system_info};

/// R72: one leaf says that an agent reports on what is not its own, however often it does; and who does so again and again
/// is cut off.
#[tokio::test]
async fn a_flood_of_lies_does_not_flood_the_record() {
    let mut stage = Stage::at(At::Running).await;
    for _ in 0..30 {
        let (action, body) = (stage.foreign, output("foreign\n"));
        stage.liar.send_report(Report { action, n: 1, body }).await;
        stage.liar.acknowledged(action, 1).await;
    }
    let refused = || async {
        let record = stage.app.record().await;
        record.iter().filter(|l| l.kind == "endpoint.report_refused").count()
    };
    assert_eq!(refused().await, 1);
    for n in 0..40 {
        let action = format!("01890000-0000-7000-8000-{n:012x}").parse().unwrap();
        let report = Report {
            action,
            n: 0,
            body: output("made up\n"),
        };
        let frame = wire::AgentMessage::Report(report).encode().unwrap();
        if !stage.liar.try_send_frame(&frame).await {
            break;
        }
    }
    stage.liar.closed().await;
    assert_eq!(refused().await, 17);
}

/// R72: an agent that floods is held back to what the record takes; another one's action is done meanwhile.
#[tokio::test]
async fn a_flood_of_output_holds_no_other_agent_up() {
    let mut stage = Stage::at(At::Running).await;
    let mut honest = stage.app.agent("second").await;
    let session = stage.technician.open_session(honest.endpoint()).await;
    let bodies: Vec<ReportBody> = (0..400)
        .map(|_| stage.order.output(Stream::Stdout, &"x\n".repeat(8 * 1024)))
        .collect();
    let (action, first) = (stage.order.order.action, stage.next());
    let flood = async {
        for (n, body) in (first..).zip(bodies) {
            stage.liar.send_report(Report { action, n, body }).await;
        }
    };
    let work = async {
        for _ in 0..5 {
            let next = stage.technician.propose(session, system_info()).await;
            let began = std::time::Instant::now();
            assert_eq!(honest.run("honest\n").await, next);
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        }
    };
    tokio::join!(flood, work);
}

/// R72: an agent that reads nothing is given up once what waits for it has waited long enough; nobody else waits.
#[tokio::test]
async fn an_agent_that_reads_nothing_is_given_up() {
    let stage = Stage::at(At::Running).await;
    let Stage {
        app,
        technician,
        session,
        mut liar,
        ..
    } = stage;
    let contact = app.contact().await;
    let mut honest = app.agent("second").await;
    let other = technician.open_session(honest.endpoint()).await;
    let given_up = || async { told(&app, Recorded::Reason("took nothing")).await.is_some() };
    let heartbeat = wire::AgentMessage::Heartbeat.encode().unwrap();
    // All together more than the system buffers for one connection.
    let long = format!("# {}\n", "x".repeat(60_000));
    for n in 0..120 {
        let action = technician.propose(session, script(&format!("echo {n}\n{long}"))).await;
        contact.approve(technician.request_of(session, action).await).await;
        // It is not silent, or it would be given up for that; not heard any more once it is given up.
        liar.try_send_frame(&heartbeat).await;
        if n % 20 == 0 {
            let next = technician.propose(other, system_info()).await;
            assert_eq!(honest.run("honest\n").await, next);
        }
        // Looked for each time: the record's page shows the last leaves only.
        if given_up().await {
            return;
        }
    }
    tokio::time::timeout(Duration::from_secs(60), async {
        while !given_up().await {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    })
    .await
    .expect("it is given up");
}
