//! On Windows: a program that runs is renamed, and the service manager starts the one that has its place.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use agent::update::swap::{Place, Step};
use domain::digest::Digest;
use ed25519_dalek::SigningKey;
use win::this_service::{self, State};
use wire::UpdateStage;

use super::support::{NEW, OLD, about, offer_and_lose, signed_by, stages, stamped, states};
use crate::harness::{Server, cli, eventually};
use crate::windows::{SERVICE, blocking, said};

/// R16: the program that runs loses its place and gets it back, while it runs; what is left goes once it ended.
#[tokio::test]
async fn a_program_that_runs_is_replaced_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let (program, staged) = (dir.path().join("agent.exe"), dir.path().join("staged.exe"));
    let (old, new) = (stamped(OLD), stamped(NEW));
    std::fs::write(&program, &old).unwrap();
    std::fs::write(&staged, &new).unwrap();
    // It waits for an answer that never comes.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let run = || {
        let mut process = Command::new(&program);
        process.args(["enrol", "--token", "t", "--url", &url, "--data"]);
        process.arg(dir.path().join("data")).stderr(Stdio::null());
        let process = process.spawn().unwrap();
        (process, silent.accept().unwrap())
    };
    let end = |(mut process, _): (Child, (TcpStream, SocketAddr))| {
        assert!(process.try_wait().unwrap().is_none(), "it ran all the time");
        process.kill().unwrap();
        process.wait().unwrap();
    };
    let running = run();
    let place = Place::of(program.clone());
    for step in Step::ALL {
        let done = place.swap(step, &staged, Digest::of(&[&new]));
        assert!(done.is_ok(), "{step:?}: {done:?}");
    }
    assert_eq!(std::fs::read(&program).unwrap(), new);
    assert_eq!(std::fs::read(place.old()).unwrap(), old);
    end(running);
    let running = run();
    place.give_back().unwrap();
    assert_eq!(std::fs::read(&program).unwrap(), old);
    end(running);
    place.clean();
    std::fs::remove_file(&staged).unwrap();
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(
        left.iter()
            .filter(|n| n.to_string_lossy().contains("agent.exe"))
            .count(),
        1,
        "{left:?}"
    );
}

/// R10, R14, R16: a service takes a release by the key that lay beside the program it was installed from, and ends as one that
/// failed; what is started then is the new version, and it stays.
/// (The test starts it: Wine does not start services that failed.)
#[tokio::test]
async fn a_service_is_replaced() {
    let _alone = SERVICE.lock().await;
    let name = agent::install::NAME;
    let mut server = Server::start().await;
    let agent = server.enrolled_agent().await;
    let data = agent.data();
    let key = SigningKey::from_bytes(&[4; 32]);
    let from = agent.folder.path();
    let program = from.join("countersign-agent.exe");
    std::fs::write(&program, stamped(OLD)).unwrap();
    std::fs::write(from.join("release.pub"), wire::public_key_text(&key.verifying_key())).unwrap();
    let installing = blocking({
        let data = data.clone();
        move || {
            Command::new(program)
                .args(["install", "--data"])
                .arg(data)
                .output()
                .unwrap()
        }
    });
    let (installed, mut link) = tokio::join!(installing, server.ready());
    assert!(installed.status.success(), "{}", said(&installed));

    let release = signed_by(&key, stamped(NEW), &about(NEW));
    offer_and_lose(&mut link, &release).await;
    while link.next_event().await.is_some() {}
    let mut trial = server.try_ready().await.expect("it waits until it is let in");
    while trial.next_event().await.is_some() {}
    eventually("the service ended", || {
        this_service::query(name).unwrap() == Some(State::Stopped)
    })
    .await;
    let installed = win::folders::programs()
        .unwrap()
        .join("Countersign")
        .join("countersign-agent.exe");
    let version = || {
        release::stamp::stamped(&std::fs::read(&installed).unwrap())
            .unwrap()
            .to_string()
    };
    assert_eq!(version(), NEW);

    let (started, mut link) = tokio::join!(blocking(move || this_service::start(name)), server.ready());
    started.unwrap();
    let told = states(&mut link).await;
    assert_eq!(stages(&told), [UpdateStage::Started, UpdateStage::Committed]);
    eventually("nothing of it is left", || {
        std::fs::read_dir(installed.parent().unwrap()).unwrap().count() == 1 && !data.join("update").exists()
    })
    .await;
    assert_eq!(this_service::query(name).unwrap(), Some(State::Running));
    let removed = blocking(move || cli(&["uninstall"], &data)).await;
    assert!(removed.status.success(), "{}", said(&removed));
}
