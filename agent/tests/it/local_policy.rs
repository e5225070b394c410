//! The endpoint owner's own policy: only ever stricter, read for each order, and never in the server's hands.

use agent::data::{DataDir, write_atomically};
use domain::action::{Command, Outcome, RefusalReason, Verb};
#[cfg(unix)]
use wire::Order;

use crate::harness::{Server, script};

/// R10: what the owner forbids is refused before the order counts as used, whatever it carries; an unreadable file forbids
/// all of it.
#[tokio::test]
async fn what_the_owner_forbids_does_not_run() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let data = DataDir::open(&agent.data()).unwrap();
    let proof = agent.folder.path().join("ran");
    let order = server.order(script::append(&proof, "ran"));
    for (policy, says) in [
        ("deny = [\"script\"]", "The endpoint's own policy denies script."),
        ("deny = [", "can't be read, so nothing runs there"),
    ] {
        write_atomically(&data.local_policy(), policy.as_bytes()).unwrap();
        let story = server.story(&mut link, &order).await;
        let (reason, detail) = story.refusal();
        assert_eq!(reason, RefusalReason::LocalPolicy);
        assert!(detail.contains(says), "{detail}");
        agent.spool_empties().await;
    }
    assert!(!proof.exists());
    let info = server.order(Command::Verb(Verb::SystemInfo));
    let story = server.story(&mut link, &info).await;
    assert_eq!(story.refusal().0, RefusalReason::LocalPolicy, "all of it");
    write_atomically(&data.local_policy(), b"deny = [\"service.restart\"]").unwrap();
    let story = server.story(&mut link, &order).await;
    assert_eq!(story.outcome(), Outcome::Succeeded, "the order was not used up");
    assert_eq!(std::fs::read_to_string(&proof).unwrap().trim_end(), "ran");
}

/// R10: a file that the owner forbids stays so under another name that leads to it. (On Windows making such a name needs a
/// privilege.)
#[cfg(unix)]
#[tokio::test]
async fn a_forbidden_file_has_no_other_name() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let folder = agent.folder.path().canonicalize().unwrap().join("files");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("forbidden"), "text").unwrap();
    std::os::unix::fs::symlink(folder.join("forbidden"), folder.join("link")).unwrap();
    let folder = folder.display().to_string();
    let order = |server: &Server| Order {
        scope: format!("file.read(\"{folder}/**\")"),
        ..server.order(Command::Verb(Verb::FileRead {
            path: format!("{folder}/link"),
        }))
    };
    let story = server.story(&mut link, &order(&server)).await;
    assert_eq!(story.outcome(), Outcome::Succeeded);
    let data = DataDir::open(&agent.data()).unwrap();
    let policy = format!("deny = ['file.read(\"{folder}/forbidden\")']");
    write_atomically(&data.local_policy(), policy.as_bytes()).unwrap();
    let story = server.story(&mut link, &order(&server)).await;
    assert_eq!(story.refusal().0, RefusalReason::LocalPolicy);
}
