//! Legal holds: while one lasts, nobody erases what is under it, through any door.

use std::time::Duration;

use domain::api::{ApiError, Conflict, Field, HoldOn, Retention};
use domain::ids::HoldId;
use sea_orm::{ConnectionTrait as _, Database};

use super::{WORDS, erase, words_read, wordy};
use crate::support::{Person, TestApp};

/// An id that nothing has.
const NONE: &str = "00000000-0000-7000-8000-000000000000";

async fn place(by: &Person, on: HoldOn, reason: &str) -> Result<HoldId, ApiError> {
    by.engine.place_hold(&by.caller, on, reason.into()).await
}

async fn release(by: &Person, hold: HoldId, reason: &str) -> Result<(), ApiError> {
    by.engine.release_hold(&by.caller, hold, reason.into()).await
}

/// R5: a hold on the session, on its client and on everything each forbid it, to people and to the end of the retention, which is
/// recorded; the last one to be released lets it go.
#[tokio::test]
async fn what_is_held_is_not_erased() {
    let app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let director = app.director().await;
    let mut holds = Vec::new();
    for on in [HoldOn::Session(session), HoldOn::Client(app.client), HoldOn::All] {
        holds.push(place(&director, on, "Matter 2026-17").await.unwrap());
    }
    director
        .engine
        .set_retention(&director.caller, None, Some(1))
        .await
        .unwrap();
    app.let_pass(Duration::from_secs(3 * 24 * 3600)).await;
    for (n, hold) in holds.into_iter().enumerate() {
        let director = app.director().await;
        assert_eq!(director.session(session).await.holds.len(), 3 - n);
        assert_eq!(erase(&director, session).await, Err(ApiError::Conflict(Conflict::Held)));
        app.engine().retain().await.unwrap();
        assert_eq!(words_read(&app, session).await, WORDS);
        assert_eq!(app.recorded("text.erasure_refused").await, n + 1);
        assert_eq!(app.recorded("text.erased").await, 0);
        release(&director, hold, "The matter is over").await.unwrap();
    }
    app.engine().retain().await.unwrap();
    assert_eq!(app.recorded("text.erased").await, 1);
    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
    assert_eq!(
        (
            app.recorded("legal_hold.placed").await,
            app.recorded("legal_hold.released").await
        ),
        (3, 3)
    );
}

/// R5: a hold on another session, or on another client, holds nothing else.
#[tokio::test]
async fn a_hold_is_on_what_it_names() {
    let app = TestApp::start().await;
    let (session, other) = (wordy(&app, "till").await, wordy(&app, "other").await);
    let director = app.director().await;
    place(&director, HoldOn::Session(other), "Matter 2026-17")
        .await
        .unwrap();
    erase(&director, session).await.unwrap();
    assert_eq!(erase(&director, other).await, Err(ApiError::Conflict(Conflict::Held)));
    let gone = place(&director, HoldOn::Session(session), "Too late").await;
    assert_eq!(gone, Err(ApiError::Conflict(Conflict::Erased)));
    assert_eq!(words_read(&app, other).await, WORDS);
}

/// R5, R51: only who may retain, and only in their own organisation; a hold ends once, and never without a reason.
#[tokio::test]
async fn holds_are_placed_and_released_by_who_may() {
    let app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let (director, stranger) = (app.director().await, app.stranger().await);
    let hold = place(&director, HoldOn::Session(session), "Matter 2026-17")
        .await
        .unwrap();
    for person in [&app.technician().await, &app.contact().await, &app.admin().await] {
        let refused = [
            place(person, HoldOn::All, "Why not").await.err(),
            release(person, hold, "Why not").await.err(),
        ];
        for refused in refused {
            assert!(matches!(refused, Some(ApiError::Forbidden { .. })), "{refused:?}");
        }
    }
    for on in [HoldOn::Session(session), HoldOn::Client(app.client)] {
        assert_eq!(place(&stranger, on, "Why not").await, Err(ApiError::NotFound));
    }
    assert_eq!(release(&stranger, hold, "Why not").await, Err(ApiError::NotFound));
    for on in [
        HoldOn::Session(NONE.parse().unwrap()),
        HoldOn::Client(NONE.parse().unwrap()),
    ] {
        assert_eq!(place(&director, on, "Why not").await, Err(ApiError::NotFound));
    }
    let unsaid = [
        place(&director, HoldOn::All, " ").await.err(),
        release(&director, hold, " ").await.err(),
    ];
    for unsaid in unsaid {
        assert!(
            matches!(
                unsaid,
                Some(ApiError::Invalid {
                    field: Field::Reason,
                    ..
                })
            ),
            "{unsaid:?}"
        );
    }
    release(&director, hold, "Settled").await.unwrap();
    let twice = release(&director, hold, "Settled").await;
    assert_eq!(twice, Err(ApiError::Conflict(Conflict::HoldReleased)));
    let view = director.engine.retention(&director.caller).await.unwrap();
    assert_eq!(view.holds.len(), 1);
    assert_eq!(view.holds[0].released.as_ref().unwrap().0, director.caller.name);
    let strangers = stranger.engine.retention(&stranger.caller).await.unwrap();
    assert!(strangers.holds.is_empty() && strangers.clients.is_empty());
}

/// R5: the database itself refuses what a hold forbids, and what would undo an erasure or a hold.
#[tokio::test]
async fn the_database_refuses_too() {
    let app = TestApp::start().await;
    let (session, erased) = (wordy(&app, "till").await, wordy(&app, "other").await);
    let director = app.director().await;
    erase(&director, erased).await.unwrap();
    let lasts = place(&director, HoldOn::Session(session), "Matter 2026-17")
        .await
        .unwrap();
    let over = place(&director, HoldOn::All, "Matter 2026-18").await.unwrap();
    release(&director, over, "Settled").await.unwrap();
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    let hex = |id: String| format!("x'{}'", id.replace('-', ""));
    let (session, erased, lasts, over) = (
        hex(session.to_string()),
        hex(erased.to_string()),
        hex(lasts.to_string()),
        hex(over.to_string()),
    );
    for refused in [
        format!("UPDATE session SET erased_at = 1 WHERE id = {session}"),
        format!("UPDATE session SET erased_at = NULL WHERE id = {erased}"),
        format!("UPDATE session SET reason = 'It shows' WHERE id = {erased}"),
        format!("DELETE FROM legal_hold WHERE id = {lasts}"),
        format!("UPDATE legal_hold SET released_at = NULL, released_by = '' WHERE id = {over}"),
        format!("UPDATE legal_hold SET reason = '' WHERE id = {lasts}"),
        "UPDATE org SET retention_days = 0".to_owned(),
    ] {
        assert!(database.execute_unprepared(&refused).await.is_err(), "{refused}");
    }
    database.close().await.unwrap();
}
