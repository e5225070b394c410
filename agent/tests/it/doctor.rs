//! `doctor` on real connections.

use std::process::Output as Ran;

use agent::data::{DataDir, write_atomically};
use wire::{RejectReason, Rejected, ServerEvent, ServerMessage};

use crate::harness::{Agent, Server, cli};

fn said(ran: &Ran) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

fn spawn(agent: &Agent) -> tokio::task::JoinHandle<Ran> {
    let data = agent.data();
    tokio::task::spawn_blocking(move || cli(&["doctor"], &data))
}

/// Each step is told; the agent's key is proved only while the agent does not run.
#[tokio::test]
async fn doctor_tells_each_step() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    let examining = spawn(&agent);
    let _link = server.ready().await;
    let ran = examining.await.unwrap();
    let text = said(&ran);
    assert!(ran.status.success(), "{text}");
    for step in [
        "Data folder",
        "Identity",
        "Policy",
        "Settings",
        "Name",
        "TCP",
        "Proxy",
        "TLS",
        "WebSocket",
        "Clock",
        "Accepted",
    ] {
        assert!(
            text.lines().any(|l| l.starts_with(&format!("OK    {step}"))),
            "{step}: {text}"
        );
    }
    assert!(
        text.contains("not running") && text.contains("Nothing blocks"),
        "{text}"
    );

    agent.run();
    let _link = server.ready().await;
    // Until the agent wrote down that it is connected.
    loop {
        let examining = spawn(&agent);
        let mut second = server.accept().await;
        let ran = examining.await.unwrap();
        let text = said(&ran);
        assert!(ran.status.success(), "{text}");
        assert!(
            second.is_ended_by_agent().await,
            "a second hello would look like a stolen key"
        );
        if text.contains("the agent runs and is connected") {
            break;
        }
    }
}

/// What blocks is named, with what to do, and the exit code says that something does.
#[tokio::test]
async fn doctor_names_what_blocks() {
    let agent = Agent::new();
    let missing = cli(&["doctor"], &agent.data());
    assert!(!missing.status.success() && said(&missing).starts_with("FAIL  Data folder"));
    let data = DataDir::create(&agent.data()).unwrap();
    let ran = cli(&["doctor"], &agent.data());
    assert!(!ran.status.success() && said(&ran).contains("FAIL  Identity     this endpoint is not enrolled yet"));

    let mut server = Server::start().await;
    let (url, enrolled) = (server.url(), agent);
    server.enrol_at(&enrolled, &url, &[]).await;
    let examining = spawn(&enrolled);
    let mut link = server.accept().await;
    assert!(matches!(link.event().await, ServerEvent::Hello(_)));
    link.send(ServerMessage::Rejected(Rejected {
        reason: RejectReason::Removed,
        retry_after_seconds: None,
    }))
    .await;
    let ran = examining.await.unwrap();
    assert!(
        !ran.status.success()
            && said(&ran).contains(&format!("FAIL  Accepted     {}", RejectReason::Removed.sentence()))
    );

    let examining = spawn(&enrolled);
    let mut link = server.accept().await;
    assert!(matches!(link.event().await, ServerEvent::Hello(_)));
    link.welcome().await;
    assert!(examining.await.unwrap().status.success());

    write_atomically(&data.local_policy(), b"deny = 1").unwrap();
    let ran = cli(&["doctor"], &enrolled.data());
    assert!(
        !ran.status.success() && said(&ran).contains("FAIL  Policy"),
        "{}",
        said(&ran)
    );
    std::fs::remove_file(data.local_policy()).unwrap();
    write_atomically(&data.settings(), b"proxy = \"nonsense://\"").unwrap();
    let ran = cli(&["doctor"], &enrolled.data());
    assert!(
        !ran.status.success() && said(&ran).contains("FAIL  Settings"),
        "{}",
        said(&ran)
    );
    std::fs::remove_file(data.settings()).unwrap();
    drop(server);
    let ran = cli(&["doctor"], &enrolled.data());
    assert!(
        !ran.status.success() && said(&ran).contains("FAIL  TCP"),
        "{}",
        said(&ran)
    );
    assert!(said(&ran).contains("firewall"), "{}", said(&ran));
}
