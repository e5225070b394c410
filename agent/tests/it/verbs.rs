//! Verbs on this very machine (R12).

use domain::action::{Command, Outcome, Verb};
#[cfg(target_os = "linux")]
use domain::action::{RefusalReason, RegistryData};
use wire::{Order, OrderRedaction, Stream};

use crate::harness::Server;

/// R12: what the machine is, what runs on it, how full it is.
#[tokio::test]
async fn the_inventory_is_told() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let pid = agent.pid().to_string();
    for (verb, text) in [
        (Verb::SystemInfo, "Memory"),
        (Verb::ProcessList, pid.as_str()),
        (Verb::DiskUsage, "MOUNTED ON"),
        (Verb::NetConfig, "127.0.0.1/8"),
    ] {
        let story = server.story(&mut link, &server.order(Command::Verb(verb))).await;
        assert_eq!((story.outcome(), story.finish().exit), (Outcome::Succeeded, None));
        assert!(
            story.text(Stream::Stdout).contains(text),
            "{}",
            story.text(Stream::Stdout)
        );
    }
}

/// R12: a whole file, its last lines, and what can't be read.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn files_are_read() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let path = agent.folder.path().canonicalize().unwrap().join("file");
    let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
    std::fs::write(&path, &text).unwrap();
    let path = path.display().to_string();
    let story = server
        .story(
            &mut link,
            &server.order(Command::Verb(Verb::FileRead { path: path.clone() })),
        )
        .await;
    assert!(story.text(Stream::Stdout) == text);
    assert_eq!(story.resource(), path);
    let story = server
        .story(
            &mut link,
            &server.order(Command::Verb(Verb::FileTail {
                path: path.clone(),
                lines: 2,
            })),
        )
        .await;
    assert_eq!(story.text(Stream::Stdout), "line 19998\nline 19999\n");
    let missing = format!("{path}.missing");
    let story = server
        .story(
            &mut link,
            &server.order(Command::Verb(Verb::FileRead { path: missing })),
        )
        .await;
    assert_eq!(story.outcome(), Outcome::Failed);
    assert!(
        story.finish().note.contains("can't be opened"),
        "{}",
        story.finish().note
    );
}

/// R12: a port that answers, and one that does not; addresses are taken out where the client's setting says so.
#[tokio::test]
async fn ports_are_probed() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let probe = |host: &str, port| {
        server.order(Command::Verb(Verb::NetProbe {
            host: host.into(),
            port,
        }))
    };
    let story = server.story(&mut link, &probe("127.0.0.1", server.port())).await;
    assert_eq!(story.outcome(), Outcome::Succeeded);
    assert!(
        story
            .text(Stream::Stdout)
            .contains(&format!("127.0.0.1:{} answers", server.port()))
    );
    assert_eq!(story.resource(), format!("127.0.0.1:{}", server.port()));

    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let redaction = OrderRedaction {
        ip_addresses: true,
        ..OrderRedaction::default()
    };
    let story = server
        .story(
            &mut link,
            &Order {
                redaction,
                ..probe("127.0.0.1", free)
            },
        )
        .await;
    assert_eq!(story.outcome(), Outcome::Failed);
    assert!(story.finish().note.contains("refused"), "{}", story.finish().note);
    assert!(!story.text(Stream::Stdout).contains("127.0.0.1") && !story.finish().note.contains("127.0.0.1"));

    let story = server.story(&mut link, &probe("no-such-host.invalid", 443)).await;
    assert_eq!(story.outcome(), Outcome::Failed);
    assert!(
        story.finish().note.contains("no-such-host.invalid"),
        "{}",
        story.finish().note
    );
}

/// R12: a port whose server speaks no TLS, and one that does not answer.
#[tokio::test]
async fn handshakes_are_told() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let tls = |port| {
        server.order(Command::Verb(Verb::NetTls {
            host: "127.0.0.1".into(),
            port,
        }))
    };
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    let greeter = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let mut hello = [0; 4096];
        assert!(std::io::Read::read(&mut stream, &mut hello).unwrap() > 0);
        std::io::Write::write_all(&mut stream, b"220 mail.example.com ESMTP\r\n").unwrap();
    });
    let story = server.story(&mut link, &tls(port)).await;
    greeter.join().unwrap();
    assert_eq!(story.outcome(), Outcome::Failed);
    assert_eq!(story.resource(), format!("127.0.0.1:{port}"));
    let text = story.text(Stream::Stdout);
    assert!(
        text.contains("answers (") && text.contains("does not speak TLS"),
        "{text}"
    );

    let story = server.story(&mut link, &tls(port)).await;
    assert_eq!(story.outcome(), Outcome::Failed);
    assert!(story.finish().note.contains("refused"), "{}", story.finish().note);
}

/// R12: a verb that this system has no such thing for is refused before it starts.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_registry_is_refused_on_linux() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    for verb in [
        Verb::RegistryRead {
            key: r"HKLM\software\pos".into(),
        },
        Verb::RegistryWrite {
            key: r"HKLM\software\pos".into(),
            value: "Port".into(),
            data: RegistryData::Dword(5),
        },
    ] {
        let story = server.story(&mut link, &server.order(Command::Verb(verb))).await;
        let (reason, detail) = story.refusal();
        assert_eq!(reason, RefusalReason::Unsupported);
        assert!(detail.contains("no registry"), "{detail}");
    }
}

/// R12: a log or service that is not there fails with what was looked for.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_not_there_fails() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    for verb in [
        Verb::LogRead {
            log: "no/such/log".into(),
            since_minutes: 60,
        },
        Verb::ServiceStatus {
            service: "no-such-service".into(),
        },
        Verb::ServiceStart {
            service: "no-such-service".into(),
        },
        Verb::ServiceStop {
            service: "no-such-service".into(),
        },
        Verb::ServiceRestart {
            service: "no-such-service".into(),
        },
    ] {
        let story = server.story(&mut link, &server.order(Command::Verb(verb))).await;
        assert_eq!(story.outcome(), Outcome::Failed);
        assert!(story.finish().note.contains("There is no"), "{}", story.finish().note);
    }
}
