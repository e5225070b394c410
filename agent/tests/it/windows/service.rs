//! The agent as a Windows service, by its own commands.

use domain::action::Outcome;
use win::this_service::{self, State};
use wire::{GoodbyeReason, ServerEvent, Stream};

use super::{Beat, SERVICE, blocking, said};
use crate::harness::{Server, cli, script};

/// R14, R16: installed, the agent connects by itself and runs orders; stopped by the service manager it ends what runs,
/// truthfully; removed, nothing is left but its data.
#[tokio::test]
async fn the_service_lives_from_installation_to_removal() {
    let _alone = SERVICE.lock().await;
    let name = agent::install::NAME;
    let mut server = Server::start().await;
    let agent = server.enrolled_agent().await;
    let data = agent.data();
    let installing = tokio::task::spawn_blocking({
        let data = data.clone();
        move || cli(&["install"], &data)
    });
    let mut link = server.ready().await;
    let installed = installing.await.unwrap();
    assert!(
        installed.status.success() && said(&installed).contains("is installed and runs"),
        "{}",
        said(&installed)
    );
    assert_eq!(this_service::query(name).unwrap(), Some(State::Running));
    let story = server.story(&mut link, &server.order(script::print("hello"))).await;
    assert_eq!(story.text(Stream::Stdout).trim_end(), "hello");
    agent.spool_empties().await;
    let status = cli(&["status"], &data);
    assert!(said(&status).contains("connected since"), "{}", said(&status));

    let beat = Beat::new(agent.folder.path(), "below");
    let order = server.script(&format!("call \"{}\"\r\n", beat.script.display()));
    server.send_order(&mut link, &order).await;
    beat.runs().await;
    let goodbye = async {
        loop {
            if let ServerEvent::Goodbye(reason) = link.word().await {
                return reason;
            }
        }
    };
    let (stopped, reason) = tokio::join!(blocking(move || this_service::stop(name)), goodbye);
    stopped.unwrap();
    assert_eq!(reason, GoodbyeReason::Stopped);
    beat.is_gone().await;

    blocking(move || this_service::start(name)).await.unwrap();
    let story = server.ready().await.story(order.action, true).await;
    assert_eq!(story.outcome(), Outcome::Cancelled);
    assert!(
        story.finish().note.contains("agent was stopped"),
        "{}",
        story.finish().note
    );
    story.check(&server, &order);

    let removed = blocking({
        let data = data.clone();
        move || cli(&["uninstall"], &data)
    })
    .await;
    assert!(removed.status.success(), "{}", said(&removed));
    assert_eq!(this_service::query(name).unwrap(), None);
    assert!(
        data.join("identity.json").exists(),
        "its identity is the owner's to remove"
    );
}

/// `service-run` is for the service manager: whoever calls it otherwise does not get an agent.
#[tokio::test]
async fn only_the_service_manager_starts_a_service() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let ran = blocking(move || cli(&["service-run"], &data)).await;
    assert!(!ran.status.success());
}
