//! New order keys: endpoints follow the chain, and each gets orders that it can verify at every moment.

use domain::action::ActionState;
use domain::api::Endpoints;
use wire::AgentMessage;

use crate::support::{TestApp, countersign, system_info};

/// R10: orders are signed with the newest key that the endpoint has pinned; one that was signed before waits for it and is
/// signed anew.
#[tokio::test]
async fn an_endpoint_follows_to_the_newest_key() {
    let app = TestApp::start().await;
    let mut device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let waiting = technician.propose(session, system_info()).await;
    assert_eq!(app.engine().rotate_order_key("Northwind").await, Ok(2));
    assert_eq!(app.engine().rotate_order_key("Northwind").await, Ok(3));

    let mut agent = device.connect(app.address).await.unwrap();
    let mut pinned = device.order_key;
    let org = technician.caller.org;
    for generation in [2, 3] {
        let rotation = agent.next_rotation().await;
        assert_eq!(rotation.generation, generation);
        pinned = rotation.follow(org, &pinned, rotation.not_before).unwrap();
    }
    assert_eq!(
        agent.orders_waiting(),
        0,
        "orders wait until it is known which key counts"
    );
    agent.device.order_key = pinned;
    agent.say(AgentMessage::KeyPinned { generation: 3 }).await;
    assert_eq!(agent.run("ok\n").await, waiting, "verified with the new key");
    assert_eq!(app.endpoint(device.endpoint).await.order_generation, 3);
    assert_eq!(
        (
            app.recorded("order_key.rotated").await,
            app.recorded("endpoint.order_key_pinned").await
        ),
        (2, 1)
    );

    // Connected anew there is nothing to follow.
    agent.leave().await;
    device.order_key = pinned;
    let mut agent = device.connect(app.address).await.unwrap();
    let next = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, next);
}

/// An agent that can't follow keeps its key, and its orders are signed with that.
#[tokio::test]
async fn an_old_agent_keeps_the_key_that_it_has() {
    let app = TestApp::start().await;
    let mut device = app.enrol("till").await;
    device.speaks = 1;
    app.engine().rotate_order_key("Northwind").await.unwrap();
    let mut agent = device.connect(app.address).await.unwrap();
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
    assert_eq!(technician.action(session, action).await.state, ActionState::Finished);
}

/// An agent's word for a key that was never made, or that it had already, changes nothing.
#[tokio::test]
async fn a_key_that_was_never_made_is_not_pinned() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    for generation in [9, 1, 0] {
        agent.say(AgentMessage::KeyPinned { generation }).await;
    }
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
    let admin = app.admin().await;
    let view = app.engine().endpoint(&admin.caller, agent.endpoint()).await.unwrap();
    assert_eq!(view.order_generation, 1);
}

/// A machine that enrols after a rotation pins the newest key from the start; the operator's command makes one.
#[tokio::test]
async fn the_operators_command_makes_the_next_key() {
    let mut app = TestApp::start().await;
    app.shut_down().await;
    let data = app.data_text();
    let unknown = countersign(&["rotate-order-key", "--data", &data, "--org", "Nobody's"]).await;
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    let done = countersign(&["rotate-order-key", "--data", &data, "--org", "Northwind"]).await;
    assert!(done.code == 0 && done.out.contains("generation 2"), "{}", done.err);
    app.boot().await;
    let mut agent = app.agent("till").await;
    assert_eq!(app.endpoint(agent.endpoint()).await.order_generation, 2);
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
}
