//! Verbs as only Windows has them, on this very system (R10, R12, R21).

use std::ffi::OsString;
use std::time::{Duration, Instant};

use domain::action::{Command, Outcome, RefusalReason, RegistryData, Verb};
use gate::name::{FilePath, RegistryKey};
use win::registry::testing::Scratch;
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use wire::{Order, Stream};

use crate::harness::{CANARY, PATIENCE, Server};

fn key(scratch: &Scratch, below: &str) -> String {
    let key: RegistryKey = format!(r"HKLM\{}{below}", scratch.path).parse().unwrap();
    key.to_string()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// R10, R12, R21: a key is read in the narrowed scope, redacted, and refused outside of it and through a link out of it; a
/// value is set.
#[tokio::test]
async fn the_registry_is_read_and_written_within_the_scope() {
    let (mut pos, other) = (Scratch::below("SOFTWARE"), Scratch::below("SOFTWARE"));
    pos.value("Port", 1, &wide("COM1"));
    pos.value("Card", 1, &wide(CANARY));
    other.key("Secret");
    pos.link("Link", &format!(r"\REGISTRY\MACHINE\{}", other.path));
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let scope = format!("registry.read(\"{}\\**\")", key(&pos, ""));
    let read = |key: String| Order {
        scope: scope.clone(),
        ..server.order(Command::Verb(Verb::RegistryRead { key }))
    };

    let order = read(key(&pos, ""));
    let story = server.story(&mut link, &order).await;
    assert_eq!(story.outcome(), Outcome::Succeeded, "{}", story.finish().note);
    let text = story.text(Stream::Stdout);
    assert!(text.contains("Port  REG_SZ  COM1"), "{text}");
    assert!(text.contains("Card  REG_SZ") && !text.contains(CANARY), "{text}");
    assert_eq!(story.resource().to_lowercase(), key(&pos, "").to_lowercase());
    story.check(&server, &order);

    for outside in [
        key(&other, ""),
        key(&pos, r"\Link"),
        key(&pos, r"\Link\Secret"),
        key(&pos, r"\Link\Missing"),
    ] {
        let story = server.story(&mut link, &read(outside.clone())).await;
        assert_eq!(story.refusal().0, RefusalReason::OutOfScope, "{outside}");
    }
    let story = server.story(&mut link, &read(key(&pos, r"\Missing"))).await;
    assert!(
        story.finish().note.starts_with("There is no key"),
        "{}",
        story.finish().note
    );

    let write = Command::Verb(Verb::RegistryWrite {
        key: key(&pos, ""),
        value: "Port".into(),
        data: RegistryData::Sz("COM2".into()),
    });
    let story = server.story(&mut link, &server.order(write)).await;
    assert_eq!(story.outcome(), Outcome::Succeeded, "{}", story.finish().note);
    let text = story.text(Stream::Stdout);
    let (before, after) = text.split_once("After:").unwrap();
    assert!(before.contains("COM1") && after.contains("COM2"), "{text}");
    assert!(!agent.holds(CANARY));
}

/// Wine 8's service manager takes one thread of a process at a time, and tells another that its handle is invalid.
fn patiently<T>(mut ask: impl FnMut() -> windows_service::Result<T>) -> T {
    const ERROR_INVALID_HANDLE: i32 = 6;
    for _ in 0..100 {
        match ask() {
            Err(windows_service::Error::Winapi(e)) if e.raw_os_error() == Some(ERROR_INVALID_HANDLE) => {
                std::thread::sleep(Duration::from_millis(50));
            }
            other => return other.unwrap(),
        }
    }
    panic!("the service manager does not answer");
}

/// A service of the test; stopped and deleted when dropped.
struct Made(Service);

impl Made {
    fn new(name: &str) -> Self {
        let program = std::env::current_exe().unwrap();
        let program = program
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join(r"examples\quiet_service.exe");
        assert!(
            program.exists(),
            "build the package countersign-windows with its examples"
        );
        let info = ServiceInfo {
            name: name.into(),
            display_name: "Point of sale, printing".into(),
            service_type: ServiceType::OWN_PROCESS,
            start_type: ServiceStartType::OnDemand,
            error_control: ServiceErrorControl::Normal,
            executable_path: program,
            launch_arguments: vec![OsString::from(name)],
            dependencies: vec![],
            account_name: None,
            account_password: None,
        };
        Self(patiently(|| {
            ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::all())?
                .create_service(&info, ServiceAccess::all())
        }))
    }

    fn state(&self) -> (ServiceState, Option<u32>) {
        let status = patiently(|| self.0.query_status());
        (status.current_state, status.process_id)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = self.0.stop();
        let _ = self.0.delete();
    }
}

