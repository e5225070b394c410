//! Public shares, and what a changed byte does to them.

mod passcode;
mod receipts;
mod versions;
mod withheld;

use std::time::Duration;

use audit::verify::Verdict;
use domain::api::Shares;
use domain::ids::SessionId;

use crate::support::{TestApp, countersign, system_info, tamper};

/// A finished session with some output, closed.
async fn closed_session(app: &TestApp) -> SessionId {
    let mut agent = app.agent("KASSE-4").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("Linux 6.1\nuptime 3 days\n").await;
    technician.close_session(session).await;
    session
}

/// R45: no account, no cookie, nothing loaded but the verifier; readable as it is.
#[tokio::test]
async fn a_share_needs_no_account_and_loads_nothing_else() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let director = app.director().await;
    let link = director.share(session).await.link.unwrap();
    let path = link.split_once('#').unwrap().0;
    for browser in [&app.nobody(), &director.http] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.headers.get("set-cookie"), None);
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe-inline") && !policy.contains("nonce"),
            "{policy}"
        );
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("x-robots-tag").contains("noindex"));
        assert_eq!(page.header("cache-control"), "no-store");
        let text = page.text();
        assert!(
            text.contains("uptime 3 days") && text.contains("POS-1"),
            "readable without JavaScript: {text}"
        );
        assert!(
            !text.contains("style=\"") && !text.contains("<style"),
            "the policy would block an inline style"
        );
    }
    let file = app.nobody().get(&format!("{path}/bundle.json?download")).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.header("content-type"), "application/json");
    let views = app.record().await.iter().filter(|l| l.kind == "share.viewed").count();
    assert_eq!(views, 3, "R1: each view is a leaf");
}

/// R7, R45: the page can be kept as one file that loads nothing, and holds the bundle that `countersign verify` finds in it.
#[tokio::test]
async fn a_kept_page_holds_everything() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let link = app.director().await.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let kept = app.nobody().get(&format!("{path}/verify.html")).await;
    assert_eq!(kept.status, 200);
    assert!(kept.header("content-disposition").starts_with("attachment"));
    let text = kept.text();
    assert!(
        text.contains("uptime 3 days") && text.contains(r##"data-bundle="#bundle""##),
        "{text}"
    );
    let policy = text.split_once("Content-Security-Policy").unwrap().1;
    let policy = policy.split_once('>').unwrap().0;
    assert!(
        policy.contains("default-src 'none'") && policy.contains("'sha256-"),
        "{policy}"
    );
    assert!(
        !policy.contains("connect-src") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    for loads in ["src=\"/", "href=\"/", "src=\"http", "href=\"http"] {
        assert!(!text.contains(loads), "it leads to a server: {loads}");
    }
    assert!(
        text.contains("<script type=\"module\">export {}</script>"),
        "the script as it is"
    );
    let verifier = text.split_once(r#"id="verifier">"#).unwrap().1;
    assert!(verifier.starts_with("AGFzbQ==</script>"), "the module in base64");

    let file = app.scratch().join("kept.html");
    std::fs::write(&file, &text).unwrap();
    let verify = async |pin: &str| countersign(&["verify", file.to_str().unwrap(), "--pin", pin]).await;
    assert_eq!(verify(pin).await.code, 0);
    std::fs::write(&file, text.replace("uptime 3 days", "uptime 4 days")).unwrap();
    let told = verify(pin).await;
    assert!(told.code == 1 && told.out.starts_with("ALTERED"), "{}", told.out);
}

/// R45: a revoked link says that it is gone, an unknown one that it is nothing; neither says more.
#[tokio::test]
async fn a_revoked_share_is_gone() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let director = app.director().await;
    let share = director.share(session).await;
    let path = share.link.unwrap().split_once('#').unwrap().0.to_owned();
    app.engine().revoke_share(&director.caller, share.id).await.unwrap();
    assert_eq!(app.nobody().get(&path).await.status, 410);
    assert_eq!(app.nobody().get(&format!("{path}/bundle.json")).await.status, 410);
    for unknown in [
        "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "/s/x%2fy",
        "/s/%3Cscript%3E",
    ] {
        let page = app.nobody().get(unknown).await;
        assert_eq!(page.status, 404, "{unknown}");
        assert!(!page.text().contains("<script>") && !page.text().contains("KASSE-4"));
    }
}

/// R45, R51: only who may share shares, only after review, only what is whole.
#[tokio::test]
async fn a_share_needs_the_permission_a_review_and_a_closed_session() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let (technician, director) = (app.technician().await, app.director().await);
    assert!(technician.try_share(session, true, None).await.is_err());
    assert!(director.try_share(session, false, None).await.is_err());
    for days in [0, 3661] {
        assert!(director.try_share(session, true, Some(days)).await.is_err(), "{days}");
    }
    let open = technician.open_session(app.enrol("kiosk").await.endpoint).await;
    assert!(director.try_share(open, true, None).await.is_err());
}

