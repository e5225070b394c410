//! What the endpoint's owner sees and does without the server.

use std::os::unix::fs::MetadataExt;
use std::process::Command as Process;

use wire::Stream;

use crate::harness::{Agent, Server, eventually, id};

/// R11: what runs now, by whose leave, in which session; and after the agent ended, that it was cut off.
#[tokio::test]
async fn status_tells_what_runs() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let before = agent::clock::now();
    let order = server.script("echo ready; sleep 1000");
    server.send_order(&mut link, &order).await;
    let story = link.until(order.action, "ready\n").await;
    assert_eq!(story.text(Stream::Stdout), "ready\n");
    let session: domain::ids::SessionId = id(3);
    let running = format!("running; policy rule test, version 1; session {session}");
    eventually("status tells what runs", || {
        let said = agent.status();
        said.contains("Runs now (UTC):") && said.contains(&running)
    })
    .await;
    let said = agent.status();
    assert!(said.contains("Clock       as the server's"), "{said}");
    assert!(said.contains("To stop it: "), "{said}");
    agent.kill();
    let said = agent.status();
    assert!(
        said.contains("the agent is not running") && !said.contains("Runs now"),
        "{said}"
    );
    // Unless midnight passed meanwhile.
    if before.day() == agent::clock::now().day() {
        assert!(said.contains("started; the agent ended while it ran"), "{said}");
    }
}

/// `install` writes a unit that names this executable, and `uninstall` removes it; an executable that others could replace
/// is not made a service.
#[test]
fn install_writes_a_unit_and_uninstall_removes_it() {
    let agent = Agent::new();
    let executable = env!("CARGO_BIN_EXE_countersign-agent");
    let root = agent.folder.path();
    let unit = root.join("etc/systemd/system/countersign-agent.service");
    let run = |verb: &str| {
        let mut process = Process::new(executable);
        let process = process.args([verb, "--data", "/var/lib/countersign-agent", "--root"]);
        process.arg(root).output().unwrap()
    };
    let meta = std::fs::metadata(executable).unwrap();
    let safe = meta.uid() == 0 && meta.mode() & 0o022 == 0;
    let installed = run("install");
    assert_eq!(installed.status.success(), safe, "{installed:?}");
    assert_eq!(unit.exists(), safe);
    if safe {
        let text = std::fs::read_to_string(&unit).unwrap();
        assert!(
            text.contains("ExecStart=/") && text.contains(" run --data /var/lib/countersign-agent\n"),
            "{text}"
        );
        assert!(run("uninstall").status.success());
        assert!(!unit.exists());
    }
    assert!(!run("uninstall").status.success(), "nothing is installed");
}
