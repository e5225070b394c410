//! Deciding: who may, on what they saw, and one of two.

use domain::action::{ActionState, RefusalReason};
use domain::api::{Accounts, ApiError, Approvals, Conflict, Decision, Endpoints, RequestState, Ruling};
use domain::digest::Digest;
use domain::roles::{Role, Roles};

use crate::support::{TestApp, file_read, script};

/// R22: of two who decide at once one wins; the other is told, and both tries are leaves.
#[tokio::test]
async fn of_two_racing_approvers_one_wins() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, script("systemctl restart pos")).await;
    let request = technician.request_of(session, action).await;
    let (contact, manager) = (app.contact().await, app.manager().await);
    let (yes, no) = tokio::join!(
        contact.decide(request, Ruling::Approve),
        manager.decide(
            request,
            Ruling::Deny {
                reason: "not now".into()
            }
        )
    );
    assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
    let lost = yes.clone().err().or(no.clone().err());
    assert_eq!(lost, Some(ApiError::Conflict(Conflict::AlreadyDecided)));
    let state = technician.action(session, action).await.state;
    if yes.is_ok() {
        assert_eq!(agent.run("done\n").await, action);
    } else {
        assert_eq!(state, ActionState::Refused);
    }
    let record = app.record().await;
    let decided = record
        .iter()
        .filter(|l| l.kind == "approval.approved" || l.kind == "approval.denied")
        .count();
    let refused = record.iter().filter(|l| l.kind == "approval.decision_refused").count();
    assert_eq!((decided, refused), (1, 1));
}

/// R23: nobody approves their own request, also not as an approver of that client; the try is a leaf.
#[tokio::test]
async fn nobody_approves_their_own_request() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (admin, technician) = (app.admin().await, app.technician().await);
    let me = technician.caller.person;
    app.engine()
        .set_roles(&admin.caller, me, Roles::from([Role::Technician, Role::Approver]))
        .await
        .unwrap();
    app.engine()
        .set_contacts(&admin.caller, app.client, vec![me, app.contact().await.caller.person])
        .await
        .unwrap();
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, script("id")).await;
    let request = technician.request_of(session, action).await;
    let refused = technician.decide(request, Ruling::Approve).await;
    assert_eq!(
        refused,
        Err(ApiError::Refused {
            reason: RefusalReason::SelfApproval
        })
    );
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
    assert!(app.record().await.iter().any(|l| l.kind == "approval.decision_refused"));
}

/// R22: only a contact of this client with the role, as it is when deciding.
#[tokio::test]
async fn a_role_revoked_between_view_and_decision_counts_no_more() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (admin, technician, contact) = (app.admin().await, app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, script("id")).await;
    let request = technician.request_of(session, action).await;
    let shown = contact.reads(request).await.digest;
    app.engine()
        .set_roles(&admin.caller, contact.caller.person, Roles::default())
        .await
        .ok();
    app.engine()
        .set_roles(&admin.caller, contact.caller.person, Roles::from([Role::Director]))
        .await
        .unwrap();
    let decided = app
        .engine()
        .decide(
            &contact.caller,
            Decision {
                request,
                shown,
                ruling: Ruling::Approve,
            },
        )
        .await;
    assert_eq!(
        decided,
        Err(ApiError::Refused {
            reason: RefusalReason::NotApprover
        })
    );
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
}

/// R20: a decision binds to the statement that was shown.
#[tokio::test]
async fn a_decision_about_something_else_is_refused() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, script("id")).await;
    let request = technician.request_of(session, action).await;
    let shown = Digest::of(&[b"something else"]);
    let decided = app
        .engine()
        .decide(
            &contact.caller,
            Decision {
                request,
                shown,
                ruling: Ruling::Approve,
            },
        )
        .await;
    assert_eq!(decided, Err(ApiError::Conflict(Conflict::StaleStatement)));
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
}

/// R21: narrowing yields a subset or nothing at all.
#[tokio::test]
async fn narrowing_never_widens() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    for wider in [
        r#"file.read("/etc/**")"#,
        r#"file.read("/etc/pos/../**")"#,
        r#"file.read("/etc/posh/**")"#,
        r#"service.restart("pos")"#,
        "script(0000000000000000000000000000000000000000000000000000000000000000)",
        "everything",
    ] {
        let decided = contact.decide(request, Ruling::Narrow { scope: wider.into() }).await;
        assert!(matches!(decided, Err(ApiError::Invalid { .. })), "{wider}: {decided:?}");
    }
    assert_eq!(contact.reads(request).await.row.state, RequestState::Pending);
    contact
        .narrow(request, r#"file.read("/etc/pos/ConnectionSettings/**")"#)
        .await;
    assert_eq!(contact.reads(request).await.row.state, RequestState::Narrowed);
}

/// R21, R27: a grant covers what it says, until it is revoked.
#[tokio::test]
async fn a_grant_covers_what_it_says_until_it_is_revoked() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    contact
        .narrow(request, r#"file.read("/etc/pos/ConnectionSettings/**")"#)
        .await;
    let inside = technician
        .propose(session, file_read("/etc/pos/ConnectionSettings/a.conf"))
        .await;
    assert_eq!(agent.run("a\n").await, inside);
    assert_eq!(technician.action(session, inside).await.basis.unwrap().word, "grant");
    for outside in [
        "/etc/pos/keys.txt",
        "/etc/pos/ConnectionSettings/../keys.txt",
        "/etc/passwd",
    ] {
        let action = technician.propose(session, file_read(outside)).await;
        assert_eq!(
            technician.action(session, action).await.state,
            ActionState::Waiting,
            "{outside}"
        );
    }
    let grant = contact.reads(request).await.grant.unwrap();
    app.engine().revoke_grant(&contact.caller, grant.id).await.unwrap();
    let after = technician
        .propose(session, file_read("/etc/pos/ConnectionSettings/a.conf"))
        .await;
    assert_eq!(technician.action(session, after).await.state, ActionState::Waiting);
    assert!(app.record().await.iter().any(|l| l.kind == "grant.revoked"));
    // R27: the contact sees what was done under it.
    assert_eq!(contact.reads(request).await.done.actions.len(), 1);
}

/// R25: opening a request decides nothing.
#[tokio::test]
async fn opening_the_page_decides_nothing() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, script("id")).await;
    let request = technician.request_of(session, action).await;
    for _ in 0..3 {
        assert_eq!(contact.get(&format!("/approvals/{request}")).await.status, 200);
    }
    assert_eq!(technician.action(session, action).await.state, ActionState::Waiting);
    assert!(app.record().await.iter().any(|l| l.kind == "approval.viewed"));
}
