//! systemd's side of the conversation, spoken over a real D-Bus connection by an object with its interface.

use super::*;

use std::sync::{Arc, Mutex};

use zbus::object_server::SignalEmitter;
use zbus::{connection, interface};

const UNIT_PATH: &str = "/org/freedesktop/systemd1/unit/pos_2eservice";

#[derive(Clone)]
struct Manager {
    restarts: Arc<Mutex<u32>>,
    result: &'static str,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn subscribe(&self) {}

    fn load_unit(&self, name: &str) -> zbus::fdo::Result<OwnedObjectPath> {
        let path = if name == "pos.service" {
            UNIT_PATH
        } else {
            "/org/freedesktop/systemd1/unit/none"
        };
        OwnedObjectPath::try_from(path).map_err(|e| zbus::fdo::Error::Failed(e.to_string()))
    }

    async fn restart_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        assert_eq!((name, mode), ("pos.service", "replace"));
        *self.restarts.lock().unwrap() += 1;
        let job = |n: u32| OwnedObjectPath::try_from(format!("/org/freedesktop/systemd1/job/{n}")).unwrap();
        Self::job_removed(&emitter, 6, job(6), "other.service".into(), "failed".into()).await?;
        Self::job_removed(&emitter, 7, job(7), name.to_owned(), self.result.to_owned()).await?;
        Ok(job(7))
    }

    #[zbus(signal)]
    async fn job_removed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        job: OwnedObjectPath,
        unit: String,
        result: String,
    ) -> zbus::Result<()>;
}

struct Unit(&'static str);

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property)]
    fn load_state(&self) -> String {
        self.0.into()
    }
    #[zbus(property)]
    fn active_state(&self) -> String {
        "active".into()
    }
    #[zbus(property)]
    fn sub_state(&self) -> String {
        "running".into()
    }
    #[zbus(property)]
    fn description(&self) -> String {
        "Point of sale".into()
    }
    #[zbus(property)]
    fn state_change_timestamp(&self) -> u64 {
        1_772_333_229_000_000
    }
}

struct Service;

#[interface(name = "org.freedesktop.systemd1.Service")]
impl Service {
    #[zbus(property, name = "MainPID")]
    fn main_pid(&self) -> u32 {
        4711
    }
}

/// Two ends of a D-Bus connection, with systemd's objects at the far one.
async fn bus(result: &'static str) -> (Connection, Connection, Arc<Mutex<u32>>) {
    let restarts = Arc::default();
    let manager = Manager {
        restarts: Arc::clone(&restarts),
        result,
    };
    let (near, far) = tokio::net::UnixStream::pair().unwrap();
    let guid = zbus::Guid::generate();
    let far = connection::Builder::unix_stream(far).server(guid).unwrap().p2p();
    let far = far
        .serve_at(PATH, manager)
        .unwrap()
        .serve_at(UNIT_PATH, Unit("loaded"))
        .unwrap()
        .serve_at(UNIT_PATH, Service)
        .unwrap();
    let far = far
        .serve_at("/org/freedesktop/systemd1/unit/none", Unit("not-found"))
        .unwrap();
    let far = far.serve_at("/org/freedesktop/systemd1/unit/none", Service).unwrap();
    let near = connection::Builder::unix_stream(near).p2p();
    let (near, far) = tokio::try_join!(near.build(), far.build()).unwrap();
    (near, far, restarts)
}

fn task(service: &str, restart: bool) -> Task {
    Task {
        service: service.into(),
        restart,
    }
}

/// R12: a service's state, as systemd tells it.
#[tokio::test]
async fn status_tells_what_systemd_knows() {
    let (near, _far, restarts) = bus("done").await;
    let (text, end) = task("pos", false).ask_over(&near).await.unwrap();
    assert_eq!(
        text,
        "pos.service: Point of sale\nLoaded: loaded\nState: active (running) since 2026-03-01 02:47:09 UTC\nMain process: 4711\n"
    );
    assert_eq!(end, End::succeeded());
    let (_, end) = task("nope", true).ask_over(&near).await.unwrap();
    assert_eq!(end, End::failed("There is no service nope."));
    assert_eq!(*restarts.lock().unwrap(), 0);
}

/// R12: a restart waits for its own job's end and tells its result.
#[tokio::test]
async fn a_restart_waits_for_its_job() {
    for (result, outcome) in [
        ("done", domain::action::Outcome::Succeeded),
        ("failed", domain::action::Outcome::Failed),
    ] {
        let (near, _far, restarts) = bus(result).await;
        let (text, end) = task("pos", true).ask_over(&near).await.unwrap();
        assert!(text.starts_with(&format!("Restart: {result}\npos.service:")), "{text}");
        assert_eq!(end.outcome, outcome);
        assert_eq!(*restarts.lock().unwrap(), 1);
    }
}
