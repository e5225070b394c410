//! A copied key: two machines with one identity.

use domain::action::{ActionState, RefusalReason};
use domain::api::{EndpointState, Endpoints};
use wire::RejectReason;

use crate::support::{TestApp, system_info};

/// R10, R22: both are stopped, nothing is sent to either, and a person has to look. Then the right one works again.
#[tokio::test]
async fn two_machines_with_one_key_are_both_stopped() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let first = device.connect(app.address).await.unwrap();
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    // It reads, and so answers pings, as an agent does.
    let first = tokio::spawn(first.closed());
    let copy = device.copy();
    assert_eq!(copy.connect(app.address).await.err(), Some(RejectReason::CloneDetected));
    assert_eq!(first.await.unwrap(), Some(RejectReason::CloneDetected));

    let view = app.endpoint(device.endpoint).await;
    let found = view.clone.expect("it is shown");
    assert_eq!(
        (found.first.1, found.second.1),
        (device.instance.clone(), copy.instance.clone())
    );
    assert_eq!(
        (view.row.state, view.row.needs_confirmation),
        (EndpointState::Pending, true)
    );
    assert_eq!(app.recorded("endpoint.clone_detected").await, 1);
    for machine in [&device, &copy] {
        assert_eq!(
            machine.connect(app.address).await.err(),
            Some(RejectReason::CloneDetected)
        );
    }
    let refused = technician.propose(session, system_info()).await;
    let refused = technician.action(session, refused).await;
    assert_eq!(refused.refusal, Some(RefusalReason::EndpointNotConfirmed));
    let admin = app.admin().await;
    let overview = admin.get("/").await.text();
    assert!(overview.contains("Its key was on two machines at once"), "{overview}");
    let page = admin.get(&format!("/endpoints/{}", device.endpoint)).await.text();
    assert!(
        page.contains(&device.instance) && page.contains(&copy.instance),
        "{page}"
    );

    app.engine()
        .confirm_endpoint(&admin.caller, device.endpoint, view.fingerprint, None)
        .await
        .unwrap();
    let mut agent = device.connect(app.address).await.unwrap();
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
    assert!(app.endpoint(device.endpoint).await.clone.is_none());
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
}

/// An order that waited for the endpoint when its key turned out to be copied goes to neither machine.
#[tokio::test]
async fn an_order_that_waits_goes_to_neither() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let first = device.connect(app.address).await.unwrap();
    let waiting = technician.propose(session, crate::support::script("id")).await;
    let request = technician.request_of(session, waiting).await;
    let first = tokio::spawn(first.closed());
    let copied = device.copy().connect(app.address).await;
    assert_eq!(copied.err(), Some(RejectReason::CloneDetected));
    first.await.unwrap();
    // Allowed by a person after that, it is refused all the same.
    app.contact().await.approve(request).await;
    let view = technician.action(session, waiting).await;
    assert_eq!(
        (view.state, view.refusal),
        (ActionState::Refused, Some(RefusalReason::EndpointNotConfirmed))
    );
}

/// R3: an agent that was started anew is no copy: its old connection answers nothing, and is replaced.
#[tokio::test]
async fn a_restarted_agent_is_no_clone() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    // Nobody reads on this one: its process is gone, and the network has not noticed.
    let gone = device.connect(app.address).await.unwrap();
    let restarted = device.copy();
    let mut agent = restarted.connect(app.address).await.expect("it is let in");
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
    assert_eq!(app.recorded("endpoint.clone_detected").await, 0);
    assert_eq!(gone.closed().await, None, "closed, and not told of a clone");
}

/// R52: only whoever holds the key can have an endpoint stopped that way.
#[tokio::test]
async fn nobody_else_can_play_the_clone() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let mut first = device.connect(app.address).await.unwrap();
    let other = crate::support::new_key();
    let forged = device
        .copy()
        .connect_with(app.address, |hello, challenge| hello.sign(challenge, &other).unwrap())
        .await;
    assert_eq!(forged.err(), Some(RejectReason::BadSignature));
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(first.run("ok\n").await, action);
}
