//! A share as a new version of an earlier one.

use audit::verify::{Trusted, Verdict, verify_bytes};
use domain::api::{ApiError, Conflict, Disposition, Incidents, NewShare, Sessions, ShareRow, Shares};
use domain::ids::{SessionId, ShareId};

use super::closed_session;
use crate::support::{Person, TestApp};

async fn next(by: &Person, session: SessionId, of: ShareId) -> Result<ShareRow, ApiError> {
    let new = NewShare {
        replaces: Some(of),
        ..NewShare::of(session)
    };
    by.engine.create_share(&by.caller, new).await
}

/// R1, R45: a new version pins a longer record and holds what came after the first; the first works on as it was and says that there
/// is a newer one; the record names both.
#[tokio::test]
async fn a_new_version_has_what_came_later() {
    let app = TestApp::start().await;
    let (technician, director) = (app.technician().await, app.director().await);
    let agent = app.agent("KASSE-4").await;
    let session = technician.open_session(agent.endpoint()).await;
    let noted = app
        .engine()
        .add_note(&technician.caller, session, "They paid with 4242 4242 4242 4242".into());
    noted.await.unwrap();
    technician.close_session(session).await;

    let first = director.share(session).await;
    assert_eq!((first.version, first.replaced), (1, false));
    let incident = director.engine.incidents(&director.caller).await.unwrap()[0].id;
    let closed = director.engine.close_incident(
        &director.caller,
        incident,
        Disposition::Deleted,
        "Struck out by hand".into(),
    );
    closed.await.unwrap();
    let second = next(&director, session, first.id).await.unwrap();
    assert_eq!(second.version, 2);
    assert!(second.size > first.size);
    let rows = director
        .engine
        .review_share(&director.caller, session)
        .await
        .unwrap()
        .shares;
    let stand: Vec<_> = rows.iter().map(|s| (s.version, s.replaced)).collect();
    assert_eq!(stand, [(2, false), (1, true)], "the newest first");

    for (share, newer, holds) in [(&first, true, false), (&second, false, true)] {
        let (path, pin) = share.link.as_deref().unwrap().split_once('#').unwrap();
        let page = app.nobody().get(path).await.text();
        assert_eq!(page.contains("A newer version of this transcript"), newer, "{page}");
        assert_eq!(page.contains("Struck out by hand"), holds, "{page}");
        let bundle = app.nobody().get(&format!("{path}/bundle.json")).await.body;
        assert_eq!(verify_bytes(&bundle, Trusted::link(pin)).verdict, Verdict::Verified);
    }
    let record = app.record().await;
    let made = record.iter().rfind(|l| l.kind == "share.created").unwrap();
    let said = format!("{:?}", made.groups);
    assert!(
        said.contains(&first.id.to_string()) && said.contains(r#"\"version\":2"#),
        "{said}"
    );
}

/// R45: a version follows one that is there, of the same session, not revoked, and has no newer one: of two who make one, one does.
#[tokio::test]
async fn a_version_follows_the_newest() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let other = closed_session_on(&app, "KASSE-5").await;
    let director = app.director().await;
    let first = director.share(session).await;
    let unknown = "01890000-0000-7000-8000-000000000001".parse::<ShareId>().unwrap();
    assert_eq!(next(&director, session, unknown).await.err(), Some(ApiError::NotFound));
    assert_eq!(
        next(&director, other, first.id).await.err(),
        Some(ApiError::NotFound),
        "of another session"
    );
    let (one, two) = tokio::join!(next(&director, session, first.id), next(&director, session, first.id));
    let second = match (one, two) {
        (Ok(made), Err(refused)) | (Err(refused), Ok(made)) => {
            assert_eq!(refused, ApiError::Conflict(Conflict::ShareReplaced));
            made
        }
        both => panic!("one of two: {both:?}"),
    };
    director.engine.revoke_share(&director.caller, second.id).await.unwrap();
    assert_eq!(
        next(&director, session, second.id).await.err(),
        Some(ApiError::LinkSpent)
    );
}

async fn closed_session_on(app: &TestApp, hostname: &str) -> SessionId {
    let agent = app.agent(hostname).await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.close_session(session).await;
    session
}
