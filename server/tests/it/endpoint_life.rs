//! An endpoint's life after its enrolment: what it says of itself, goodbye, and removal with its agent's help.

use std::time::Duration;

use domain::action::{ActionState, Command, Outcome, Script, Shell};
use domain::api::{ApiError, Conflict, EndpointState, Endpoints};
use wire::{AgentMessage, Capabilities, GoodbyeReason, RejectReason};

use crate::support::{TestApp, file_read, script, system_info};

/// R10: the agent ends what runs, says its last words, and is removed only then; nothing new is sent to it meanwhile.
#[tokio::test]
async fn a_removed_endpoint_retires_first() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (endpoint, device) = (agent.endpoint(), agent.device.clone());
    let technician = app.technician().await;
    let session = technician.open_session(endpoint).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    let admin = app.admin().await;
    app.engine()
        .remove_endpoint(&admin.caller, endpoint, false)
        .await
        .unwrap();
    assert_eq!(app.state(endpoint).await, EndpointState::Removing);
    agent.told_to_retire().await;
    let again = app.engine().remove_endpoint(&admin.caller, endpoint, false).await;
    assert_eq!(again, Err(ApiError::Conflict(Conflict::EndpointRemoving)));
    let late = technician.try_propose(session, system_info()).await;
    assert_eq!(late, Err(ApiError::Conflict(Conflict::EndpointRemoving)));
    agent.print(&mut order, "last words\n").await;
    agent.finish(&mut order, Outcome::Cancelled, None).await;
    agent.say(AgentMessage::Retired).await;
    assert_eq!(agent.closed().await, Some(RejectReason::Removed));
    assert_eq!(app.state(endpoint).await, EndpointState::Removed);
    let view = technician.action(session, action).await;
    assert_eq!((view.state, view.lines), (ActionState::Finished, 1));
    assert_eq!(
        (
            app.recorded("endpoint.removing").await,
            app.recorded("endpoint.removed").await
        ),
        (1, 1)
    );
    assert_eq!(device.connect(app.address).await.err(), Some(RejectReason::Removed));
}

/// An endpoint that is away retires when it comes back; where it does not, nobody has to wait for it.
#[tokio::test]
async fn an_endpoint_that_is_away_retires_when_it_is_back() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let device = app.agent("till").await.leave().await;
    app.until(|| async { app.state(device.endpoint).await == EndpointState::Offline })
        .await;
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, false)
        .await
        .unwrap();
    let mut agent = device.connect(app.address).await.unwrap();
    agent.told_to_retire().await;
    // Cut off before it could say so, it is asked again.
    agent.leave().await;
    app.until(|| async { !app.recorded("endpoint.disconnected").await.eq(&1) })
        .await;
    assert_eq!(app.state(device.endpoint).await, EndpointState::Removing);
    let mut agent = device.connect(app.address).await.unwrap();
    agent.told_to_retire().await;
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, true)
        .await
        .unwrap();
    agent.closed().await;
    assert_eq!(app.state(device.endpoint).await, EndpointState::Removed);
}

/// An agent that was not asked to retire can't remove its endpoint.
#[tokio::test]
async fn an_agent_does_not_remove_itself() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let endpoint = agent.endpoint();
    agent.say(AgentMessage::Retired).await;
    agent.closed().await;
    app.until(|| async { app.state(endpoint).await == EndpointState::Offline })
        .await;
    assert_eq!(app.recorded("endpoint.removed").await, 0);
}

/// R1: that and why an agent stopped is in the record.
#[tokio::test]
async fn a_goodbye_is_recorded_with_its_reason() {
    let app = TestApp::start().await;
    for reason in [GoodbyeReason::Stopped, GoodbyeReason::Update, GoodbyeReason::Shutdown] {
        let mut agent = app.agent("till").await;
        agent.say(AgentMessage::Goodbye { reason }).await;
        agent.closed().await;
        let said = || async {
            let record = app.record().await;
            let mut ends = record.iter().filter(|l| l.kind == "endpoint.disconnected");
            ends.next_back()
                .is_some_and(|l| format!("{:?}", l.groups).contains(reason.sentence()))
        };
        app.until(said).await;
    }
}

/// A clock that is off is measured on each connection, recorded, and shown where it matters.
#[tokio::test]
async fn a_clock_that_is_off_is_seen() {
    let app = TestApp::start().await;
    let mut device = app.enrol("till").await;
    device.ahead = Duration::from_secs(600);
    let agent = device.connect(app.address).await.unwrap();
    let skew = app.endpoint(device.endpoint).await.clock_skew_ms.unwrap();
    assert!((598_000..=600_000).contains(&skew), "{skew}");
    let record = app.record().await;
    let connected = record.iter().rfind(|l| l.kind == "endpoint.connected").unwrap();
    assert!(
        format!("{:?}", connected.groups).contains("clock_skew_ms"),
        "{connected:?}"
    );
    let page = app
        .admin()
        .await
        .get(&format!("/endpoints/{}", device.endpoint))
        .await
        .text();
    assert!(page.contains("ahead of the server"), "{page}");
    let device = agent.leave().await;
    let device = crate::support::Device {
        ahead: Duration::ZERO,
        ..device
    };
    let _agent = device.connect(app.address).await.unwrap();
    let page = app
        .admin()
        .await
        .get(&format!("/endpoints/{}", device.endpoint))
        .await
        .text();
    assert!(!page.contains("ahead of the server"), "{page}");
}

/// R22: what an agent says it can't do is refused before it is asked for, in a plain sentence, and not offered.
#[tokio::test]
async fn what_the_endpoint_cannot_do_is_not_proposed() {
    let app = TestApp::start().await;
    let mut device = app.enrol("till").await;
    device.capabilities = Capabilities::new(["verb:system.info", "shell:sh"]).unwrap();
    let mut agent = device.connect(app.address).await.unwrap();
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let pwsh = Command::Script(Script {
        shell: Shell::Pwsh,
        text: "Get-Printer".into(),
    });
    for command in [file_read("/etc/hosts"), pwsh] {
        let Err(ApiError::Invalid { message, .. }) = technician.try_propose(session, command).await else {
            panic!("it was proposed")
        };
        assert!(message.starts_with("The agent on till can't do this"), "{message}");
    }
    assert_eq!(app.recorded("action.proposal_refused").await, 2);
    technician.propose(session, script("id")).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
    let page = technician.get(&format!("/sessions/{session}")).await.text();
    assert!(
        page.contains("system.info") && !page.contains("\"file.read\""),
        "{page}"
    );
}
