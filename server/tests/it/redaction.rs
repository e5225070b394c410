//! A canary: a card number and a merchant id planted wherever a person or a machine can put text, and found nowhere
//! (R30, R36; invariant 5).

use std::collections::BTreeMap;

use domain::action::Outcome;
use domain::api::{Actions, Filter, Proposal, Sessions};
use domain::digest::Digest;
use domain::finding::FindingKind;

use crate::support::{Events, RealAgent, TestApp, count, file_read, logs, script, system_info};

/// A test card number that passes Luhn, and the ways in which it may be written.
const CANARY: [&str; 3] = ["5105105105105100", "5105 1051 0510 5100", "5105-1051-0510-5100"];
const MERCHANT: &str = "8812045519";

fn clean(place: &str, bytes: &[u8]) {
    for canary in CANARY.iter().chain([&MERCHANT]) {
        let found = bytes.windows(canary.len()).position(|w| w == canary.as_bytes());
        assert_eq!(found, None, "{canary} is in {place}");
    }
}

#[tokio::test]
async fn a_planted_card_number_is_found_nowhere() {
    let logs = logs::capture();
    let mut app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let reason = format!("Card {} declined", CANARY[1]);
    let session = technician
        .open_session_for(agent.endpoint(), &reason, &format!("T {}", CANARY[0]))
        .await
        .unwrap();
    let mut live = Events::open(&technician, &format!("/live/session/{session}"), &[]).await;
    technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    // A faulty agent that redacts nothing, and cuts the number between two pieces.
    agent.print(&mut order, &format!("paid with {} and\n", CANARY[0])).await;
    agent.print(&mut order, &format!("merchant id: {MERCHANT}\n")).await;
    agent.print(&mut order, &format!("spaced {}\n", CANARY[1])).await;
    agent.print(&mut order, &format!("dashed {}\n", CANARY[2])).await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    for _ in 0..4 {
        let (_, piece) = live.next_output().await;
        clean("a live event", piece.text.as_bytes());
    }
    app.engine()
        .add_note(&technician.caller, session, format!("Number was {}", CANARY[2]))
        .await
        .unwrap();
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    contact.deny(request, &format!("It is {}", CANARY[0])).await;
    director
        .find(Filter {
            text: CANARY[0].into(),
            ..Filter::default()
        })
        .await;
    app.engine()
        .close_session(&technician.caller, session, format!("Was {}", CANARY[1]))
        .await
        .unwrap();
    let share = director.share(session).await;
    let path = share.link.unwrap().split_once('#').unwrap().0.to_owned();

    let pages = ["/", "/sessions", "/history", "/record", "/approvals", "/endpoints"].map(str::to_owned);
    let of_session = [
        format!("/sessions/{session}"),
        format!("/approvals/{request}"),
        path.clone(),
        format!("{path}/bundle.json"),
    ];
    for page in pages
        .iter()
        .chain(&of_session)
        .chain([&"/export/history.csv".to_owned()])
    {
        for person in [&technician, &contact, &director] {
            clean(page, &person.get(page).await.body);
        }
    }
    drop((technician, contact, director, live));
    app.shut_down().await;
    for file in std::fs::read_dir(app.data()).unwrap() {
        let file = file.unwrap().path();
        clean(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
    let logged = logs.lock().unwrap().clone();
    assert!(!logged.is_empty(), "the log was looked at");
    clean("the log", &logged);
}

/// R36: a script runs with its exact bytes, while the record, the statement, every page and the database show placeholders; the
/// digests are those of the exact bytes, and nothing of them is left when it has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_with_a_password_runs_as_it_is_and_is_recorded_redacted() {
    const SECRET: &str = "Tr0ub4dor-and-3";
    let mut app = TestApp::start().await;
    let agent = RealAgent::start(&app, &format!("http://{}", app.address)).await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let session = technician.open_session(agent.endpoint).await;
    let command = script(&format!(
        "db_password={SECRET}; printf %s \"$db_password\" | wc -c; printf %s \"$db_password\" | sha256sum"
    ));
    let proposal = Proposal {
        session,
        command: command.clone(),
    };
    let preview = app.engine().preview(&technician.caller, proposal).await.unwrap();
    assert_eq!(preview.hidden, BTreeMap::from([(FindingKind::Password, 1)]));
    let action = technician.propose(session, command.clone()).await;
    let request = technician.request_of(session, action).await;
    let seen = contact.reads(request).await;
    assert_eq!(seen.hidden, Some(command.digest()));
    for page in [
        format!("/approvals/{request}"),
        format!("/sessions/{session}"),
        "/history".into(),
    ] {
        let body = contact.get(&page).await.body;
        assert!(!String::from_utf8_lossy(&body).contains(SECRET), "{page}");
    }
    // While it waits it lies sealed: neither the row nor any leaf holds it.
    contact.approve(request).await;
    app.until(|| async { technician.action(session, action).await.outcome.is_some() })
        .await;
    let done = technician.action(session, action).await;
    assert_eq!(done.outcome, Some(Outcome::Succeeded));
    let output: String = done.output.iter().map(|piece| piece.text.as_str()).collect();
    let digest = Digest::of(&[SECRET.as_bytes()]).to_string();
    assert!(
        output.starts_with(&SECRET.len().to_string()) && output.contains(&digest),
        "the exact bytes ran: {output}"
    );
    let shown = done.command.to_string();
    assert!(shown.contains("[password]") && !shown.contains(SECRET), "{shown}");
    // Texts are encrypted in the files, so these are looked for as they are read.
    let record = app.record().await;
    assert!(!format!("{record:?}").contains(SECRET));
    let proposed = record.iter().find(|l| l.kind == "action.proposed").unwrap();
    let said = format!("{:?}", proposed.groups);
    assert!(
        said.contains(&command.digest().to_string()) && said.contains("password"),
        "{said}"
    );

    technician.close_session(session).await;
    director.share(session).await;
    drop((technician, contact, director));
    for (file, bytes) in agent.files() {
        assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()), "{file}");
    }
    drop(agent);
    app.shut_down().await;
    for file in std::fs::read_dir(app.data()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()),
            "{}",
            file.display()
        );
    }
}

