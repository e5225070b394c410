//! Live views: the record, read again from where the viewer stopped.

use domain::action::Outcome;
use domain::api::{Accounts, LiveItem, Record};
use domain::roles::Roles;

use crate::support::{Events, TestApp, system_info};

/// R30, R73: output is on the screen once it is in the record, in order, with the cursor as the event's id.
#[tokio::test]
async fn output_arrives_as_it_is_committed() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let from = technician.session(session).await.head;
    let mut live = Events::open(&technician, &format!("/live/session/{session}?from={from}"), &[]).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    for line in ["one\n", "two\n", "three\n"] {
        agent.print(&mut order, line).await;
        let (id, piece) = live.next_output().await;
        assert_eq!((piece.text.as_str(), id), (line, piece.leaf + 1));
    }
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    live.until(|item| matches!(item, LiveItem::Changed)).await;
    assert_eq!(
        technician.action(session, action).await.outcome,
        Some(Outcome::Succeeded)
    );
}

/// R3: who reconnects goes on where they stopped: nothing twice, nothing missing.
#[tokio::test]
async fn reconnecting_misses_nothing_and_repeats_nothing() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    let path = format!("/live/session/{session}?from=0");
    let mut seen = Vec::new();
    let mut last = None;
    for n in 0..5 {
        // Printed while nobody watches; read by the next connection.
        agent.print(&mut order, &format!("{n}\n")).await;
        let headers: Vec<(&str, &str)> = last.as_deref().map(|id| ("last-event-id", id)).into_iter().collect();
        let mut live = Events::open(&technician, &path, &headers).await;
        let (id, piece) = live.next_output().await;
        seen.push(piece.text);
        last = Some(id.to_string());
    }
    assert_eq!(seen.concat(), "0\n1\n2\n3\n4\n");
}

/// R50: a live view ends with the web session that opened it, and does not come back.
#[tokio::test]
async fn a_live_view_ends_with_the_web_session() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let (a, b) = (format!("/live/session/{session}"), "/live/org".to_owned());
    let mut of_session = Events::open(&technician, &a, &[]).await;
    let mut of_org = Events::open(&technician, &b, &[]).await;
    app.engine()
        .sign_out(&technician.caller, technician.http.token.as_deref().unwrap())
        .await
        .unwrap();
    of_session.ends().await;
    of_org.ends().await;
    assert_eq!(technician.get(&a).await.status, 401);
    assert_eq!(technician.get(&b).await.status, 401);
}

/// R51: a live view ends when the right to see the session does.
#[tokio::test]
async fn a_live_view_ends_with_the_role() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, director, admin) = (app.technician().await, app.director().await, app.admin().await);
    let session = technician.open_session(agent.endpoint()).await;
    let mut live = Events::open(&director, &format!("/live/session/{session}"), &[]).await;
    let none = Roles::from([domain::roles::Role::Admin]);
    app.engine()
        .set_roles(&admin.caller, director.caller.person, none)
        .await
        .unwrap();
    live.ends().await;
}

/// R52: "look again" is said to one's own organisation only, and says nothing but the record's size.
#[tokio::test]
async fn the_org_is_told_to_look_again() {
    let app = TestApp::start().await;
    let (technician, stranger) = (app.technician().await, app.stranger().await);
    let mut mine = Events::open(&technician, "/live/org", &[]).await;
    let mut theirs = Events::open(&stranger, "/live/org", &[]).await;
    assert_eq!(mine.next().await.unwrap().event, "head");
    assert_eq!(theirs.next().await.unwrap().data, "0");
    let device = app.enrol("till").await;
    technician.open_session(device.endpoint).await;
    let next = mine.next().await.unwrap();
    assert!(
        next.event == "head" && next.data.parse::<u64>().unwrap() > 0,
        "{next:?}"
    );
    // The first thing the stranger hears is of their own doing.
    let own = app.engine().record_status(&stranger.caller).await.unwrap().size;
    app.engine().sign_out(&stranger.caller, "no such token").await.unwrap();
    let heard = theirs.next().await.unwrap().data.parse::<u64>().unwrap();
    assert_eq!(heard, own + 1);
}
