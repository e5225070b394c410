//! How a machine becomes an endpoint.

use std::time::Duration;

use domain::api::{EndpointState, Endpoints};
use wire::{Enrol, RejectReason};

use crate::support::{Device, TestApp, new_key};

/// R1: token, key, pending, then ready by proof of the key; offline when it leaves.
#[tokio::test]
async fn a_machine_enrols_proves_its_key_and_is_ready() {
    let app = TestApp::start().await;
    let device = app.enrol("POS-REGISTER-07").await;
    assert_eq!(app.state(device.endpoint).await, EndpointState::Pending);
    let agent = device.connect(app.address).await.unwrap();
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
    agent.leave().await;
    app.until(|| async { app.state(device.endpoint).await == EndpointState::Offline })
        .await;
    let record = app.record().await;
    let kinds: Vec<&str> = record.iter().map(|l| l.kind.as_str()).collect();
    for kind in [
        "enrolment_token.created",
        "endpoint.enrolled",
        "endpoint.connected",
        "endpoint.disconnected",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
}

/// R22: a token serves once, and not after its hour.
#[tokio::test]
async fn a_token_serves_once_and_not_for_long() {
    let app = TestApp::start().await;
    let token = app.token().await;
    Device::enrol(app.address, &token, "first").await.unwrap();
    assert_eq!(
        Device::enrol(app.address, &token, "second").await.err(),
        Some(RejectReason::TokenSpent)
    );
    let late = app.token().await;
    app.let_pass(Duration::from_secs(3601)).await;
    assert_eq!(
        Device::enrol(app.address, &late, "late").await.err(),
        Some(RejectReason::TokenSpent)
    );
    assert_eq!(
        Device::enrol(app.address, "no-such-token", "none").await.err(),
        Some(RejectReason::TokenSpent)
    );
    let admin = app.admin().await;
    assert_eq!(app.engine().endpoints(&admin.caller).await.unwrap().len(), 1);
    assert!(app.record().await.iter().any(|l| l.kind == "enrolment.refused"));
}

/// R10: the enrolment is signed by the key that it names, over this connection's challenge.
#[tokio::test]
async fn an_enrolment_of_a_key_that_one_does_not_hold_is_refused() {
    let app = TestApp::start().await;
    let (mine, other) = (new_key(), new_key());
    let token = app.token().await;
    let enrol = Enrol {
        protocol: wire::PROTOCOL,
        capabilities: Some(Default::default()),
        token,
        public_key: String::new(),
        hostname: "h".into(),
        os: "o".into(),
        agent_version: "v".into(),
        signature: String::new(),
    };
    let stolen = Device::enrol_with(app.address, |challenge| {
        let signed = enrol.clone().sign(challenge, &mine).unwrap();
        Enrol {
            public_key: wire::public_key_text(&other.verifying_key()),
            ..signed
        }
    });
    assert_eq!(stolen.await.err(), Some(RejectReason::BadSignature));
    let replayed = Device::enrol_with(app.address, |challenge| {
        let old = wire::Challenge {
            nonce: "00".repeat(32),
            ..challenge.clone()
        };
        enrol.sign(&old, &mine).unwrap()
    });
    assert_eq!(replayed.await.err(), Some(RejectReason::BadSignature));
}
