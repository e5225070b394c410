//! Agents' connections: proof of the key, one at a time, and peers that misbehave.

use domain::action::{ActionState, Outcome};
use domain::api::{EndpointState, Endpoints};
use domain::ids::ActionId;
use wire::{RejectReason, Report, ReportBody, Stream};

use crate::support::{TestApp, connect, file_read, new_key, system_info};

/// R10: only the device's own key, over this connection's challenge, connects. The attempts are leaves.
#[tokio::test]
async fn nobody_connects_without_the_device_key() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let other = new_key();
    let wrong = device
        .connect_with(app.address, |hello, challenge| hello.sign(challenge, &other).unwrap())
        .await;
    assert_eq!(wrong.err(), Some(RejectReason::BadSignature));
    let replayed = device.connect_with(app.address, |hello, challenge| {
        let old = wire::Challenge {
            nonce: "ab".repeat(32),
            ..challenge.clone()
        };
        hello.sign(&old, &device.key).unwrap()
    });
    assert_eq!(replayed.await.err(), Some(RejectReason::BadSignature));
    assert_eq!(app.state(device.endpoint).await, EndpointState::Pending);
    let refused = app
        .record()
        .await
        .iter()
        .filter(|l| l.kind == "endpoint.connection_refused")
        .count();
    assert_eq!(refused, 2);
}

/// R16: the agents' door is for agents: no browser, no plain request.
#[tokio::test]
async fn a_browser_cannot_play_an_agent() {
    let app = TestApp::start().await;
    assert_eq!(
        connect(app.address, &[("origin", "http://evil.example")]).await.err(),
        Some(403)
    );
    let own = format!("http://{}", app.address);
    assert_eq!(connect(app.address, &[("origin", &own)]).await.err(), Some(403));
    assert_eq!(app.nobody().get("/agent/link").await.status, 426);
}

/// R22: an agent that connects anew takes over; the older connection is closed and its reports count no more.
#[tokio::test]
async fn the_latest_connection_is_the_endpoint() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let first = device.connect(app.address).await.unwrap();
    let mut second = device.connect(app.address).await.unwrap();
    assert_eq!(
        first.closed().await,
        None,
        "it is closed, not told that the endpoint was removed"
    );
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(second.run("ok\n").await, action);
}

/// R5, R10: a removed endpoint is cut off, and its key is refused from then on.
#[tokio::test]
async fn a_removed_endpoint_is_out() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (device, admin) = (agent.device.clone(), app.admin().await);
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, true)
        .await
        .unwrap();
    agent.closed().await;
    assert_eq!(device.connect(app.address).await.err(), Some(RejectReason::Removed));
}

/// R3: what was not acknowledged is sent again and changes nothing the second time.
#[tokio::test]
async fn a_report_that_is_sent_again_is_one_report() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    let body = order.output(Stream::Stdout, "once\n");
    for _ in 0..3 {
        agent
            .send_report(Report {
                action,
                n: 1,
                body: body.clone(),
            })
            .await;
        agent.acknowledged(action, 1).await;
    }
    let end = order.finish(Outcome::Succeeded, Some(0), &agent.device.key);
    agent
        .send_report(Report {
            action,
            n: 2,
            body: ReportBody::Finished(end),
        })
        .await;
    agent.acknowledged(action, 2).await;
    let view = technician.action(session, action).await;
    assert_eq!(
        (view.output.len(), view.lines, view.state),
        (1, 1, ActionState::Finished)
    );
}

