//! Orders that must not run, and don't: each refusal is reported, and nothing happens (R10, R22).

use std::path::PathBuf;
use std::time::Duration;

use domain::action::{Command, RefusalReason, Verb};
use ed25519_dalek::SigningKey;
#[cfg(unix)]
use wire::Stream;
use wire::{Order, ServerMessage, SignedOrder};

use crate::harness::{Server, id, script};

/// What is done to a good order.
type Spoil = Box<dyn Fn(Order) -> Order>;

/// A script that proves by a file that it ran.
fn touch(folder: &std::path::Path, name: &str) -> (PathBuf, Command) {
    let path = folder.join(name);
    (path.clone(), script::append(&path, "yes"))
}

/// R10, R22: the agent checks for itself; what the server asks for does not matter.
#[tokio::test]
async fn orders_that_are_not_in_order_are_refused() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let now = agent::clock::now();
    let minute = Duration::from_secs(60);
    let other = script::nothing();
    let read = Command::Verb(Verb::FileRead {
        path: "/etc/hosts".into(),
    });
    let cases: Vec<(&str, RefusalReason, Spoil)> = vec![
        (
            "other endpoint",
            RefusalReason::WrongEndpoint,
            Box::new(|o| Order { endpoint: id(77), ..o }),
        ),
        (
            "other org",
            RefusalReason::WrongEndpoint,
            Box::new(|o| Order { org: id(77), ..o }),
        ),
        (
            "expired",
            RefusalReason::OrderExpired,
            Box::new(move |o| Order {
                expires: now.minus(minute),
                ..o
            }),
        ),
        (
            "too early",
            RefusalReason::OrderExpired,
            Box::new(move |o| Order {
                not_before: now.plus(minute),
                ..o
            }),
        ),
        (
            "another verb's scope",
            RefusalReason::OutOfScope,
            Box::new(|o| Order {
                scope: "system.info".into(),
                ..o
            }),
        ),
        ("another script's scope", RefusalReason::ChangedBytes, {
            let scope = gate::scope::Scope::exactly(&other).unwrap().to_string();
            Box::new(move |o| Order {
                scope: scope.clone(),
                ..o
            })
        }),
        (
            "no scope",
            RefusalReason::Malformed,
            Box::new(|o| Order {
                scope: String::new(),
                ..o
            }),
        ),
        (
            "another command's digest",
            RefusalReason::ChangedBytes,
            Box::new(move |o| Order {
                command_digest: read.digest(),
                ..o
            }),
        ),
        (
            "no time limit",
            RefusalReason::Malformed,
            Box::new(|o| Order {
                time_limit_seconds: 0,
                ..o
            }),
        ),
        (
            "another version",
            RefusalReason::Unsupported,
            Box::new(|o| Order { v: 9, ..o }),
        ),
    ];
    for (name, reason, spoil) in cases {
        let (proof, command) = touch(agent.folder.path(), "ran");
        let story = server.story(&mut link, &spoil(server.order(command))).await;
        assert_eq!(story.refusal().0, reason, "{name}");
        assert_eq!(story.reports.len(), 1, "{name}");
        assert!(!proof.exists(), "{name}: it ran");
    }
    let (proof, command) = touch(agent.folder.path(), "ran");
    server.story(&mut link, &server.order(command)).await;
    assert!(proof.exists(), "unspoilt, the same order runs");
}

/// R10: one byte changed after signing, or another key, and nothing runs.
#[tokio::test]
async fn what_the_server_did_not_sign_is_refused() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let (proof, command) = touch(agent.folder.path(), "ran");
    let order = server.order(command);
    let changed = |signed: SignedOrder| SignedOrder {
        order: signed.order.replacen("yes", "yet", 1),
        ..signed
    };
    let unsigned = |signed: SignedOrder| SignedOrder {
        signature: "00".repeat(64),
        ..signed
    };
    let forged = SignedOrder::sign(&order, &SigningKey::from_bytes(&[66; 32])).unwrap();
    for signed in [changed(server.sign(&order)), unsigned(server.sign(&order)), forged] {
        link.send(ServerMessage::Order(signed)).await;
        let story = link.story(order.action, true).await;
        assert_eq!(story.refusal().0, RefusalReason::BadSignature);
        agent.spool_empties().await;
    }
    assert!(!proof.exists());
}

/// R22: a nonce works once, for this or any other action; the same order again changes nothing.
#[tokio::test]
async fn a_used_nonce_is_refused() {
    let mut server = Server::start().await;
    let (mut agent, mut link) = server.agent().await;
    let count = agent.folder.path().join("count");
    let order = server.order(script::append(&count, "ran"));
    server.story(&mut link, &order).await;
    agent.spool_empties().await;
    for restarted in [false, true] {
        if restarted {
            agent.kill();
            agent.run();
            link = server.ready().await;
        }
        server.send_order(&mut link, &order).await;
        let replay = Order {
            nonce: order.nonce.clone(),
            ..server.order(script::append(&count, "again"))
        };
        let story = server.story(&mut link, &replay).await;
        assert_eq!(story.refusal().0, RefusalReason::Replayed);
        let same_action = Order {
            action: order.action,
            ..server.order(script::append(&count, "again"))
        };
        let story = server.story(&mut link, &same_action).await;
        assert_eq!(story.refusal().0, RefusalReason::Replayed);
        agent.spool_empties().await;
    }
    // Everything before it was taken in order, so the duplicates had their chance.
    server.story(&mut link, &server.order(script::nothing())).await;
    assert_eq!(
        std::fs::read_to_string(&count).unwrap().lines().collect::<Vec<_>>(),
        ["ran"]
    );
}

/// R10, R21: a link that leads out of the scope is refused by what it leads to; inside, the real path is reported. (On Windows
/// making one needs a privilege.)
#[cfg(unix)]
#[tokio::test]
async fn a_link_out_of_the_scope_is_refused() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let root = agent.folder.path().canonicalize().unwrap();
    let inside = root.join("in");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("real"), "hello\n").unwrap();
    std::fs::write(root.join("secret"), "secret\n").unwrap();
    std::os::unix::fs::symlink("real", inside.join("fine")).unwrap();
    std::os::unix::fs::symlink("../secret", inside.join("escape")).unwrap();
    let read = |name: &str| {
        let order = server.order(Command::Verb(Verb::FileRead {
            path: inside.join(name).display().to_string(),
        }));
        Order {
            scope: format!("file.read(\"{}/**\")", inside.display()),
            ..order
        }
    };
    let story = server.story(&mut link, &read("fine")).await;
    assert_eq!(
        (story.resource(), story.text(Stream::Stdout).as_str()),
        (inside.join("real").to_str().unwrap(), "hello\n")
    );
    let story = server.story(&mut link, &read("escape")).await;
    assert_eq!(story.refusal().0, RefusalReason::OutOfScope);
    assert_eq!(story.reports.len(), 1);
}

/// The device key is no verb's to read, whatever was approved.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_agents_own_files_are_refused() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let path = agent
        .data()
        .canonicalize()
        .unwrap()
        .join("identity.json")
        .display()
        .to_string();
    let story = server
        .story(&mut link, &server.order(Command::Verb(Verb::FileRead { path })))
        .await;
    assert_eq!(story.refusal().0, RefusalReason::OutOfScope);
}
