//! Enrolment tokens: for whom, how often, how long; stopped, replaced, and machines that a person confirms.

use std::time::Duration;

use domain::action::{ActionState, RefusalReason};
use domain::api::{ApiError, Conflict, EndpointState, Endpoints, NewToken, TokenSpec};
use domain::fingerprint::fingerprint;
use domain::ids::EndpointId;
use wire::{Enrol, Enrolled, RejectReason};

use crate::support::{Device, TestApp, new_key, system_info};

async fn token(app: &TestApp, spec: TokenSpec) -> Result<NewToken, ApiError> {
    let admin = app.admin().await;
    app.engine().create_token(&admin.caller, spec).await
}

fn once(app: &TestApp) -> TokenSpec {
    TokenSpec::once(app.client)
}

/// What enrolling gives with a key that the caller keeps.
async fn enrol(app: &TestApp, token: &str, key: &ed25519_dalek::SigningKey) -> Result<Enrolled, RejectReason> {
    let enrol = Enrol {
        protocol: wire::PROTOCOL,
        capabilities: Some(Default::default()),
        token: token.into(),
        public_key: String::new(),
        hostname: "till".into(),
        os: "o".into(),
        agent_version: "v".into(),
        signature: String::new(),
    };
    Device::enrol_with(app.address, |challenge| enrol.sign(challenge, key).unwrap()).await
}

async fn confirm(app: &TestApp, endpoint: EndpointId, shown: &str) -> Result<(), ApiError> {
    let admin = app.admin().await;
    app.engine()
        .confirm_endpoint(&admin.caller, endpoint, shown.into(), Some(app.client))
        .await
}

/// R22: a counted token is for so many machines, and says how many are left.
#[tokio::test]
async fn a_counted_token_counts() {
    let app = TestApp::start().await;
    let made = token(&app, TokenSpec { uses: 2, ..once(&app) }).await.unwrap();
    for name in ["one", "two"] {
        Device::enrol(app.address, &made.token, name).await.unwrap();
    }
    let third = Device::enrol(app.address, &made.token, "three").await;
    assert_eq!(third.err(), Some(RejectReason::TokenSpent));
    let more = token(&app, TokenSpec { uses: 3, ..once(&app) }).await.unwrap();
    Device::enrol(app.address, &more.token, "four").await.unwrap();
    let admin = app.admin().await;
    let listed = app.engine().tokens(&admin.caller).await.unwrap();
    let shown: Vec<_> = listed
        .iter()
        .map(|t| (t.id, t.uses, t.used, t.made_by.as_str()))
        .collect();
    assert_eq!(shown, [(more.id, 3, 1, "Ada Admin")], "the spent one is not listed");
}

/// R22: a token for one machine is for the machine of that name.
#[tokio::test]
async fn a_token_for_one_machine_is_for_that_machine() {
    let app = TestApp::start().await;
    let hostname = Some("POS-07".to_owned());
    let made = token(&app, TokenSpec { hostname, ..once(&app) }).await.unwrap();
    let other = Device::enrol(app.address, &made.token, "POS-08").await;
    assert_eq!(other.err(), Some(RejectReason::TokenSpent));
    Device::enrol(app.address, &made.token, "pos-07").await.unwrap();
    assert_eq!(app.recorded("enrolment.refused").await, 1);
}

#[tokio::test]
async fn a_token_keeps_within_its_limits() {
    let app = TestApp::start().await;
    let hostname = Some("POS-07".to_owned());
    for bad in [
        TokenSpec { uses: 0, ..once(&app) },
        TokenSpec {
            uses: 10_001,
            ..once(&app)
        },
        TokenSpec {
            minutes: 9,
            ..once(&app)
        },
        TokenSpec {
            minutes: 129_601,
            ..once(&app)
        },
        TokenSpec {
            hostname,
            uses: 2,
            ..once(&app)
        },
        TokenSpec {
            hostname: Some("two words".into()),
            ..once(&app)
        },
    ] {
        let refused = token(&app, bad.clone()).await;
        assert!(matches!(refused, Err(ApiError::Invalid { .. })), "{bad:?}");
    }
    let made = token(
        &app,
        TokenSpec {
            minutes: 129_600,
            ..once(&app)
        },
    )
    .await
    .unwrap();
    app.let_pass(Duration::from_secs(89 * 86_400)).await;
    Device::enrol(app.address, &made.token, "late").await.unwrap();
}

