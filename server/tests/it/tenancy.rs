//! One organisation never sees another's (R52). The entry-point matrix tries every route; here the lists are empty too.

use domain::api::{Approvals, Endpoints, Filter, Sessions};

use crate::support::{TestApp, script, system_info};

/// R52: neither lists nor ids of another organisation give anything away.
#[tokio::test]
async fn another_organisation_sees_nothing() {
    let app = TestApp::start().await;
    let mut agent = app.agent("KASSE-4").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("secret output\n").await;
    let waiting = technician.propose(session, script("id")).await;
    let request = technician.request_of(session, waiting).await;

    let stranger = app.stranger().await;
    let (engine, caller) = (app.engine(), &stranger.caller);
    assert!(engine.sessions(caller).await.unwrap().is_empty());
    assert!(engine.endpoints(caller).await.unwrap().is_empty());
    assert!(engine.clients(caller).await.unwrap().is_empty());
    assert!(engine.approvals(caller).await.unwrap().is_empty());
    assert!(stranger.find(Filter::default()).await.is_empty());
    for path in [
        format!("/sessions/{session}"),
        format!("/endpoints/{}", agent.endpoint()),
        format!("/approvals/{request}"),
        format!("/actions/{waiting}"),
        format!("/live/session/{session}"),
    ] {
        let answer = stranger.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        let text = answer.text();
        assert!(
            !text.contains("KASSE-4") && !text.contains("Tim Tech") && !text.contains("secret output"),
            "{path}: {text}"
        );
    }
    let csv = stranger.get("/export/history.csv").await;
    assert_eq!((csv.status, csv.text().lines().count()), (200, 1), "the header alone");
}