/// R45: a link that was made for a week is gone after it, as one that was revoked is; what was downloaded still verifies.
#[tokio::test]
async fn an_expired_share_is_gone() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let director = app.director().await;
    let share = director.try_share(session, true, Some(7)).await.unwrap();
    let link = share.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let bundle = app.nobody().get(&format!("{path}/bundle.json")).await.body;
    app.let_pass(Duration::from_secs(7 * 24 * 3600 - 60)).await;
    assert_eq!(app.nobody().get(path).await.status, 200);
    app.let_pass(Duration::from_secs(61)).await;
    for part in [
        path.to_owned(),
        format!("{path}/bundle.json"),
        format!("{path}/verify.html"),
    ] {
        assert_eq!(app.nobody().get(&part).await.status, 410, "{part}");
    }
    let review = app.engine().review_share(&director.caller, session).await.unwrap();
    assert!(review.shares[0].expired && review.shares[0].revoked_at.is_none());
    let report = audit::verify::verify_bytes(&bundle, audit::verify::Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Verified);
}

/// R4, R7, R45: the link pins what was true. One byte changed in the database, and the same link says ALTERED and which
/// leaf, in the bundle and on the command line alike; before that, both say VERIFIED.
#[tokio::test]
async fn one_changed_byte_is_altered_at_that_leaf() {
    let mut app = TestApp::start().await;
    let session = closed_session(&app).await;
    let link = app.director().await.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let bundle_path = format!("{path}/bundle.json");
    let before = app.nobody().get(&bundle_path).await.body;
    assert_eq!(
        audit::verify::verify_bytes(&before, audit::verify::Trusted::link(pin)).verdict,
        Verdict::Verified
    );
    assert_eq!(countersign(&["verify", "--database", &app.data_text()]).await.code, 0);

    app.shut_down().await;
    let leaf = tamper(
        &app.data(),
        "UPDATE leaf_text SET sealed = zeroblob(length(sealed)) WHERE idx = (SELECT max(idx) FROM leaf WHERE kind = 'output.chunk')",
    )
    .await;
    app.boot().await;
    let after = app.nobody().get(&bundle_path).await.body;
    let report = audit::verify::verify_bytes(&after, audit::verify::Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Altered, "{report:#?}");
    assert_eq!(report.first_wrong.unwrap().index, leaf);
    let page = app.director().await.get(&format!("/sessions/{session}")).await;
    assert_eq!(page.status, 200, "the rest of the session is shown all the same");
    assert!(page.text().contains("not readable: this is not what was recorded"));

    let file = app.scratch().join("bundle.json");
    std::fs::write(&file, &after).unwrap();
    let told = countersign(&["verify", file.to_str().unwrap(), "--pin", &link]).await;
    assert_eq!(told.code, 1);
    assert!(
        told.out.starts_with("ALTERED") && told.out.contains(&format!("first wrong leaf {leaf}:")),
        "{}",
        told.out
    );
    std::fs::write(&file, &before).unwrap();
    assert_eq!(
        countersign(&["verify", file.to_str().unwrap(), "--pin", &link])
            .await
            .code,
        0
    );
    let whole = countersign(&["verify", "--database", &app.data_text()]).await;
    assert_eq!(whole.code, 1);
    assert!(
        whole.out.contains(&format!("first wrong leaf {leaf}:")),
        "{}",
        whole.out
    );
}

/// R4: the database itself refuses what the triggers guard.
#[tokio::test]
async fn the_database_refuses_to_change_the_record() {
    use sea_orm::ConnectionTrait as _;
    let app = TestApp::start().await;
    closed_session(&app).await;
    let database = sea_orm::Database::connect(engine::database_options(&app.data()))
        .await
        .unwrap();
    for sql in [
        "UPDATE leaf SET leaf = ''",
        "DELETE FROM leaf",
        "UPDATE leaf SET groups = '{}'",
        "UPDATE leaf_text SET sealed = x'00'",
        "DELETE FROM leaf_text",
        "INSERT OR REPLACE INTO leaf_text SELECT org_id, idx, key_id, x'00' FROM leaf_text LIMIT 1",
        "DELETE FROM checkpoint",
        "DELETE FROM leaf WHERE idx = (SELECT max(idx) FROM leaf)",
    ] {
        assert!(database.execute_unprepared(sql).await.is_err(), "{sql}");
    }
}
