//! Witnesses over real HTTP: the program itself cosigns, and what it cosigned goes with a share.

use std::process::Stdio;

use audit::cosignature::WitnessKey;
use audit::verify::{Trusted, Verdict, verify_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api::{Filter, Record};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{TestApp, copy_files, countersign, program, received, unguarded};
use server::wiring::{Copies, MailServer};

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

/// R4: a record that somebody with the server's own key wrote anew agrees with itself; the self-check finds that it is not what the
/// witness cosigned.
#[tokio::test]
async fn a_record_that_was_written_anew_is_an_alarm() {
    let mut app = TestApp::start().await;
    let witness = Witness::start(&app, "witness", "127.0.0.1:0").await;
    let before = app.scratch().join("before");
    std::fs::create_dir(&before).unwrap();
    app.shut_down().await;
    copy_files(&app.data(), &before);
    app.boot().await;
    app.witnessed_by(&witness.asked()).await;
    let cosigned = async || {
        let director = app.director().await;
        let status = app.engine().record_status(&director.caller).await.unwrap();
        status.witnesses.first().map_or(0, |w| w.size)
    };
    let search = async |app: &TestApp, text: &str| {
        let filter = Filter {
            text: text.into(),
            ..Filter::default()
        };
        app.director().await.find(filter).await;
    };
    let begun = app.record().await.last().unwrap().index;
    search(&app, "the first history").await;
    app.soon(|| async { cosigned().await > begun + 1 }).await;
    app.engine().self_check().await.unwrap();
    let alarm = async |app: &TestApp| {
        let director = app.director().await;
        app.engine().record_alarm(&director.caller).await.unwrap()
    };
    assert_eq!(alarm(&app).await, None);
    witness.kill().await;
    app.shut_down().await;
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    let row = "SELECT hex(org_id) || ' ' || size || ' ' || at AS row, witness, line FROM cosignature ORDER BY size DESC LIMIT 1";
    let row = database
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, row))
        .await
        .unwrap()
        .unwrap();
    let [numbers, name, line] = ["row", "witness", "line"].map(|column| row.try_get::<String>("", column).unwrap());
    let [org, size, at] = numbers.split(' ').collect::<Vec<_>>().try_into().unwrap();
    database.close().await.unwrap();

    copy_files(&before, &app.data());
    app.boot().await;
    while app.record().await.last().unwrap().index < size.parse().unwrap() {
        search(&app, "another history").await;
    }
    app.shut_down().await;
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    let put = format!(
        "INSERT INTO cosignature (org_id, size, witness, line, at) VALUES (x'{org}', {size}, '{name}', '{line}', {at})"
    );
    database.execute_unprepared(&put).await.unwrap();
    database.close().await.unwrap();
    assert_eq!(
        countersign(&["verify", "--database", &app.data_text()]).await.code,
        0,
        "it agrees with itself"
    );
    app.boot().await;
    app.engine().self_check().await.unwrap();
    let told = alarm(&app).await.unwrap();
    assert!(
        told.altered && told.sentence.contains("witness.example/w1 cosigned"),
        "{told:?}"
    );
}