/// R22: revoking and replacing stop the old command at once; both are in the record, and happen once.
#[tokio::test]
async fn a_token_is_stopped_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let first = token(
        &app,
        TokenSpec {
            uses: 5,
            confirmation: true,
            ..once(&app)
        },
    )
    .await
    .unwrap();
    Device::enrol(app.address, &first.token, "one").await.unwrap();
    let second = app.engine().rotate_token(&admin.caller, first.id).await.unwrap();
    let old = Device::enrol(app.address, &first.token, "two").await;
    assert_eq!(old.err(), Some(RejectReason::TokenSpent));
    Device::enrol(app.address, &second.token, "two").await.unwrap();
    let listed = app.engine().tokens(&admin.caller).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|t| (t.id, t.uses, t.used, t.confirmation)).collect();
    assert_eq!(
        shown,
        [(second.id, 4, 1, true)],
        "like the first, for as many as were left"
    );
    app.engine().revoke_token(&admin.caller, second.id).await.unwrap();
    let revoked = Device::enrol(app.address, &second.token, "three").await;
    assert_eq!(revoked.err(), Some(RejectReason::TokenSpent));
    for id in [first.id, second.id] {
        let again = app.engine().revoke_token(&admin.caller, id).await;
        assert_eq!(again, Err(ApiError::Conflict(Conflict::TokenEnded)));
    }
    assert_eq!(app.recorded("enrolment_token.revoked").await, 2);
}

/// R3: an answer that was lost on the way costs no token and makes no second endpoint; it is the same machine's alone.
#[tokio::test]
async fn the_same_machine_gets_the_same_endpoint_again() {
    let app = TestApp::start().await;
    let (key, spent) = (new_key(), app.token().await);
    let first = enrol(&app, &spent, &key).await.unwrap();
    assert_eq!(enrol(&app, &spent, &key).await.unwrap(), first);
    assert_eq!(
        enrol(&app, &spent, &new_key()).await.err(),
        Some(RejectReason::TokenSpent)
    );
    let other = app.token().await;
    assert_eq!(enrol(&app, &other, &key).await.err(), Some(RejectReason::TokenSpent));
    let admin = app.admin().await;
    assert_eq!(app.engine().endpoints(&admin.caller).await.unwrap().len(), 1);
    assert_eq!(
        (
            app.recorded("endpoint.enrolled").await,
            app.recorded("enrolment.repeated").await
        ),
        (1, 1)
    );
    let device = Device::of(key.clone(), &first);
    let _connected = device.connect(app.address).await.unwrap();
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, true)
        .await
        .unwrap();
    assert_eq!(
        enrol(&app, &spent, &key).await.err(),
        Some(RejectReason::TokenSpent),
        "not once it was removed"
    );
}

