//! Signing in and out, and what a web session is worth.

use std::time::Duration;

use domain::api::{Accounts, Invitation};
use domain::roles::{Role, Roles};

use crate::support::TestApp;

const RIGHT: [(&str, &str); 3] = [
    ("email", "tech@north.example"),
    ("password", "correct horse battery"),
    ("next", "/"),
];
const WRONG: [(&str, &str); 3] = [
    ("email", "tech@north.example"),
    ("password", "wrong horse battery"),
    ("next", "/"),
];

/// R50, R1: a password makes a web session; both ends are leaves with who, how and from where.
#[tokio::test]
async fn a_password_makes_a_web_session_that_signing_out_ends() {
    let app = TestApp::start().await;
    let answer = app.nobody().call("sign_in", &RIGHT).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    let person = app.person(&answer.set_token().unwrap()).await;
    assert_eq!(person.get("/sessions").await.status, 200);

    let out = person.call("sign_out", &[]).await;
    assert_eq!(out.status, 200);
    assert_eq!(
        person.get("/live/org").await.status,
        401,
        "the cookie is worth nothing any more"
    );
    let record = app.record().await;
    let kinds: Vec<&str> = record.iter().map(|l| l.kind.as_str()).collect();
    assert!(
        kinds.contains(&"sign_in.succeeded") && kinds.contains(&"signed_out"),
        "{kinds:?}"
    );
    let signed_in = record.iter().rfind(|l| l.kind == "sign_in.succeeded").unwrap();
    let who = signed_in.groups.iter().find(|(name, _)| name == "who").unwrap();
    let who = who.1.as_deref().unwrap();
    assert!(
        who.contains("Tim Tech") && who.contains("password") && who.contains("127.0.0.1"),
        "{who}"
    );
}

/// R50, R1: a wrong password is told as little as an unknown address, and is a leaf.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_sound_the_same() {
    let app = TestApp::start().await;
    let wrong = app.nobody().call("sign_in", &WRONG).await;
    let unknown = app
        .nobody()
        .call(
            "sign_in",
            &[
                ("email", "no@where.example"),
                ("password", "wrong horse battery"),
                ("next", "/"),
            ],
        )
        .await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text(), unknown.text());
    assert_eq!(wrong.set_token(), None);
    let record = app.record().await;
    assert!(record.iter().any(|l| l.kind == "sign_in.failed"));
}

/// R74: without JavaScript the form's answer is a redirect, with the same cookie.
#[tokio::test]
async fn a_plain_form_signs_in_and_leads_on() {
    let app = TestApp::start().await;
    let mut fields = RIGHT;
    fields[2].1 = "/approvals";
    let answer = app
        .nobody()
        .submit("sign_in", "/sign-in?next=/approvals", &fields)
        .await;
    assert_eq!((answer.status, answer.header("location")), (302, "/approvals"));
    assert!(answer.set_token().is_some());
    // Never to another site, whatever the form says.
    fields[2].1 = "https://evil.example/";
    let answer = app.nobody().submit("sign_in", "/sign-in", &fields).await;
    assert!(
        !answer.header("location").contains("evil"),
        "{}",
        answer.header("location")
    );
}

/// R53: a web session ends by itself.
#[tokio::test]
async fn a_web_session_ends_after_its_time() {
    let app = TestApp::start().await;
    let technician = app.technician().await;
    assert_eq!(technician.get("/sessions").await.status, 200);
    app.let_pass(Duration::from_secs(13 * 3600)).await;
    assert_eq!(technician.get("/live/org").await.status, 401);
    let page = technician.get("/sessions").await;
    assert!(
        page.status == 302 && page.header("location").starts_with("/sign-in"),
        "{} {}",
        page.status,
        page.header("location")
    );
}

/// R50, R51: a role that was taken away is gone with the next request, not with the next sign-in.
#[tokio::test]
async fn a_role_taken_away_is_gone_at_once() {
    let app = TestApp::start().await;
    let (admin, director) = (app.admin().await, app.director().await);
    assert_eq!(director.get("/export/history.csv").await.status, 200);
    app.engine()
        .set_roles(&admin.caller, director.caller.person, Roles::from([Role::Approver]))
        .await
        .unwrap();
    let rows = director.call("read_record", &[]).await;
    assert_eq!(rows.status, 403, "{}", rows.text());
}

/// R53: an invitation's link serves once.
#[tokio::test]
async fn a_one_time_link_serves_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let who = Invitation {
        name: "New".into(),
        email: "new@north.example".into(),
        roles: Roles::from([Role::Technician]),
    };
    let link = app.engine().invite(&admin.caller, who).await.unwrap();
    assert_eq!(app.nobody().get(&link.path).await.status, 200);
    let secret = link.path.rsplit('/').next().unwrap();
    let fields = [
        ("secret", secret),
        ("password", "three plain words"),
        ("again", "three plain words"),
    ];
    let first = app.nobody().call("redeem_link", &fields).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert!(first.set_token().is_some());
    let second = app.nobody().call("redeem_link", &fields).await;
    assert_eq!((second.status, second.set_token()), (410, None));
}