/// R4: checkpoints that somebody keeps contradict a record that was rolled back, although all that is left of it agrees with
/// itself; and they are no use for another record.
#[tokio::test]
async fn copies_of_checkpoints_contradict_a_rolled_back_record() {
    let mut app = TestApp::start().await;
    let file = app.scratch().join("checkpoints.txt");
    app.copied_to(Copies::File(file.clone())).await;
    // Both organisations' first ones; the file's first is rolled back below.
    let notes = || std::fs::read_to_string(&file).unwrap_or_default();
    app.soon(|| async { notes().matches("\n\u{2014} ").count() >= 2 }).await;
    let size: u64 = notes().lines().nth(1).unwrap().parse().unwrap();
    app.shut_down().await;
    let (data, kept) = (app.data_text(), file.to_str().unwrap().to_owned());
    let verify = async |more: &[&str]| countersign(&[&["verify", "--database", &data], more].concat()).await;
    let told = verify(&["--checkpoints", &kept]).await;
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);

    let database = unguarded(&app.data()).await;
    let run = async |sql: &str| {
        sea_orm::ConnectionTrait::execute_unprepared(&database, sql)
            .await
            .unwrap()
    };
    run(&format!(
        "CREATE TEMP TABLE whose AS SELECT org_id AS org FROM checkpoint WHERE size = {size}"
    ))
    .await;
    let latest =
        format!("(SELECT max(size) FROM checkpoint WHERE size < {size} AND org_id IN (SELECT org FROM whose))");
    run(&format!("CREATE TEMP TABLE until AS SELECT {latest} AS n")).await;
    let newer = "org_id IN (SELECT org FROM whose) AND idx >= (SELECT n FROM until)";
    run(&format!("DELETE FROM leaf_text WHERE {newer}")).await;
    run(&format!("DELETE FROM leaf WHERE {newer}")).await;
    run("DELETE FROM log_node WHERE org_id IN (SELECT org FROM whose) AND (idx + 1) << level > (SELECT n FROM until)")
        .await;
    run("DELETE FROM checkpoint WHERE org_id IN (SELECT org FROM whose) AND size > (SELECT n FROM until)").await;
    database.close().await.unwrap();
    let told = verify(&[]).await;
    assert_eq!(
        told.code, 0,
        "what is left agrees with itself: {}{}",
        told.out, told.err
    );
    let told = verify(&["--checkpoints", &kept]).await;
    assert!(
        told.code == 1 && told.out.contains("checkpoint that was kept"),
        "{}{}",
        told.out,
        told.err
    );

    std::fs::write(&file, notes().replace("countersign/", "countersign/x")).unwrap();
    let told = verify(&["--checkpoints", &kept]).await;
    assert!(
        told.code == 2 && told.err.contains("none of the checkpoints"),
        "another record's: {} {}",
        told.out,
        told.err
    );
}

/// They are sent to an address too, and what fails is made up for.
#[tokio::test]
async fn checkpoints_are_sent_to_an_address() {
    let mut app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    app.copied_to(Copies::Address(format!("http://{address}/kept"))).await;
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut bytes = vec![0; 4096];
    let mut text = String::new();
    while !text.contains("\u{2014} countersign/") {
        let n = socket.read(&mut bytes).await.unwrap();
        assert!(n > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..n]));
    }
    assert!(
        text.starts_with("POST /kept ") && text.contains("\r\n\r\ncountersign/"),
        "{text}"
    );
}

/// They are mailed: what is attached is what was signed, byte for byte, and `countersign verify` takes it as it is.
#[tokio::test]
async fn checkpoints_are_mailed() {
    let mut app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("smtp://{}", listener.local_addr().unwrap());
    let server = MailServer::new(&server, "record@northwind.example").unwrap();
    let mail = server.to("auditor@example.com").unwrap();
    app.copied_to(Copies::Mail(Box::new(mail))).await;
    let (socket, _) = listener.accept().await.unwrap();
    let (envelope, message) = received(socket).await;
    assert!(
        envelope.contains("MAIL FROM:<record@northwind.example>") && envelope.contains("RCPT TO:<auditor@example.com>"),
        "{envelope}"
    );
    assert!(message.contains("Subject: Checkpoint: "), "{message}");
    let attached = message
        .split_once("Content-Disposition: attachment; filename=\"checkpoint.txt\"")
        .unwrap()
        .1;
    let (headers, attached) = attached.split_once("\r\n\r\n").unwrap();
    assert!(headers.contains("Content-Transfer-Encoding: base64"), "{headers}");
    let lines = attached
        .lines()
        .take_while(|line| !line.is_empty() && !line.starts_with("--"));
    let note = STANDARD.decode(lines.collect::<String>()).unwrap();
    let kept = app.scratch().join("checkpoint.txt");
    std::fs::write(&kept, note).unwrap();
    app.shut_down().await;
    let told = countersign(&[
        "verify",
        "--database",
        &app.data_text(),
        "--checkpoints",
        kept.to_str().unwrap(),
    ])
    .await;
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
}