/// R10: an agent can report on its own actions only; what it says of others' is acknowledged, so that it stops, and unheard.
#[tokio::test]
async fn an_agent_cannot_speak_of_another_endpoints_action() {
    let app = TestApp::start().await;
    let (mut mine, mut other) = (app.agent("till").await, app.agent("kiosk").await);
    let technician = app.technician().await;
    let session = technician.open_session(mine.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let order = mine.next_order().await;
    let started = ReportBody::Started {
        at: order.order.not_before,
        resource: "x".into(),
    };
    other
        .send_report(Report {
            action,
            n: 0,
            body: started.clone(),
        })
        .await;
    other.acknowledged(action, 0).await;
    assert_eq!(technician.action(session, action).await.state, ActionState::Dispatched);
    let unknown = ActionId(session.0);
    other
        .send_report(Report {
            action: unknown,
            n: 0,
            body: started,
        })
        .await;
    other.acknowledged(unknown, 0).await;
}

/// R10, R14: reports that contradict each other end the connection, and nothing of them is kept.
#[tokio::test]
async fn an_agent_that_contradicts_itself_is_cut_off() {
    for (n, forged) in [(1, true), (5, false)] {
        let app = TestApp::start().await;
        let mut agent = app.agent("till").await;
        let technician = app.technician().await;
        let session = technician.open_session(agent.endpoint()).await;
        let action = technician.propose(session, system_info()).await;
        let mut order = agent.next_order().await;
        agent.start(&mut order).await;
        // Either an end that another key signed, or a piece that leaves others out.
        let body = if forged {
            ReportBody::Finished(order.finish(Outcome::Succeeded, Some(0), &new_key()))
        } else {
            order.output(Stream::Stdout, "merchant id: 4711000812345\n")
        };
        agent.send_report(Report { action, n, body }).await;
        agent.closed().await;
        let view = technician.action(session, action).await;
        assert_eq!((view.state, view.output.len()), (ActionState::Running, 0));
        app.until(|| async { app.record().await.iter().any(|l| l.kind == "endpoint.disconnected") })
            .await;
        let record = app.record().await;
        let reason = &record
            .iter()
            .rfind(|l| l.kind == "endpoint.disconnected")
            .unwrap()
            .groups;
        assert!(
            !format!("{reason:?}").contains("4711000812345"),
            "what it sent is nobody's to read: {reason:?}"
        );
    }
}

/// R72: what is no message of the protocol, or too long, ends the connection and nothing else.
#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let app = TestApp::start().await;
    let too_long = "x".repeat(wire::MAX_FRAME + 1);
    for frame in [
        "",
        "{}",
        "not json",
        r#"{"type":"enrol"}"#,
        r#"{"type":"report","action":1}"#,
        &too_long,
    ] {
        let mut agent = app.agent("till").await;
        agent.send_frame(frame).await;
        agent.closed().await;
    }
    assert_eq!(app.nobody().get("/health/ready").await.status, 200);
}

/// R3: a refusal whose explanation is too long is taken all the same: the agent is not left to send it for ever.
#[tokio::test]
async fn a_long_explanation_does_not_hold_an_action_up() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let _ = agent.next_order().await;
    let refused = ReportBody::Refused {
        reason: domain::action::RefusalReason::Unsupported,
        detail: "x".repeat(5000),
    };
    agent
        .send_report(Report {
            action,
            n: 0,
            body: refused,
        })
        .await;
    agent.acknowledged(action, 0).await;
    assert_eq!(technician.action(session, action).await.state, ActionState::Refused);
}

/// R3: orders wait for an endpoint that is away, and come once it is back, once.
#[tokio::test]
async fn an_order_waits_for_an_endpoint_that_is_away() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    let mut agent = device.connect(app.address).await.unwrap();
    assert_eq!(agent.run("back\n").await, action);
    // Connected anew, nothing is left: the next order is the next action's.
    let device = agent.leave().await;
    let mut agent = device.connect(app.address).await.unwrap();
    let next = technician.propose(session, system_info()).await;
    assert_eq!(agent.next_order().await.order.action, next);
    assert_eq!(agent.orders_waiting(), 0);
}

/// R14: cancelling reaches the agent, and how it ended is the agent's to say.
#[tokio::test]
async fn a_cancel_reaches_the_agent() {
    use domain::api::Actions;
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    app.engine().cancel(&technician.caller, action).await.unwrap();
    assert_eq!(agent.next_cancel().await, action);
    agent.finish(&mut order, Outcome::Cancelled, None).await;
    let view = technician.action(session, action).await;
    assert_eq!(
        (view.state, view.outcome),
        (ActionState::Finished, Some(Outcome::Cancelled))
    );
}

/// R3: the server's restart loses nothing: the action goes on where its agent is.
#[tokio::test]
async fn a_restart_of_the_server_loses_nothing() {
    let mut app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    app.contact().await.approve(request).await;
    let action = technician.propose(session, file_read("/etc/pos/terminal.conf")).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    agent.print(&mut order, "before\n").await;
    drop(technician);
    app.restart().await;
    let device = agent.device.clone();
    agent.closed().await;
    let mut agent = device.connect(app.address).await.unwrap();
    agent.print(&mut order, "after\n").await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    let view = app.technician().await.action(session, action).await;
    let output: String = view.output.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(
        (output.as_str(), view.outcome),
        ("before\nafter\n", Some(Outcome::Succeeded))
    );
    // Not sent a second time: it had begun.
    assert_eq!(agent.orders_waiting(), 0);
}
