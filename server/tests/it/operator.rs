//! The operator's commands, run as the program that is shipped.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::support::{Http, TestApp, countersign, make_site, program};

const INIT: [&str; 6] = [
    "--org",
    "Northwind",
    "--admin-name",
    "Ada",
    "--admin-email",
    "ada@north.example",
];

/// R70: one command makes an organisation and prints the first admin's link; a second time nothing happens.
#[tokio::test]
async fn init_makes_one_organisation_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let args = |init: &[&str]| {
        let mut all = vec!["init".to_owned(), "--data".into(), data.display().to_string()];
        all.extend(init.iter().map(|s| (*s).to_owned()));
        all
    };
    let bad = [
        "--org",
        "Northwind",
        "--admin-name",
        "Ada",
        "--admin-email",
        "not an address",
    ];
    let failed = countersign(&args(&bad)).await;
    assert_eq!(failed.code, 2, "{}", failed.out);
    let made = countersign(&args(&INIT)).await;
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.out.contains("http://127.0.0.1:3000/welcome/"), "{}", made.out);
    let again = countersign(&args(&INIT)).await;
    assert_eq!(again.code, 2);
    assert!(again.err.contains("holds an organisation already"), "{}", again.err);
}

/// R70, R75: serve says where it listens, answers, and ends cleanly when asked to.
#[tokio::test]
async fn serve_answers_and_ends_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (data, site) = (folder.path().join("data"), folder.path().join("site"));
    make_site(&site);
    let text = |p: &std::path::Path| p.display().to_string();
    let none = countersign(&["serve", "--data", &text(&data), "--site", &text(&site)]).await;
    assert!(none.code == 2 && none.err.contains("countersign init"), "{}", none.err);
    let mut init = vec!["init".to_owned(), "--data".into(), text(&data)];
    init.extend(INIT.map(str::to_owned));
    assert_eq!(countersign(&init).await.code, 0);
    let wrong = countersign(&["serve", "--data", &text(&data), "--site", &text(folder.path())]).await;
    assert!(
        wrong.code == 2 && wrong.err.contains("cargo xtask build"),
        "{}",
        wrong.err
    );

    let mut child = Command::new(program())
        .args([
            "serve",
            "--data",
            &text(&data),
            "--site",
            &text(&site),
            "--listen",
            "127.0.0.1:0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line
        .split_whitespace()
        .find_map(|w| w.parse().ok())
        .expect("it says where it listens");
    let ready = Http { address, token: None }.get("/health/ready").await;
    assert_eq!(ready.status, 200);
    let pid = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    assert!(child.wait().await.unwrap().success(), "it ends cleanly");
}

/// R7: exit codes for scripts: 2 where nothing can be said.
#[tokio::test]
async fn verify_says_when_it_cannot_say() {
    let app = TestApp::start().await;
    let file = app.scratch().join("nonsense.json");
    std::fs::write(&file, "nonsense").unwrap();
    let told = countersign(&["verify", file.to_str().unwrap()]).await;
    assert_eq!(
        (told.code, told.out.starts_with("CANNOT VERIFY")),
        (2, true),
        "{}",
        told.out
    );
    let json = countersign(&["verify", file.to_str().unwrap(), "--json"]).await;
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report[0]["report"]["verdict"], "cannot_verify");
    assert_eq!(countersign(&["verify", "/nowhere/at/all"]).await.code, 2);
    assert_eq!(countersign(&["verify"]).await.code, 2);
    let whole = countersign(&["verify", "--database", &app.data_text()]).await;
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    assert_eq!(
        whole.out.matches("VERIFIED").count(),
        2,
        "one report for each organisation: {}",
        whole.out
    );
}
