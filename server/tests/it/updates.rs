//! Updates of agents: what is offered to one, what it is sent, and what is recorded.

use domain::api::{ApiError, Conflict, Endpoints, UpdateStage as Stage};
use ed25519_dalek::SigningKey;
use release::sign::{About, sign_file};
use wire::{AgentMessage, Capabilities, MAX_PART, UpdateStage, UpdateState, UpdateWant};

use crate::support::{Device, FakeAgent, TestApp};

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A server with one release, 0.2.0, of a program that takes two pieces.
async fn with_release() -> (TestApp, Vec<u8>, SigningKey) {
    let mut app = TestApp::start().await;
    let folder = app.scratch().join("releases");
    std::fs::create_dir(&folder).unwrap();
    let program: Vec<u8> = (0..MAX_PART + 10).map(|n| u8::try_from(n % 251).unwrap()).collect();
    std::fs::write(folder.join("agent"), &program).unwrap();
    let about = About {
        version: "0.2.0".parse().unwrap(),
        target: TARGET.into(),
        minimum: "0.1.0".parse().unwrap(),
        not_before: None,
    };
    let key = SigningKey::from_bytes(&[4; 32]);
    sign_file(&folder.join("agent"), &about, &key).unwrap();
    app.restart().await;
    (app, program, key)
}

/// Connects as an agent of this version, on the release's system.
async fn connect(app: &TestApp, device: &Device, version: &str) -> FakeAgent {
    let connected = device.connect_with(app.address, |mut hello, challenge| {
        hello.agent_version = version.into();
        if let Some(about) = &mut hello.about {
            about.capabilities = Capabilities::new([format!("target:{TARGET}")]).unwrap();
        }
        hello.sign(challenge, &device.key).unwrap()
    });
    connected.await.unwrap()
}

/// R1, R10: asked for by an admin, offered at once and as it was signed, sent in pieces; every word of the agent about it is
/// recorded once and shown.
#[tokio::test]
async fn an_update_is_offered_when_an_admin_asks_and_its_fate_is_on_record() {
    let (app, program, key) = with_release().await;
    let device = app.enrol("till").await;
    let mut agent = connect(&app, &device, "0.1.0").await;
    let admin = app.admin().await;
    let view = || async { app.engine().endpoint(&admin.caller, device.endpoint).await.unwrap() };
    assert_eq!(
        (view().await.available_version.as_deref(), view().await.update),
        (Some("0.2.0"), None)
    );
    app.engine()
        .update_endpoint(&admin.caller, device.endpoint)
        .await
        .unwrap();
    let offer = agent.next_offer().await;
    let manifest = offer.open(&key.verifying_key()).unwrap();
    assert_eq!(manifest.size, program.len() as u64);
    let release = offer.digest();
    let mut got = vec![];
    while got.len() < program.len() {
        let offset = got.len() as u64;
        agent
            .say(AgentMessage::UpdateWant(UpdateWant { release, offset }))
            .await;
        got.extend(agent.next_part().await.bytes().unwrap());
    }
    assert_eq!(got, program);
    let from = "0.1.0".parse().unwrap();
    for (stage, shown) in [
        (UpdateStage::Staged, Stage::Staged),
        (UpdateStage::Started, Stage::Started),
        (UpdateStage::Started, Stage::Started),
        (UpdateStage::RolledBack, Stage::RolledBack),
    ] {
        let state = UpdateState::new(release, stage, from, "in 5 s, card 4242424242424242");
        agent.say(AgentMessage::UpdateState(state)).await;
        assert_eq!(agent.next_noted().await, (release, stage));
        let update = view().await.update.unwrap();
        assert_eq!((update.version.as_str(), update.stage), ("0.2.0", shown));
        assert!(
            update.detail.contains("in 5 s") && !update.detail.contains("4242424242"),
            "{}",
            update.detail
        );
    }
    let record = app.record().await;
    let count = |kind: &str| record.iter().filter(|l| l.kind == kind).count();
    assert_eq!((count("agent.update_asked"), count("agent.update_reported")), (1, 3));

    // Asked for again, it is offered again; and again on a new connection, until the agent says something of it.
    app.engine().update_client(&admin.caller, app.client).await.unwrap();
    assert_eq!(agent.next_offer().await, offer);
    let device = agent.leave().await;
    let mut agent = connect(&app, &device, "0.1.0").await;
    assert_eq!(agent.next_offer().await, offer);
}

/// R75: nothing is offered that the agent could not take, and who may not ask is refused.
#[tokio::test]
async fn there_is_nothing_to_ask_for_where_there_is_no_release() {
    let (app, ..) = with_release().await;
    let device = app.enrol("till").await;
    let admin = app.admin().await;
    for version in ["0.2.0", "0.0.9", "0.0.0-test"] {
        let agent = connect(&app, &device, version).await;
        let nothing = Err(ApiError::Conflict(Conflict::NoRelease));
        let asked = app.engine().update_endpoint(&admin.caller, device.endpoint).await;
        assert_eq!(asked, nothing, "{version}");
        agent.leave().await;
    }
    let technician = app.technician().await;
    let asked = app.engine().update_endpoint(&technician.caller, device.endpoint).await;
    assert!(matches!(asked, Err(ApiError::Forbidden { .. })));
}

/// A piece of a release that the server does not have is not sent, and the connection goes on.
#[tokio::test]
async fn what_is_not_there_is_not_sent() {
    let (app, ..) = with_release().await;
    let device = app.enrol("till").await;
    let mut agent = connect(&app, &device, "0.1.0").await;
    let release = domain::digest::Digest::of(&[b"another"]);
    agent
        .say(AgentMessage::UpdateWant(UpdateWant { release, offset: 0 }))
        .await;
    let from = "0.1.0".parse().unwrap();
    let state = UpdateState::new(release, UpdateStage::Refused, from, "");
    agent.say(AgentMessage::UpdateState(state)).await;
    assert_eq!(agent.next_noted().await, (release, UpdateStage::Refused));
    assert!(!app.record().await.iter().any(|l| l.kind == "agent.update_reported"));
}
