//! The end of the retention.

use std::time::Duration;

use domain::api::{ApiError, Field, Retention, STANDARD_DAYS};

use super::{WORDS, found, words_read, wordy};
use crate::support::{TestApp, system_info, verified};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// R5: texts are kept for as long as it is set, of a client's sessions as it is set for the client; then the server erases them by
/// itself, and says so once.
#[tokio::test]
async fn what_was_kept_for_long_enough_is_erased() {
    let app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let director = app.director().await;
    let view = director.engine.retention(&director.caller).await.unwrap();
    assert_eq!(
        (view.days, view.clients.len(), view.clients[0].days),
        (STANDARD_DAYS, 1, None)
    );
    let set = async |client, days| director.engine.set_retention(&director.caller, client, days).await;
    set(None, Some(400)).await.unwrap();
    set(Some(app.client), Some(30)).await.unwrap();

    app.let_pass(29 * DAY).await;
    app.engine().retain().await.unwrap();
    assert_eq!(words_read(&app, session).await, WORDS, "not before its time");
    set(Some(app.client), None).await.unwrap();
    app.let_pass(2 * DAY).await;
    app.engine().retain().await.unwrap();
    assert_eq!(
        words_read(&app, session).await,
        WORDS,
        "as long as all others, once nothing else is set"
    );
    set(Some(app.client), Some(30)).await.unwrap();
    app.engine().retain().await.unwrap();
    app.engine().retain().await.unwrap();
    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
    assert_eq!(found(&app, "Bernst").await, 0);
    assert_eq!(app.recorded("text.erased").await, 1, "once");
    assert_eq!(app.recorded("retention.changed").await, 4);
    let record = app.record().await;
    let said = record.iter().find(|l| l.kind == "text.erased").unwrap();
    assert!(
        said.who.contains("retention") || said.who.contains("server"),
        "{said:?}"
    );
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
}

/// R5: a session that is still open is not over, however old it is; what belongs to no session goes by months, when the longest
/// time is over.
#[tokio::test]
async fn open_sessions_stay_and_months_go() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let open = technician.open_session(agent.endpoint()).await;
    technician.propose(open, system_info()).await;
    agent.run("Holunder\n").await;
    let director = app.director().await;
    // A search is a text that belongs to no session.
    assert_eq!(found(&app, "Bernstein").await, 0);
    assert!(format!("{:?}", app.record().await).contains("Bernstein"));
    let set = director.engine.set_retention(&director.caller, None, Some(10));
    set.await.unwrap();
    app.let_pass(75 * DAY).await;
    app.engine().retain().await.unwrap();
    assert_eq!(app.recorded("text.erased").await, 1, "the month");
    assert!(!format!("{:?}", app.record().await).contains("Bernstein"));
    let view = director.session(open).await;
    assert!(format!("{view:?}").contains("Holunder"));
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
}

/// R5, R51: a time is at least a day and at most a hundred years; only who may retain sets it, and only for clients of their own.
#[tokio::test]
async fn a_time_is_set_by_who_may_and_within_limits() {
    let app = TestApp::start().await;
    let (director, stranger, admin) = (app.director().await, app.stranger().await, app.admin().await);
    for days in [Some(0), Some(36_526), None] {
        let refused = director.engine.set_retention(&director.caller, None, days).await;
        assert!(
            matches!(refused, Err(ApiError::Invalid { field: Field::Days, .. })),
            "{days:?}: {refused:?}"
        );
    }
    let refused = admin.engine.set_retention(&admin.caller, None, Some(1)).await;
    assert!(matches!(refused, Err(ApiError::Forbidden { .. })));
    let refused = stranger
        .engine
        .set_retention(&stranger.caller, Some(app.client), Some(1))
        .await;
    assert_eq!(refused, Err(ApiError::NotFound));
    for typed in ["a week", "-1", "1.5", "99999999999"] {
        let answer = director.http.call("set_retention", &[("days", typed)]).await;
        assert_eq!(answer.status, 422, "{typed}");
    }
    let view = director.engine.retention(&director.caller).await.unwrap();
    assert_eq!(view.days, STANDARD_DAYS);
    assert_eq!(app.recorded("retention.changed").await, 0);
}