/// R12, R21: `POSPrint` is started, restarted and stopped as a real service; another spelling than its own is refused where
/// the scope has that spelling; one that is not there fails with what was looked for.
#[tokio::test]
async fn a_service_is_started_restarted_and_stopped() {
    let service = Made::new("POSPrint");
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let name = || "POSPrint".to_owned();
    let mut said = vec![];
    let mut pids = vec![];
    for (verb, state) in [
        (Verb::ServiceStart { service: name() }, ServiceState::Running),
        (Verb::ServiceRestart { service: name() }, ServiceState::Running),
        (Verb::ServiceStatus { service: name() }, ServiceState::Running),
        (Verb::ServiceStop { service: name() }, ServiceState::Stopped),
    ] {
        let order = server.order(Command::Verb(verb));
        let story = server.story(&mut link, &order).await;
        assert_eq!(story.outcome(), Outcome::Succeeded, "{}", story.finish().note);
        assert_eq!(story.resource(), "POSPrint");
        story.check(&server, &order);
        let (now, pid) = service.state();
        assert_eq!(now, state);
        pids.push(pid);
        said.push(story.text(Stream::Stdout));
    }
    assert!(pids[0] != pids[1] && pids[1] == pids[2], "{pids:?}");
    assert!(
        said[1].contains("POSPrint is stopped (") && said[1].contains("POSPrint runs as process"),
        "{}",
        said[1]
    );
    assert!(
        said[2].starts_with("POSPrint: Point of sale, printing\nState      running (process "),
        "{}",
        said[2]
    );
    assert!(said[3].contains("State      stopped"), "{}", said[3]);

    let other = Verb::ServiceStart {
        service: "posprint".into(),
    };
    let story = server.story(&mut link, &server.order(Command::Verb(other))).await;
    assert_eq!(story.refusal().0, RefusalReason::OutOfScope);
    assert_eq!(service.state().0, ServiceState::Stopped);
    let missing = Verb::ServiceRestart {
        service: "NoSuchService".into(),
    };
    let story = server.story(&mut link, &server.order(Command::Verb(missing))).await;
    assert_eq!(story.finish().note, "There is no service NoSuchService.");
    let story = server
        .story(&mut link, &server.order(Command::Verb(Verb::ServiceList)))
        .await;
    let list = story.text(Stream::Stdout);
    assert!(
        list.lines().any(|l| l.starts_with("POSPrint") && l.contains("stopped")),
        "{list}"
    );
}

/// R11, R12: a file in UTF-16 comes out as text, whole and by its last lines.
#[tokio::test]
async fn a_file_in_utf_16_comes_out_as_text() {
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    let path = agent.folder.path().join("POS.log");
    let text = "Kasse 3: 5 €\r\nKarte ☎\r\n";
    let bytes: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().parse::<FilePath>().unwrap().to_string();
    let read = Verb::FileRead { path: path.clone() };
    let story = server.story(&mut link, &server.order(Command::Verb(read))).await;
    assert_eq!(story.text(Stream::Stdout), text, "{}", story.finish().note);
    let tail = Verb::FileTail { path, lines: 1 };
    let story = server.story(&mut link, &server.order(Command::Verb(tail))).await;
    assert_eq!(story.text(Stream::Stdout), "Karte ☎\r\n");
}

/// R12: the network's configuration is told; a port that nothing answers on is given up.
#[tokio::test]
async fn the_network_is_told_and_a_silent_port_given_up() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let story = server
        .story(&mut link, &server.order(Command::Verb(Verb::NetConfig)))
        .await;
    assert!(
        story.text(Stream::Stdout).contains("127.0.0.1/8"),
        "{}",
        story.text(Stream::Stdout)
    );
    // Of a network that is for examples only (RFC 5737).
    let probe = Verb::NetProbe {
        host: "192.0.2.1".into(),
        port: 443,
    };
    let began = Instant::now();
    let story = server.story(&mut link, &server.order(Command::Verb(probe))).await;
    assert_eq!(story.outcome(), Outcome::Failed);
    let note = &story.finish().note;
    assert!(note.starts_with("Port 443 of 192.0.2.1 does not answer: "), "{note}");
    assert!(began.elapsed() < PATIENCE / 2);
}

/// R12: a log that can't be read fails in plain words, and is not taken for an empty one.
#[tokio::test]
async fn a_log_that_is_not_there_fails() {
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let verb = Verb::LogRead {
        log: "No-Such-Log".into(),
        since_minutes: 60,
    };
    let story = server.story(&mut link, &server.order(Command::Verb(verb))).await;
    assert_eq!(story.outcome(), Outcome::Failed);
    let note = &story.finish().note;
    assert!(
        note == "There is no event log No-Such-Log." || note.starts_with("Windows does not tell its event logs: "),
        "{note}"
    );
}
