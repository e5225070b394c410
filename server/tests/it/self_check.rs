//! The self-check: the whole record computed anew while the server runs, and an alarm where it is not what it was (R4; PCI DSS
//! v4.0.1, 10.3.4).

use std::time::Duration;

use domain::api::{ApiError, Filter, History, Record};
use sea_orm::ConnectionTrait as _;

use crate::support::{Person, TestApp, count, system_info, tamper, unguarded};

async fn worked(app: &TestApp) {
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("uptime 3 days\n").await;
    technician.close_session(session).await;
}

async fn alarmed(person: &Person) -> bool {
    let alarm = person.engine.record_alarm(&person.caller).await.unwrap();
    let page = person.get("/").await.text();
    assert_eq!(page.contains("The record was altered"), alarm.is_some());
    alarm.is_some()
}

/// A record as it was: said on its page, and once a day in the record itself, however often it is looked at.
#[tokio::test]
async fn a_record_as_it_was_is_said_to_be() {
    let app = TestApp::start().await;
    worked(&app).await;
    let director = app.director().await;
    let status = async || director.engine.record_status(&director.caller).await.unwrap();
    assert_eq!(status().await.check, None);
    for _ in 0..3 {
        app.engine().self_check().await.unwrap();
        worked_on(&app, &director).await;
    }
    let check = status().await.check.unwrap();
    assert!(check.alarm.is_none() && check.size > 10);
    assert_eq!(app.recorded("record.checked").await, 1);
    assert!(!alarmed(&director).await);
    let size = status().await.size;
    app.let_pass(Duration::from_secs(24 * 3600)).await;
    app.engine().self_check().await.unwrap();
    assert_eq!(status().await.size, size + 1, "once more on the next day");
}

/// The record grows between two checks.
async fn worked_on(app: &TestApp, person: &Person) {
    let before = app.record().await.len();
    let filter = Filter {
        text: "uptime".into(),
        ..Filter::default()
    };
    person.find(filter).await;
    assert!(app.record().await.len() > before);
}

/// One changed word: an alarm that names the leaf, in the record once, on every page of those who are told and on no other's;
/// and gone when the word is put back.
#[tokio::test]
async fn a_changed_word_is_an_alarm() {
    let mut app = TestApp::start().await;
    worked(&app).await;
    app.shut_down().await;
    let change = |from: &str, to: &str| {
        format!(
            "UPDATE leaf SET groups = replace(groups, '{from}', '{to}')
             WHERE idx = (SELECT max(idx) FROM leaf WHERE kind = 'session.opened')"
        )
    };
    let leaf = tamper(&app.data(), &change("Tim", "Tom")).await;
    app.boot().await;
    app.engine().self_check().await.unwrap();
    app.engine().self_check().await.unwrap();
    let (director, admin, technician) = (app.director().await, app.admin().await, app.technician().await);
    let alarm = director.engine.record_alarm(&director.caller).await.unwrap().unwrap();
    assert_eq!(alarm.leaf, Some(leaf));
    assert!(alarmed(&director).await && alarmed(&admin).await && !alarmed(&technician).await);
    assert!(director.get("/record").await.text().contains(&alarm.sentence));
    assert_eq!(
        app.recorded("record.alarmed").await,
        1,
        "once, though it was found twice"
    );
    drop((director, admin, technician));

    app.shut_down().await;
    put_back(&app, &change("Tom", "Tim")).await;
    app.boot().await;
    app.engine().self_check().await.unwrap();
    assert!(!alarmed(&app.director().await).await);
    assert_eq!(app.recorded("record.checked").await, 1);
}

/// What was committed is remembered while the server runs: a log that was rolled back behind its back by one leaf is found,
/// although all that is left of it agrees with itself.
#[tokio::test]
async fn a_log_that_was_rolled_back_is_an_alarm() {
    let app = TestApp::start().await;
    worked(&app).await;
    app.engine().self_check().await.unwrap();
    let database = unguarded(&app.data()).await;
    let run = async |sql: &str| database.execute_unprepared(sql).await.unwrap();
    let latest = "(SELECT max(size) FROM checkpoint WHERE size < (SELECT max(size) FROM checkpoint))";
    run(&format!("DELETE FROM leaf_text WHERE idx >= {latest}")).await;
    run(&format!("DELETE FROM leaf WHERE idx >= {latest}")).await;
    run("DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)").await;
    database.close().await.unwrap();
    // The alarm can't be recorded in a log that no longer fits what the writer knows; that is an error, and it is shown.
    let _ = app.engine().self_check().await;
    let director = app.director().await;
    assert!(director.engine.record_alarm(&director.caller).await.unwrap().is_some());
}

/// R4: a leaf that somebody else added is not signed by going on behind it: nothing is recorded, and so nothing done, until it is
/// gone.
#[tokio::test]
async fn a_log_that_somebody_else_added_to_is_not_gone_on_with() {
    let app = TestApp::start().await;
    worked(&app).await;
    let director = app.director().await;
    let search = async || {
        let filter = Filter {
            text: "uptime".into(),
            ..Filter::default()
        };
        director
            .engine
            .history(&director.caller, filter)
            .await
            .map(|page| page.rows.len())
    };
    assert_eq!(search().await, Ok(1));
    let signed = "SELECT max(size) AS n FROM checkpoint";
    let before = count(&app.data(), signed).await;
    let database = unguarded(&app.data()).await;
    let run = async |sql: &str| database.execute_unprepared(sql).await.unwrap().rows_affected();
    let org = "(SELECT org_id FROM leaf WHERE kind = 'session.opened')";
    let added = format!(
        "INSERT INTO leaf SELECT org_id, idx + 1, kind, kind_version, at, session_id, action_id, leaf, hash, groups, NULL FROM leaf
         WHERE org_id = {org} AND idx = (SELECT max(idx) FROM leaf WHERE org_id = {org})"
    );
    assert_eq!(run(&added).await, 1);
    for _ in 0..3 {
        assert_eq!(search().await, Err(ApiError::RecordAltered));
    }
    assert_eq!(count(&app.data(), signed).await, before);
    let gone =
        format!("DELETE FROM leaf WHERE org_id = {org} AND idx = (SELECT max(idx) FROM leaf WHERE org_id = {org})");
    assert_eq!(run(&gone).await, 1);
    database.close().await.unwrap();
    assert_eq!(search().await, Ok(1));
    assert_eq!(
        app.recorded("record.resumed").await,
        1,
        "the refusals are in the record"
    );
    app.engine().self_check().await.unwrap();
    assert_eq!(director.engine.record_alarm(&director.caller).await, Ok(None));
}

async fn put_back(app: &TestApp, update: &str) {
    let database = sea_orm::Database::connect(engine::database_options(&app.data()))
        .await
        .unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&database, update)
        .await
        .unwrap();
    database.close().await.unwrap();
}
