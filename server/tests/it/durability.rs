//! What a crash, a power failure and a failing disk leave of the record (R2, R3, R4): the server as it is shipped, on real
//! files. One machine of the client's; a change is a session that the technician opens on it, which is a row and a leaf.

mod crash;
mod errors;
mod full_disk;
mod packing;
mod read_only;
mod small;

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::ids::EndpointId;
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use tokio::process::Command;

use crate::support::{Answer, Ended, Shipped, TestApp, copy_files, count, countersign, program};

/// How long a change may take; SQLite waits five seconds for a lock.
const PATIENCE: Duration = Duration::from_secs(30);

/// A data folder at rest, made once and copied for whatever happens to it.
struct Installation {
    app: TestApp,
    endpoint: EndpointId,
    /// The technician's web session.
    token: String,
}

impl Installation {
    async fn make() -> Self {
        let mut app = TestApp::start().await;
        let endpoint = app.enrol("till").await.endpoint;
        let token = app.technician().await.http.token.unwrap();
        app.shut_down().await;
        Self { app, endpoint, token }
    }

    /// The same of a server that was killed after one change: the log beside the database is folded in by the next start.
    async fn make_killed() -> Self {
        let made = Self::make().await;
        let server = made.serve(Command::new(program()), &made.app.data()).await.unwrap();
        assert!(made.opens(&server, BEFORE).await);
        server.kill().await;
        made
    }

    /// A copy of the data folder, named `name`.
    fn copy(&self, name: &str) -> PathBuf {
        let data = self.app.scratch().join(name);
        std::fs::create_dir(&data).unwrap();
        copy_files(&self.app.data(), &data);
        data
    }

    /// Has `program` serve `data`.
    async fn serve(&self, program: Command, data: &Path) -> Result<Shipped, Ended> {
        let name = data.file_name().unwrap().to_str().unwrap();
        let log = self.app.scratch().join(format!("{name}.log"));
        Shipped::start(program, data, &self.app.scratch().join("site"), &log).await
    }

    /// Opens a session; nothing where the server went away before it had answered.
    async fn try_open(&self, server: &Shipped, reason: &str) -> Option<Answer> {
        let endpoint = self.endpoint.to_string();
        let fields = [("endpoint", endpoint.as_str()), ("reason", reason), ("ticket", "")];
        let browser = server.browser(&self.token);
        let answer = tokio::time::timeout(PATIENCE, browser.try_call("open_session", &fields));
        answer.await.expect("it answers or goes away").ok()
    }

    /// Whether a session was opened, which the caller is told; where it was not, because the record could not be written.
    async fn opens(&self, server: &Shipped, reason: &str) -> bool {
        let answer = self.try_open(server, reason).await.expect("it answers");
        if !is_success(&answer) {
            assert_eq!((answer.status, answer.text().as_str()), (503, UNAVAILABLE));
        }
        is_success(&answer)
    }

    /// What must hold of a data folder whatever happened to its server: it serves, takes a further change, verifies, has row and
    /// leaf or neither of every change, and each that was acknowledged. Gives the sessions that are there.
    async fn is_in_order(&self, data: &Path, acknowledged: &[&str]) -> Vec<String> {
        let server = self.serve(Command::new(program()), data).await.unwrap();
        // Not another session: a server makes its rules of redaction for the first one, which takes as long as all the rest.
        let signed_out = server.browser(&self.token).call("sign_out", &[]).await;
        assert!(is_success(&signed_out), "{signed_out:?}");
        server.kill().await;
        verifies(data).await;
        let further = "SELECT count(*) AS n FROM leaf WHERE kind = 'signed_out'";
        assert_eq!(count(data, further).await, 1, "the further change is there");
        let there = opened(data).await;
        for reason in acknowledged {
            let times = there.iter().filter(|r| r == reason).count();
            assert_eq!(times, 1, "{reason} was acknowledged; there are {there:?}");
        }
        there
    }
}

/// The change that was made before anything happened.
const BEFORE: &str = "Before it";

/// The changes of a life in which something happens.
const CHANGES: [&str; 2] = ["The first change", "The second change"];

/// Lives that go on at once.
const AT_ONCE: usize = 2;

/// The calls of a life that change a file of the database, with about half of how many there are.
const CALLS: &[(&str, usize)] = &[
    ("pwrite countersign.db", 5),
    ("fsync countersign.db", 1),
    ("pwrite countersign.db-wal", 40),
    ("fsync countersign.db-wal", 3),
    ("unlink countersign.db-wal", 1),
    ("pwrite keys.db", 1),
    ("fsync keys.db", 1),
    ("pwrite keys.db-journal", 1),
    ("fsync keys.db-journal", 1),
    ("unlink keys.db-journal", 1),
];

/// What a caller is told where the record can't be written.
const UNAVAILABLE: &str = r#"{"from":"api","why":{"error":"record_unavailable"}}"#;

fn is_success(answer: &Answer) -> bool {
    matches!(answer.status, 200..=399)
}

/// The record in the data folder is as it was signed, as whoever runs the program is told.
async fn verifies(data: &Path) {
    let told = countersign(&["verify", "--database", data.to_str().unwrap()]).await;
    let verified = told.out.lines().filter(|l| l.starts_with("VERIFIED  ")).count();
    assert_eq!((told.code, verified), (0, 2), "{}{}", told.out, told.err);
}

/// The reasons of all sessions, which the rows and the record agree on.
async fn opened(data: &Path) -> Vec<String> {
    let database = Database::connect(engine::database_options(data)).await.unwrap();
    let reasons = async |sql: &str| -> Vec<String> {
        let all = database.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql));
        let all = all.await.unwrap();
        all.iter().map(|r| r.try_get("", "reason").unwrap()).collect()
    };
    let rows = reasons("SELECT reason FROM session ORDER BY opened_leaf").await;
    let with_leaves = reasons(
        "SELECT s.reason FROM leaf l LEFT JOIN session s ON (s.org_id, s.opened_leaf) = (l.org_id, l.idx)
         JOIN leaf_text t ON (t.org_id, t.idx) = (l.org_id, l.idx) WHERE l.kind = 'session.opened' ORDER BY l.idx",
    )
    .await;
    database.close().await.unwrap();
    assert_eq!(rows, with_leaves, "row, leaf and text are there together or not at all");
    rows
}

/// How many refusals the record tells of.
async fn told_of(data: &Path) -> i64 {
    let told = "SELECT coalesce(sum(json_extract(groups, '$.what[1].refused')), 0) AS n
         FROM leaf WHERE kind = 'record.resumed'";
    count(data, told).await
}
