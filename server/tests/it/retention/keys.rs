//! The keys that texts are encrypted with: what their file holds, what is noticed, and what a crash leaves.

use audit::bundle::{Bundle, GroupData};
use domain::api::Record;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};

use super::{WORDS, erase, words_read, wordy};
use crate::support::{TestApp, count, unguarded, verified};

async fn keys(app: &TestApp) -> DatabaseConnection {
    let file = app.data().join(engine::TEXT_KEYS_FILE);
    Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
}

/// Runs a statement on the stopped server's keys; how many rows it changed.
async fn on_keys(app: &TestApp, sql: &str) -> u64 {
    let keys = keys(app).await;
    let changed = keys.execute_unprepared(sql).await.unwrap().rows_affected();
    keys.close().await.unwrap();
    changed
}

/// R5: a server that dies when the erasure is durable and the key is not destroyed yet destroys it when it starts again.
#[tokio::test]
async fn a_crash_before_the_key_is_destroyed_is_made_up_for() {
    let mut app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    app.shut_down().await;
    let file = app.data().join(engine::TEXT_KEYS_FILE);
    let before = std::fs::read(&file).unwrap();
    app.boot().await;
    let director = app.director().await;
    erase(&director, session).await.unwrap();
    drop(director);
    app.shut_down().await;
    // As it was in between.
    std::fs::write(&file, before).unwrap();
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    let owed = format!(
        "INSERT INTO text_erasure SELECT org_id, '{session}' FROM session WHERE id = x'{}'",
        session.0.simple()
    );
    database.execute_unprepared(&owed).await.unwrap();
    database.close().await.unwrap();

    app.boot().await;
    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
    app.shut_down().await;
    assert_eq!(count(&app.data(), "SELECT count(*) AS n FROM text_erasure").await, 0);
    let gone = on_keys(&app, &format!("DELETE FROM text_key WHERE subject = '{session}'")).await;
    assert_eq!(gone, 0, "it was destroyed already");
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
}

/// R4, R5: a key that is gone without a leaf that says so is an alteration, which names the first text that can't be read.
#[tokio::test]
async fn a_key_that_went_by_itself_is_noticed() {
    let mut app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    app.shut_down().await;
    let first = "SELECT min(t.idx) AS n FROM leaf_text t JOIN leaf l ON (l.org_id, l.idx) = (t.org_id, t.idx)
                 WHERE l.session_id IS NOT NULL";
    let first = count(&app.data(), first).await;
    let gone = on_keys(&app, &format!("DELETE FROM text_key WHERE subject = '{session}'")).await;
    assert_eq!(gone, 1);
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains(&format!("first wrong leaf {first}:")), "{told}");
    app.boot().await;
    app.engine().self_check().await.unwrap();
    let director = app.director().await;
    let alarm = app.engine().record_alarm(&director.caller).await.unwrap();
    assert_eq!(alarm.unwrap().leaf, Some(u64::try_from(first).unwrap()));
}

/// R5: the file of keys alone opens nothing, a foreign one doesn't either, and without it nothing is verified in silence.
#[tokio::test]
async fn keys_are_wrapped_and_wanted() {
    let mut app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    app.shut_down().await;
    let file = app.data().join(engine::TEXT_KEYS_FILE);
    let kept = std::fs::read(&file).unwrap();
    let wrapped = "UPDATE text_key SET wrapped = zeroblob(length(wrapped)) WHERE length(subject) > 7";
    assert_eq!(on_keys(&app, wrapped).await, 1);
    let (code, told) = verified(&app.data()).await;
    assert_ne!(code, 0, "{told}");
    std::fs::remove_file(&file).unwrap();
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 2, "{told}");
    assert!(told.contains(engine::TEXT_KEYS_FILE) && !file.exists(), "{told}");
    std::fs::write(&file, kept).unwrap();
    app.boot().await;
    assert_eq!(words_read(&app, session).await, WORDS);
}

/// R3, R5: texts from before they were encrypted are, at the next start, with the same commitments; and can be erased then.
#[tokio::test]
async fn texts_of_before_are_encrypted_once() {
    let mut app = TestApp::start().await;
    let session = wordy(&app, "till").await;
    let director = app.director().await;
    let link = director.share(session).await.link.unwrap();
    let path = link.split_once('#').unwrap().0.to_owned();
    let held = app.nobody().get(&format!("{path}/bundle.json")).await.body;
    let bundle: Bundle = Bundle::parse(&held).unwrap();
    drop(director);
    app.shut_down().await;

    // As a migration leaves them: salt and text as they are, no key.
    let database = unguarded(&app.data()).await;
    let mut moved = 0;
    for leaf in &bundle.leaves {
        if let Some(GroupData::Open { salt, json }) = leaf.groups.get("text") {
            let salt: String = salt.iter().map(|b| format!("{b:02x}")).collect();
            let (index, json) = (leaf.index, json.replace('\'', "''"));
            let plain = format!(
                "INSERT INTO older_text (org_id, idx, salt, json)
                 SELECT org_id, idx, x'{salt}', '{json}' FROM leaf_text WHERE idx = {index} AND key_id IN
                     (SELECT key_id FROM leaf_text t JOIN leaf l ON (l.org_id, l.idx) = (t.org_id, t.idx) WHERE l.session_id = x'{}')",
                session.0.simple()
            );
            assert_eq!(database.execute_unprepared(&plain).await.unwrap().rows_affected(), 1);
            moved += 1;
        }
    }
    assert!(moved >= WORDS.len(), "{moved}");
    for sql in [
        "DELETE FROM leaf_text WHERE (org_id, idx) IN (SELECT org_id, idx FROM older_text)",
        "UPDATE org SET texts_encrypted = FALSE",
    ] {
        database.execute_unprepared(sql).await.unwrap();
    }
    database.close().await.unwrap();
    on_keys(&app, &format!("DELETE FROM text_key WHERE subject = '{session}'")).await;

    app.boot().await;
    assert_eq!(words_read(&app, session).await, WORDS);
    app.shut_down().await;
    assert_eq!(count(&app.data(), "SELECT count(*) AS n FROM older_text").await, 0);
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
    app.boot().await;
    let director = app.director().await;
    erase(&director, session).await.unwrap();
    assert_eq!(words_read(&app, session).await, [] as [&str; 0]);
}
