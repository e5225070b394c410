//! Enrolment, the data folder, and what the command line says.

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use domain::timestamp::Timestamp;
use wire::{RejectReason, Rejected, ServerEvent, ServerMessage};

use crate::harness::{Agent, Server, cli, script};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// R70: a token becomes an identity whose files only the agent's account can reach; a second enrolment is refused.
#[tokio::test]
async fn a_token_is_traded_for_an_identity_once() {
    let mut server = Server::start().await;
    let agent = server.enrolled_agent().await;
    #[cfg(unix)]
    {
        let mode = |name: &str| agent.data().join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("."), mode("identity.json")), (0o700, 0o600));
    }
    agent::service::check_private(&agent.data().join("identity.json")).unwrap();
    let again = cli(&["enrol", "--url", &server.url(), "--token", "t"], &agent.data());
    assert!(
        !again.status.success() && text(&again.stderr).contains("enrolled already"),
        "{again:?}"
    );
    let status = cli(&["status"], &agent.data());
    let said = text(&status.stdout);
    assert!(
        said.contains("POS-07") && said.contains(&server.endpoint.to_string()) && said.contains("not running"),
        "{said}"
    );
}

/// R22: a spent token is refused with what to do now, and leaves nothing that would run.
#[tokio::test]
async fn a_spent_token_is_refused() {
    let server = Server::start().await;
    let agent = Agent {
        folder: tempfile::tempdir().unwrap(),
        process: None,
    };
    let (url, data) = (server.url(), agent.data());
    let enrolling = tokio::task::spawn_blocking(move || cli(&["enrol", "--url", &url, "--token", "spent"], &data));
    let mut link = server.accept().await;
    let ServerEvent::Enrol(enrol) = link.event().await else {
        panic!("not an enrolment")
    };
    assert_eq!(enrol.token, "spent");
    link.send(ServerMessage::Rejected(Rejected {
        reason: RejectReason::TokenSpent,
        retry_after_seconds: None,
    }))
    .await;
    let ran = enrolling.await.unwrap();
    assert!(
        !ran.status.success() && text(&ran.stderr).contains("Ask an admin for a new one"),
        "{ran:?}"
    );
    assert!(!agent.data().join("identity.json").exists());
    let run = cli(&["run"], &agent.data());
    assert!(
        !run.status.success() && text(&run.stderr).contains("not enrolled yet"),
        "{run:?}"
    );
}

/// R10: with files that others can read, or a second agent on the same folder, nothing starts.
#[tokio::test]
async fn an_agent_starts_on_private_files_and_alone() {
    let mut server = Server::start().await;
    let (mut agent, _link) = server.agent().await;
    let second = cli(&["run"], &agent.data());
    assert!(
        !second.status.success() && text(&second.stderr).contains("another agent"),
        "{second:?}"
    );
    agent.kill();
    // By access lists on Windows, which the tests of `win::acl` are about.
    #[cfg(unix)]
    for name in ["identity.json", "."] {
        let path = agent.data().join(name);
        let before = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(before.mode() | 0o044)).unwrap();
        let run = cli(&["run"], &agent.data());
        assert!(
            !run.status.success() && text(&run.stderr).contains("chmod go-rwx"),
            "{run:?}"
        );
        std::fs::set_permissions(&path, before).unwrap();
    }
}

/// The endpoint's owner sees what was done, by whose leave, and how the connection stands.
#[tokio::test]
async fn status_tells_what_was_done_today() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let order = server.order(script::print("hello"));
    let before: Timestamp = agent::clock::now();
    server.story(&mut link, &order).await;
    agent.spool_empties().await;
    let said = text(&cli(&["status"], &agent.data()).stdout);
    assert!(said.contains("connected since"), "{said}");
    assert!(said.contains("Waiting to be acknowledged  nothing"), "{said}");
    // Unless midnight passed meanwhile.
    if before.day() == agent::clock::now().day() {
        assert!(
            said.contains(&script::print("hello").digest().short())
                && said.contains("succeeded; policy rule test, version 1"),
            "{said}"
        );
    }
}
