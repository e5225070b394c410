//! Witnesses over real HTTP: the program itself cosigns, and what it cosigned goes with a share.

use std::process::Stdio;

use audit::cosignature::WitnessKey;
use audit::verify::{Trusted, Verdict, verify_bytes};
use domain::api::Record;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{TestApp, program};

/// A witness that runs.
struct Witness {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
    key: WitnessKey,
}

impl Witness {
    async fn start(app: &TestApp, folder: &str, listen: &str) -> Self {
        let director = app.director().await;
        let log = app.engine().record_status(&director.caller).await.unwrap().key;
        let data = app.scratch().join(folder);
        let mut child = Command::new(program())
            .args([
                "witness",
                "--name",
                "witness.example/w1",
                "--listen",
                listen,
                "--log",
                &log,
                "--data",
            ])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = async || lines.next_line().await.unwrap().unwrap();
        let address = next().await.rsplit(' ').next().unwrap().to_owned();
        let key = next().await.rsplit(' ').next().unwrap().parse().unwrap();
        Self {
            child,
            lines,
            url: format!("http://{address}"),
            key,
        }
    }

    fn asked(&self) -> String {
        format!("{}@{}", self.key, self.url)
    }

    async fn kill(mut self) {
        self.child.kill().await.unwrap();
        assert!(self.lines.next_line().await.unwrap().is_none());
    }
}

/// R4, R45: a witness cosigns the record as it grows, comes back after a kill with what it saw, and its word goes with a
/// share, where whoever has its key can check it.
#[tokio::test]
async fn a_share_carries_the_witness_word() {
    let mut app = TestApp::start().await;
    let witness = Witness::start(&app, "witness", "127.0.0.1:0").await;
    let address = witness.url.trim_start_matches("http://").to_owned();
    app.witnessed_by(&witness.asked()).await;
    let cosigned_all = async |app: &TestApp| {
        let director = app.director().await;
        app.soon(|| async {
            let status = app.engine().record_status(&director.caller).await.unwrap();
            status.witnesses.first().is_some_and(|w| w.size == status.size)
        })
        .await;
    };
    cosigned_all(&app).await;
    witness.kill().await;

    let agent = app.agent("till").await;
    let (technician, director) = (app.technician().await, app.director().await);
    let session = technician.open_session(agent.endpoint()).await;
    technician.close_session(session).await;
    let link = director.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();

    let witness = Witness::start(&app, "witness", &address).await;
    cosigned_all(&app).await;
    let bundle = app.nobody().get(&format!("{path}/bundle.json")).await.body;
    let trusted = Trusted {
        fragment: Some(pin),
        witnesses: std::slice::from_ref(&witness.key),
    };
    let report = verify_bytes(&bundle, trusted);
    assert_eq!(report.verdict, Verdict::Verified, "{report:?}");
    assert!(report.cosigners[0].time.is_some());
    let page = director.get("/record").await.text();
    assert!(page.contains("witness.example/w1"), "the Record page names it");
    witness.kill().await;
}

/// R4: the witness refuses, by status, what the specification says, and keeps evidence of a second history.
#[tokio::test]
async fn a_witness_refuses_what_it_must() {
    let app = TestApp::start().await;
    let witness = Witness::start(&app, "witness", "127.0.0.1:0").await;
    let ask = async |body: String| {
        let response = reqwest::Client::new()
            .post(format!("{}/add-checkpoint", witness.url))
            .body(body)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let director = app.director().await;
    let org = director.caller.org;
    let first = app.engine().to_witness(org, &witness.key, None).await.unwrap().unwrap();
    assert_eq!(ask("nonsense".into()).await.0, 400);
    let unknown = first.to_string().replace("countersign/", "elsewhere/");
    assert_eq!(ask(unknown).await.0, 404);
    let size = audit::checkpoint::Checkpoint::read_unverified(&first.note)
        .unwrap()
        .size;
    let changed = first
        .to_string()
        .replace(&format!("\n{size}\n"), &format!("\n{}\n", size + 1));
    assert_eq!(ask(changed).await.0, 403);
    let (status, line) = ask(first.to_string()).await;
    assert_eq!(status, 200);
    assert!(
        app.engine()
            .cosigned(org, &witness.key, &first.note, &line)
            .await
            .unwrap()
    );
    assert!(
        app.engine()
            .cosigned(org, &witness.key, &first.note, &line)
            .await
            .unwrap(),
        "kept once, harmlessly"
    );
    assert!(
        !app.engine()
            .cosigned(org, &witness.key, &first.note, "\u{2014} x AAAA\n")
            .await
            .unwrap()
    );
    assert_eq!(ask(first.to_string()).await, (409, format!("{size}\n")));
    let huge = format!("old 0\n{}\n", "x".repeat(200_000));
    assert_eq!(ask(huge).await.0, 413);
    assert_eq!(
        app.engine().to_witness(org, &witness.key, None).await.unwrap(),
        None,
        "it has cosigned the latest"
    );
    witness.kill().await;
}
