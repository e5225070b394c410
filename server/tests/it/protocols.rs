//! Agents of the protocol before this one, with the server of today.

use domain::action::{ActionState, Outcome};
use domain::api::{EndpointState, Endpoints};
use wire::RejectReason;

use crate::support::{TestApp, system_info};

/// An agent that speaks protocol 1 alone is served as ever: orders, output, receipts, and a removal that does not wait.
#[tokio::test]
async fn an_agent_of_protocol_1_is_served_as_ever() {
    let app = TestApp::start().await;
    let mut device = app.enrol("till").await;
    device.speaks = 1;
    let mut agent = device.connect(app.address).await.unwrap();
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    assert_eq!(order.order.v, 1);
    agent.start(&mut order).await;
    agent.print(&mut order, "old\n").await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    let view = technician.action(session, action).await;
    assert_eq!((view.state, view.lines), (ActionState::Finished, 1));
    let page = app.endpoint(device.endpoint).await;
    assert_eq!((page.capabilities, page.row.state), (None, EndpointState::Ready));
    let admin = app.admin().await;
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, false)
        .await
        .unwrap();
    agent.closed().await;
    assert_eq!(app.state(device.endpoint).await, EndpointState::Removed);
    assert_eq!(device.connect(app.address).await.err(), Some(RejectReason::Removed));
}

/// R10: the receipt of an agent that speaks protocol 2 names what the order names, or the end is not taken.
#[tokio::test]
async fn a_receipt_that_names_another_command_is_not_taken() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    assert_eq!(order.order.v, 2);
    agent.start(&mut order).await;
    order.order.command_digest = crate::support::script("id").digest();
    let body = wire::ReportBody::Finished(order.finish(Outcome::Succeeded, Some(0), &agent.device.key));
    agent.send_report(wire::Report { action, n: 1, body }).await;
    agent.closed().await;
    assert_eq!(technician.action(session, action).await.state, ActionState::Running);
}

/// An agent that was replaced by an older one is not sent what it can't read; the order ends as never sent.
#[tokio::test]
async fn an_order_of_the_newer_version_waits_for_an_agent_that_reads_it() {
    let app = TestApp::start().await;
    let mut device = app.agent("till").await.leave().await;
    app.until(|| async { app.state(device.endpoint).await == EndpointState::Offline })
        .await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let newer = technician.propose(session, system_info()).await;
    device.speaks = 1;
    let mut agent = device.connect(app.address).await.unwrap();
    let older = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, older);
    assert_eq!(agent.orders_waiting(), 0);
    app.let_pass(std::time::Duration::from_secs(16 * 60)).await;
    assert_eq!(technician.action(session, newer).await.state, ActionState::Refused);
}
