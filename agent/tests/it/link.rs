//! The connection: outwards only, proved each time, made again when it breaks.

use domain::action::Outcome;
use wire::{RejectReason, Rejected, ServerEvent, ServerMessage, SignedOrder};

use crate::harness::{Server, cli, eventually, script};

/// R16: the agent dials out; it listens on nothing. (Told by /proc, which Windows has not; the code is the same.)
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_agent_listens_on_nothing() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    server.story(&mut link, &server.order(script::nothing())).await;
    let own: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", agent.pid()))
        .unwrap()
        .filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok())
        .filter_map(|to| Some(to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    assert!(!own.is_empty());
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        // The table is missing where the protocol is.
        let table = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // proc_pid_net(5): the fourth column is the state (0A: listening), the tenth the inode.
            assert!(
                !(own.iter().any(|i| i == fields[9]) && (fields[3] == "0A" || fields[3] == "07")),
                "{line}"
            );
        }
    }
}

/// Refused by the server, the agent says why in `status`, and tries again.
#[tokio::test]
async fn a_refused_agent_tries_again() {
    let mut server = Server::start().await;
    let mut agent = server.enrolled_agent().await;
    agent.run();
    for reason in [RejectReason::RecordUnavailable, RejectReason::UnknownEndpoint] {
        let mut link = server.accept().await;
        assert!(matches!(link.event().await, ServerEvent::Hello(_)));
        link.send(ServerMessage::Rejected(Rejected {
            reason,
            retry_after_seconds: Some(1),
        }))
        .await;
        let said = || String::from_utf8_lossy(&cli(&["status"], &agent.data()).stdout).contains(reason.sentence());
        eventually("status tells why", said).await;
    }
    let mut link = server.ready().await;
    assert_eq!(
        server
            .story(&mut link, &server.order(script::nothing()))
            .await
            .outcome(),
        Outcome::Succeeded
    );
}

/// A server that breaks the protocol is left, and dialled again.
#[tokio::test]
async fn a_server_that_breaks_the_protocol_is_left() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    link.send(ServerMessage::Order(SignedOrder {
        order: "no order".into(),
        signature: String::new(),
    }))
    .await;
    assert!(link.is_ended_by_agent().await);
    let mut link = server.ready().await;
    assert_eq!(
        server
            .story(&mut link, &server.order(script::nothing()))
            .await
            .outcome(),
        Outcome::Succeeded
    );
}