/// What waits is on the disk sealed alone, and a refusal destroys it as an end does.
#[tokio::test]
async fn a_sealed_script_is_not_readable_and_does_not_outlive_its_action() {
    const SECRET: &str = "Tr0ub4dor-and-3";
    let mut app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let waits = technician
        .propose(session, script(&format!("db_password={SECRET} run")))
        .await;
    let denied = technician
        .propose(session, script(&format!("db_password={SECRET} other")))
        .await;
    contact.deny(technician.request_of(session, denied).await, "No").await;
    drop((agent, contact));
    let caller = technician.caller.clone();
    drop(technician);
    app.shut_down().await;
    let database = std::fs::read(app.data().join(engine::DATABASE_FILE)).unwrap();
    assert!(!database.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()));
    assert_eq!(sealed(&app).await, 1, "the one that waits");
    app.boot().await;
    app.engine().withdraw(&caller, waits).await.unwrap();
    app.shut_down().await;
    assert_eq!(sealed(&app).await, 0);
}

/// How many rows of the stopped server's database hold a sealed command.
async fn sealed(app: &TestApp) -> i64 {
    count(&app.data(), "SELECT count(*) AS n FROM action WHERE sealed IS NOT NULL").await
}

/// The values of every rule's examples, as lines of output, with what must be found nowhere.
fn canaries() -> (String, Vec<(&'static str, String)>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    for rule in redact::rules().filter(|rule| !rule.by_setting) {
        for example in rule.examples {
            let (before, rest) = example.split_once('«').unwrap();
            let (value, after) = rest.split_once('»').unwrap();
            text.push_str(&format!("{before}{value}{after}\n\n"));
            // What is shorter stands by chance in any file.
            if value.len() >= 8 {
                values.push((rule.id, value.to_owned()));
            }
        }
    }
    // What begins a block is dropped up to its end.
    (
        text.replace("-----BEGIN", "----- BEGIN")
            .replace("Private-Lines", "Private Lines"),
        values,
    )
}

/// R30, R32: a value of every kind, read by the real agent from a file: found in no file of the server's or the agent's, on no page, in no export and in no share.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_every_kind_is_found_nowhere() {
    let logs = logs::capture();
    let (text, values) = canaries();
    let values: Vec<_> = values
        .into_iter()
        .filter(|(_, value)| !value.starts_with("-----BEGIN") && !value.starts_with("Private-Lines"))
        .collect();
    let rules: std::collections::BTreeSet<_> = values.iter().map(|(rule, _)| *rule).collect();
    assert!(rules.len() > 40, "{} rules", rules.len());
    let mut app = TestApp::start().await;
    let planted = tempfile::tempdir().unwrap();
    let folder = planted.path().canonicalize().unwrap();
    let file = folder.join("planted.txt");
    std::fs::write(&file, &text).unwrap();

    let agent = RealAgent::start(&app, &format!("http://{}", app.address)).await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let session = technician.open_session(agent.endpoint).await;
    let scope = format!("file.read(\"{}/**\")", folder.display());
    contact.approve(technician.ask_access(session, &scope).await).await;
    let action = technician.propose(session, file_read(file.to_str().unwrap())).await;
    app.until(|| async { technician.action(session, action).await.outcome.is_some() })
        .await;
    let found = technician.action(session, action).await.findings.values().sum::<u64>();
    assert!(
        found >= values.len() as u64,
        "{found} findings of {} values",
        values.len()
    );
    technician.close_session(session).await;
    let link = director.share(session).await.link.unwrap();
    let share = link.split_once('#').unwrap().0.to_owned();
    let mut seen: Vec<(String, Vec<u8>)> = agent.files();
    for page in [
        format!("/sessions/{session}"),
        "/history".into(),
        "/incidents".into(),
        "/export/history.csv".into(),
        share.clone(),
        format!("{share}/bundle.json"),
        format!("{share}/verify.html"),
    ] {
        let answer = director.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        seen.push((page, answer.body));
    }
    drop((agent, technician, contact, director));
    app.shut_down().await;
    for file in std::fs::read_dir(app.data()).unwrap() {
        let file = file.unwrap().path();
        seen.push((file.display().to_string(), std::fs::read(&file).unwrap()));
    }
    seen.push(("the log".into(), logs.lock().unwrap().clone()));
    let mut leaks = Vec::new();
    for (place, bytes) in &seen {
        let text = String::from_utf8_lossy(bytes);
        leaks.extend(
            values
                .iter()
                .filter(|(_, v)| text.contains(v.as_str()))
                .map(|(rule, v)| format!("{rule}: {v} in {place}")),
        );
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
