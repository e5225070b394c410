//! The history as CSV (R41).

use domain::api::Accounts;

use crate::support::{Answer, TestApp, file_read, system_info};

fn rows(answer: &Answer) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(answer.body.as_slice());
    (
        reader.headers().unwrap().clone(),
        reader.records().map(Result::unwrap).collect(),
    )
}

/// R41: one row per action, readable by any CSV reader, with the approval before the action.
#[tokio::test]
async fn the_export_holds_a_row_per_action() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, director) = (app.technician().await, app.director().await);
    let session = technician.open_session(agent.endpoint()).await;
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    app.contact().await.approve(request).await;
    for (command, output) in [(file_read("/etc/pos/a.conf"), "one\n"), (system_info(), "two\n")] {
        technician.propose(session, command).await;
        agent.run(output).await;
    }
    let answer = director.get("/export/history.csv").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/csv; charset=utf-8"));
    let file = answer.header("content-disposition");
    assert!(
        file.starts_with("attachment; filename=\"countersign-history-20") && file.ends_with(".csv\""),
        "{file}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let (header, rows) = rows(&answer);
    assert_eq!(rows.len(), 2);
    let column = |row: &csv::StringRecord, name: &str| {
        row.get(header.iter().position(|h| h == name).unwrap())
            .unwrap()
            .to_owned()
    };
    let read = rows
        .iter()
        .find(|r| column(r, "command").starts_with("file.read"))
        .unwrap();
    assert_eq!(column(read, "basis"), "grant");
    assert_eq!(column(read, "approver"), "Carla Contact");
    assert_eq!(column(read, "approval_precedes_action"), "yes");
    assert_eq!(column(read, "status"), "succeeded");
    assert!(
        app.record().await.iter().any(|l| l.kind == "export.made"),
        "R1: that it was exported is in the record"
    );
}

/// R41: the address of the page exports what the page shows.
#[tokio::test]
async fn the_filter_is_the_pages_own() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    for _ in 0..2 {
        technician.propose(session, system_info()).await;
        agent.run("x\n").await;
    }
    let director = app.director().await;
    for (query, expected) in [
        ("endpoint=till", 2),
        ("endpoint=kiosk", 0),
        ("status=succeeded", 2),
        ("status=refused", 0),
        ("text=system.info", 2),
        ("text=%25", 0),
        ("from=2020-01-01&until=2020-01-02", 0),
    ] {
        let answer = director.get(&format!("/export/history.csv?{query}")).await;
        assert_eq!((answer.status, rows(&answer).1.len()), (200, expected), "{query}");
    }
    let bad = director.get("/export/history.csv?from=yesterday").await;
    assert_eq!(bad.status, 422);
}

/// R41: whatever people called things, no cell starts a formula and the file keeps its shape.
#[tokio::test]
async fn no_cell_starts_a_formula() {
    let app = TestApp::start().await;
    let mut agent = app.agent("=till").await;
    let technician = app.technician().await;
    for (reason, ticket) in [
        ("=HYPERLINK(\"http://evil\")", "@SUM(1)"),
        ("+1\nnew line, \"quoted\"", "-2+3"),
        ("tab\tinside", "＝1"),
    ] {
        let session = technician
            .open_session_for(agent.endpoint(), reason, ticket)
            .await
            .unwrap();
        technician.propose(session, system_info()).await;
        agent.run("x\n").await;
    }
    let answer = app.director().await.get("/export/history.csv").await;
    let (_, rows) = rows(&answer);
    assert_eq!(rows.len(), 3);
    for cell in rows.iter().flat_map(|r| r.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell}");
    }
}

/// R40, R51: a technician's export holds their own rows.
#[tokio::test]
async fn a_technician_exports_their_own() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("x\n").await;
    assert_eq!(rows(&technician.get("/export/history.csv").await).1.len(), 1);
    let who = domain::api::Invitation {
        name: "Other".into(),
        email: "other@north.example".into(),
        roles: domain::roles::Roles::from([domain::roles::Role::Technician]),
    };
    let link = app.engine().invite(&app.admin().await.caller, who).await.unwrap();
    let other = app.person(&app.redeem(&link).await).await;
    assert_eq!(rows(&other.get("/export/history.csv").await).1.len(), 0);
}
