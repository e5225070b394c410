//! Erasing one session's texts.

use audit::verify::{Trusted, Verdict, verify_bytes};
use domain::api::{
    ApiError, Approvals, Conflict, Disposition, Field, IncidentRow, Incidents, Record, Retention, Sessions,
};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Database};

use super::{WORDS, erase, found, words_in, words_in_files, words_read, wordy};
use crate::support::{TestApp, system_info, verified};

/// R5: what was typed and printed is on no page, in no search, export, share or file, not before and not after the database is
/// compacted; who did what when stays; the record and an older link verify; another session is as it was.
#[tokio::test]
async fn what_was_erased_is_gone_and_the_record_verifies() {
    let mut app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let (director, technician) = (app.director().await, app.technician().await);
    let mut other = app.agent("other").await;
    let kept = technician.open_session(other.endpoint()).await;
    technician.propose(kept, system_info()).await;
    other.run("Holunder\n").await;
    technician.close_session(kept).await;
    let link = director.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let bundle = format!("{path}/bundle.json");
    assert_eq!(words_read(&app, session).await, WORDS, "all of them can be read before");
    assert_eq!((found(&app, "Bernst").await, found(&app, "Holunder").await), (1, 1));
    let (action, size) = {
        let view = director.session(session).await;
        (view.actions[0].clone(), app.recorded("text.erased").await)
    };
    assert_eq!(size, 0);

    erase(&director, session).await.unwrap();

    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
    assert_eq!((found(&app, "Bernst").await, found(&app, "Holunder").await), (0, 1));
    let view = director.session(session).await;
    let erased = view.erased.unwrap();
    assert_eq!(erased.by, director.caller.name);
    let after = &view.actions[0];
    assert_eq!(
        (after.id, after.state, after.outcome, after.number),
        (action.id, action.state, action.outcome, action.number),
        "what became of it stays"
    );
    let record = app.record().await;
    let said = record.iter().find(|l| l.kind == "text.erased").unwrap();
    assert_eq!(said.index, erased.leaf);
    let said = format!("{:?}", said.groups);
    assert!(
        said.contains(&session.to_string()) && said.contains("Asked for by the customer"),
        "{said}"
    );

    let page = app.nobody().get(path).await.text();
    let held = app.nobody().get(&bundle).await.body;
    assert_eq!(words_in(&page), [] as [&str; 0]);
    assert_eq!(words_in(&String::from_utf8_lossy(&held)), [] as [&str; 0]);
    let report = verify_bytes(&held, Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    assert!(report.groups_erased >= WORDS.len() as u64, "{report:#?}");

    drop((director, technician, other));
    app.shut_down().await;
    assert_eq!(words_in_files(&app.data()), [] as [String; 0]);
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("erased"), "{told}");
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    database.execute_unprepared("VACUUM").await.unwrap();
    database.close().await.unwrap();
    assert_eq!(words_in_files(&app.data()), [] as [String; 0]);
    app.boot().await;
    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
    app.engine().self_check().await.unwrap();
    let director = app.director().await;
    let alarm = app.engine().record_alarm(&director.caller).await.unwrap();
    assert_eq!(alarm, None);
}

/// R5: nothing of a session that is open; not twice; not without a reason; only by who may; and a request that can't be carried
/// out leaves all as it was.
#[tokio::test]
async fn only_what_is_over_is_erased_and_once() {
    let app = TestApp::start().await;
    let (director, technician, stranger) = (app.director().await, app.technician().await, app.stranger().await);
    let mut agent = app.agent("busy").await;
    let open = technician.open_session(agent.endpoint()).await;
    let not_over = Err(ApiError::Conflict(Conflict::NotOver));
    assert_eq!(erase(&director, open).await, not_over);
    technician.propose(open, system_info()).await;
    agent.run("the last word\n").await;
    assert_eq!(
        erase(&director, open).await,
        not_over,
        "nothing of it runs, and it is open"
    );
    technician.close_session(open).await;
    let view = director.session(open).await;
    assert!(view.erased.is_none() && format!("{view:?}").contains("the last word"));
    erase(&director, open).await.unwrap();

    let session = wordy(&app, "till").await;
    assert_eq!(erase(&stranger, session).await, Err(ApiError::NotFound));
    for person in [&technician, &app.contact().await, &app.admin().await] {
        assert!(matches!(erase(person, session).await, Err(ApiError::Forbidden { .. })));
    }
    let unsaid = app.engine().erase_session(&director.caller, session, "  ".into()).await;
    assert!(matches!(
        unsaid,
        Err(ApiError::Invalid {
            field: Field::Reason,
            ..
        })
    ));
    let id = session.to_string();
    let unticked = director
        .http
        .call("erase_session", &[("session", &id), ("reason", "Asked for")])
        .await;
    assert_eq!(unticked.status, 422, "not without the box ticked");
    assert_eq!(words_read(&app, session).await, WORDS);
    erase(&director, session).await.unwrap();
    assert_eq!(
        erase(&director, session).await,
        Err(ApiError::Conflict(Conflict::Erased))
    );
    assert_eq!(app.recorded("text.erased").await, 2);
    let request = technician
        .action(session, director.session(session).await.actions[0].id)
        .await
        .request;
    let read = app.engine().approval(&director.caller, request.unwrap()).await;
    assert_eq!(
        read,
        Err(ApiError::Conflict(Conflict::Erased)),
        "what was asked is gone too"
    );
}

/// R36: a reason with card data is redacted before it is stored, as all that people type.
#[tokio::test]
async fn the_reason_for_erasing_is_redacted() {
    let app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let director = app.director().await;
    let reason = "It held 4242 4242 4242 4242".to_owned();
    app.engine()
        .erase_session(&director.caller, session, reason)
        .await
        .unwrap();
    let record = format!("{:?}", app.record().await);
    assert!(!record.contains("4242 4242 4242 4242") && record.contains("It held [card"));
}

/// R4, R5: what is written about a session while it is erased is either erased with it, before the leaf that says so, or can be read:
/// never is a text lost that no later leaf explains.
#[tokio::test]
async fn what_is_written_while_a_session_is_erased_is_not_lost() {
    let app = TestApp::start().await;
    let (director, technician) = (app.director().await, app.technician().await);
    let mut agent = app.agent("till").await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("fine\n").await;
    for n in 0..24 {
        let note = format!("They paid with 4242 4242 4242 4242, slip {n}");
        let noted = app.engine().add_note(&technician.caller, session, note);
        noted.await.unwrap();
    }
    technician.close_session(session).await;
    let incidents = director.engine.incidents(&director.caller).await.unwrap();
    assert_eq!(incidents.len(), 24);

    let close = |row: &IncidentRow| {
        let (director, id) = (&director, row.id);
        async move {
            let note = "Struck out".to_owned();
            let closed = director
                .engine
                .close_incident(&director.caller, id, Disposition::Deleted, note);
            closed.await
        }
    };
    let (some, others) = incidents.split_at(12);
    let (before, erased, after) = tokio::join!(
        join_all(some.iter().map(close)),
        erase(&director, session),
        join_all(others.iter().map(close)),
    );
    assert_eq!(erased, Ok(()));
    assert!(before.into_iter().chain(after).all(|closed| closed == Ok(())));
    assert_eq!(app.recorded("incident.closed").await, 24);
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
}
