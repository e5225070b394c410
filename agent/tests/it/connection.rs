//! The way to the server: TLS with pinned certificates, a proxy, a server that is busy, and how the agent takes its leave.

use std::time::Duration;

use agent::data::{DataDir, write_atomically};
use domain::action::Outcome;

use crate::harness::{Agent, Authority, Front, Mode, Proxy, Server, cli, eventually, script};

/// Long after these tests.
const LATER: i32 = 2120;

fn file(agent: &Agent, name: &str, text: &str) -> String {
    let path = agent.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// R16: over TLS, the pinned authority is the only one that is trusted, at enrolment and ever after.
#[tokio::test]
async fn a_pinned_authority_is_the_only_one_trusted() {
    let mut server = Server::start().await;
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let front = Front::start(server.port(), ours.server("localhost", LATER)).await;
    let url = format!("https://localhost:{}", front.port());
    let mut agent = Agent::new();
    let (ca, wrong) = (
        file(&agent, "ca.pem", &ours.pem()),
        file(&agent, "wrong.pem", &other.pem()),
    );
    for (more, says) in [
        (vec![], "enrol with --ca"),
        (vec!["--ca", wrong.as_str()], "does not come from those in ca.pem"),
    ] {
        let (args, data) = (
            [vec!["enrol", "--url", &url, "--token", "t"], more].concat(),
            agent.data(),
        );
        let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        let enrolling =
            tokio::task::spawn_blocking(move || cli(&args.iter().map(String::as_str).collect::<Vec<_>>(), &data));
        let ran = enrolling.await.unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(!ran.status.success() && said.contains(says), "{said}");
    }
    server.enrol_at(&agent, &url, &["--ca", &ca]).await;
    agent.run();
    let mut link = server.ready().await;
    let story = server.story(&mut link, &server.script("echo over tls")).await;
    assert_eq!(story.outcome(), Outcome::Succeeded);

    for (mode, says) in [
        (other.server("localhost", LATER), "does not come from those in ca.pem"),
        (ours.server("example.com", LATER), "is not for localhost"),
        (ours.server("localhost", 2021), "has expired"),
    ] {
        front.becomes(mode);
        drop(link);
        eventually(says, || agent.status().contains(says)).await;
        front.becomes(ours.server("localhost", LATER));
        link = server.ready().await;
    }
}

/// R16: without TLS, no other machine is dialled.
#[test]
fn an_address_without_tls_is_refused() {
    let agent = Agent::new();
    let ran = cli(
        &["enrol", "--url", "http://cs.example.com", "--token", "t"],
        &agent.data(),
    );
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(!ran.status.success() && said.contains("not encrypted"), "{said}");
    assert!(!agent.data().exists());
}

/// Through a proxy that wants a password; the password is nowhere but there and in the owner's file.
#[tokio::test]
async fn a_proxy_makes_the_way() {
    let mut server = Server::start().await;
    let authority = Authority::new("ours");
    let front = Front::start(server.port(), authority.server("localhost", LATER)).await;
    let proxy = Proxy::start("name:pa%ss").await;
    let mut agent = Agent::new();
    let data = DataDir::create(&agent.data()).unwrap();
    let settings = |user: &str| format!("proxy = \"http://{user}@127.0.0.1:{}\"\n", proxy.port);
    write_atomically(&data.settings(), settings("name:pa%25ss").as_bytes()).unwrap();
    let ca = file(&agent, "authority.pem", &authority.pem());
    server
        .enrol_at(&agent, &format!("https://localhost:{}", front.port()), &["--ca", &ca])
        .await;
    agent.run();
    let mut link = server.ready().await;
    server.story(&mut link, &server.order(script::nothing())).await;
    let line = format!("CONNECT localhost:{} HTTP/1.1", front.port());
    assert_eq!(*proxy.followed.lock().unwrap(), [line.clone(), line]);

    write_atomically(&data.settings(), settings("name:s3cret").as_bytes()).unwrap();
    drop(link);
    let says = "it wants a name and a password";
    eventually(says, || agent.status().contains(says)).await;
    std::fs::write(data.settings(), "proxy = 1").unwrap();
    eventually("status tells", || agent.status().contains("can't be understood")).await;
    std::fs::remove_file(data.settings()).unwrap();
    server.ready().await;
    for secret in ["pa%ss", "pa%25ss", "s3cret", "bmFtZTp"] {
        assert!(!agent.holds(secret), "{secret}");
    }
}

/// A server that is busy is left alone as long as it asks.
#[tokio::test]
async fn retry_after_is_honoured() {
    let mut server = Server::start().await;
    let front = Front::start(server.port(), Mode::Plain).await;
    let mut agent = Agent::new();
    server
        .enrol_at(&agent, &format!("http://127.0.0.1:{}", front.port()), &[])
        .await;
    front.came.lock().unwrap().clear();
    front.becomes(Mode::Answer(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n".into(),
    ));
    agent.run();
    eventually("status tells", || {
        agent.status().contains("HTTP status 503; it takes nobody")
    })
    .await;
    front.becomes(Mode::Plain);
    let _link = server.ready().await;
    let came = front.came.lock().unwrap().clone();
    assert!(
        came.len() == 2 && came[1] - came[0] >= Duration::from_secs(3),
        "{came:?}"
    );
}

/// R14: a server of protocol 1 is told that the agent was stopped on the endpoint, too, and does not only lose it. (On Windows
/// the service manager stops it: `windows/service.rs`; newer servers get a goodbye: `life.rs`.)
#[cfg(unix)]
#[tokio::test]
async fn a_stopped_agent_takes_its_leave() {
    let mut server = Server::start().await;
    server.speaks = 1;
    let (mut agent, mut link) = server.agent().await;
    server.story(&mut link, &server.script("true")).await;
    agent.spool_empties().await;
    let said = tokio::join!(link.goodbye(), agent.terminate());
    assert_eq!(said, (Some((1001, agent::link::STOPPED.to_owned())), true));
    agent.run();
    let mut link = server.ready().await;
    agent.kill();
    assert_eq!(link.goodbye().await, None);
}