/// R10, R22: before a person has confirmed the machine nothing is sent to it, and what is proposed is refused in the record.
#[tokio::test]
async fn nothing_runs_before_a_person_has_confirmed_the_machine() {
    let app = TestApp::start().await;
    let made = token(
        &app,
        TokenSpec {
            confirmation: true,
            ..once(&app)
        },
    )
    .await
    .unwrap();
    let device = Device::enrol(app.address, &made.token, "till").await.unwrap();
    let mut agent = device.connect(app.address).await.unwrap();
    assert_eq!(app.state(device.endpoint).await, EndpointState::Pending);
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let early = technician.propose(session, system_info()).await;
    let view = technician.action(session, early).await;
    assert_eq!(
        (view.state, view.refusal),
        (ActionState::Refused, Some(RefusalReason::EndpointNotConfirmed))
    );

    let shown = app.endpoint(device.endpoint).await.fingerprint;
    assert_eq!(
        shown,
        fingerprint(device.key.verifying_key().as_bytes()),
        "as the agent shows it"
    );
    let other = confirm(&app, device.endpoint, "0000 0000").await;
    assert_eq!(other, Err(ApiError::Conflict(Conflict::StaleStatement)));
    confirm(&app, device.endpoint, &shown).await.unwrap();
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
    let again = confirm(&app, device.endpoint, &shown).await;
    assert_eq!(again, Err(ApiError::Conflict(Conflict::AlreadyConfirmed)));
    assert_eq!(app.endpoint(device.endpoint).await.confirmed.unwrap().by, "Ada Admin");
    assert_eq!(app.recorded("endpoint.confirmed").await, 1);
    let action = technician.propose(session, system_info()).await;
    assert_eq!(agent.run("ok\n").await, action);
    assert_eq!(agent.orders_waiting(), 0, "the refused one was never sent");
}

/// R51: whose machine it is, where the token does not say, is said when it is confirmed; until then nobody works on it.
#[tokio::test]
async fn a_token_for_any_client_needs_the_client_at_confirmation() {
    let app = TestApp::start().await;
    let made = token(
        &app,
        TokenSpec {
            client: None,
            ..once(&app)
        },
    )
    .await
    .unwrap();
    let device = Device::enrol(app.address, &made.token, "till").await.unwrap();
    let view = app.endpoint(device.endpoint).await;
    assert!(
        view.row.needs_confirmation && view.row.client.id.is_empty(),
        "asked for without being asked to"
    );
    let technician = app.technician().await;
    let opened = technician.open_session_for(device.endpoint, "It freezes", "").await;
    assert_eq!(opened, Err(ApiError::Conflict(Conflict::EndpointUnassigned)));
    let admin = app.admin().await;
    let without = app
        .engine()
        .confirm_endpoint(&admin.caller, device.endpoint, view.fingerprint.clone(), None)
        .await;
    assert!(matches!(without, Err(ApiError::Invalid { .. })));
    confirm(&app, device.endpoint, &view.fingerprint).await.unwrap();
    assert_eq!(app.endpoint(device.endpoint).await.row.client.name, "Harbour Books");
    assert_eq!(
        app.state(device.endpoint).await,
        EndpointState::Pending,
        "confirmed, and not connected yet"
    );
    let _connected = device.connect(app.address).await.unwrap();
    assert_eq!(app.state(device.endpoint).await, EndpointState::Ready);
}

/// R74: tokens and confirmation work as plain forms, and what is on the pages is read as text.
#[tokio::test]
async fn tokens_and_confirmation_have_their_pages() {
    let app = TestApp::start().await;
    let made = token(
        &app,
        TokenSpec {
            uses: 9,
            client: None,
            ..once(&app)
        },
    )
    .await
    .unwrap();
    let device = Device::enrol(app.address, &made.token, "<b>till</b>").await.unwrap();
    let admin = app.admin().await;
    let page = admin.get("/settings/enrolment").await.text();
    assert!(
        page.contains("Any client") && page.contains("8 of 9") && page.contains("Revoke"),
        "{page}"
    );
    assert!(!page.contains(&made.token), "the token itself is shown once");
    let overview = admin.get("/").await.text();
    assert!(
        overview.contains("A new machine. Compare its fingerprint"),
        "{overview}"
    );
    let page = admin.get(&format!("/endpoints/{}", device.endpoint)).await.text();
    let print = fingerprint(device.key.verifying_key().as_bytes());
    assert!(page.contains(&print) && page.contains("Confirm this machine"), "{page}");
    assert!(page.contains("&lt;b&gt;till") && !page.contains("<b>till"), "{page}");
}
