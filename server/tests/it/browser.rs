//! What browsers rely on: the same-origin rule, the headers, the files, the statuses.

use crate::support::{TestApp, form};

/// Invariant 8: a form of another site changes nothing, whoever is signed in.
#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let own = format!("http://{}", app.address);
    let fields = [("name", "Mallory"), ("tags", ""), ("hosts", "")];
    for (headers, taken) in [
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![], false),
        (vec![("origin", own.as_str())], true),
        (vec![("sec-fetch-site", "same-origin")], true),
    ] {
        let status = admin.post("/api/sign_out", &headers, &fields).await.status;
        assert_eq!(status != 403, taken, "{headers:?}: {status}");
    }
}

/// Pages run our own scripts only: every inline script carries the nonce of the header, and there is no inline style.
#[tokio::test]
async fn a_page_holds_only_scripts_with_the_nonce() {
    let app = TestApp::start().await;
    let director = app.director().await;
    let mut nonces = Vec::new();
    for path in [
        "/",
        "/sessions",
        "/history",
        "/record",
        "/approvals",
        "/endpoints",
        "/sign-in",
    ] {
        let page = director.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let html = page.text();
        let scripts: Vec<&str> = html
            .split("<script")
            .skip(1)
            .map(|s| s.split('>').next().unwrap())
            .collect();
        assert!(!scripts.is_empty(), "{path}");
        for script in scripts {
            assert!(
                script.contains(&format!("nonce=\"{nonce}\"")),
                "{path}: <script{script}>"
            );
        }
        assert!(
            !html.contains(" style=\"") && !html.contains("<style"),
            "{path}: the policy would block an inline style"
        );
        for handler in [" onclick=", " onload=", "javascript:"] {
            assert!(!html.contains(handler), "{path}: {handler}");
        }
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert!(!page.header("permissions-policy").is_empty());
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 7, "a nonce is used once");
}

/// Files are served with their type, and asked for again each time; nothing outside the two folders is.
#[tokio::test]
async fn files_have_their_type_and_stay_in_their_folders() {
    let app = TestApp::start().await;
    for (path, mime) in [
        ("/pkg/countersign.css", "text/css"),
        ("/pkg/countersign.js", "text/javascript"),
        ("/pkg/countersign_bg.wasm", "application/wasm"),
        ("/verifier/share.js", "text/javascript"),
    ] {
        let file = app.nobody().get(path).await;
        assert_eq!(
            (file.status, file.header("content-type"), file.header("cache-control")),
            (200, mime, "no-cache"),
            "{path}"
        );
        let since = file.header("last-modified").to_owned();
        let again = app.nobody().get_with(path, &[("if-modified-since", &since)]).await;
        assert_eq!(again.status, 304, "{path}");
    }
    for path in [
        "/pkg/../data/server.key",
        "/pkg/%2e%2e/data/server.key",
        "/pkg/..%2f..%2fdata/server.key",
        "/pkg/",
        "/verifier/none.js",
    ] {
        assert_eq!(app.nobody().get(path).await.status, 404, "{path}");
    }
}

/// A body over the limit is refused before it is read.
#[tokio::test]
async fn a_huge_form_is_refused() {
    let app = TestApp::start().await;
    let technician = app.technician().await;
    let huge = "x".repeat(300 * 1024);
    let answer = technician
        .call("propose", &[("session", "x"), ("verb", "script"), ("text", &huge)])
        .await;
    assert_eq!(answer.status, 413);
    // Also where the length is not said beforehand it is never taken: a form of the largest script is.
    assert!(form(&[("text", &"=".repeat(64 * 1024))]).len() < 256 * 1024);
}

/// What isn't there is said with its status, on a page of the app's.
#[tokio::test]
async fn what_is_not_there_has_a_page_and_a_status() {
    let app = TestApp::start().await;
    for browser in [&app.nobody(), &app.director().await.http] {
        for path in ["/nothing", "/nothing/here", "/api/nothing", "/.env"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
        }
    }
    let director = app.director().await;
    // A page that only leads on does so without JavaScript.
    let settings = director.get("/settings").await;
    assert_eq!(
        (settings.status, settings.header("location")),
        (302, "/settings/people")
    );
    for path in [
        "/sessions/0",
        "/sessions/00000000-0000-0000-0000-000000000000",
        "/approvals/x",
        "/endpoints/x",
        "/actions/x",
    ] {
        assert_eq!(director.get(path).await.status, 404, "{path}");
    }
}

/// R75: health says what a load balancer needs to know, to anybody, and nothing else.
#[tokio::test]
async fn health_is_for_anybody_and_says_little() {
    let app = TestApp::start().await;
    assert_eq!(app.nobody().get("/health/live").await.text(), "live\n");
    assert_eq!(app.nobody().get("/health/ready").await.text(), "ready\n");
}
