//! systemd's side of the conversation, spoken over a real D-Bus connection by an object with its interface.

use super::*;

use std::sync::{Arc, Mutex};

use zbus::object_server::SignalEmitter;
use zbus::{connection, interface};

const UNIT_PATH: &str = "/org/freedesktop/systemd1/unit/pos_2eservice";

#[derive(Clone)]
struct Manager {
    changes: Changes,
    result: &'static str,
}

/// What was asked for.
type Changes = Arc<Mutex<Vec<&'static str>>>;

type UnitRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    OwnedObjectPath,
    u32,
    &'static str,
    OwnedObjectPath,
);

impl Manager {
    /// Takes a job, and ends another one before it.
    async fn job(
        &self,
        what: &'static str,
        (name, mode): (&str, &str),
        emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        assert_eq!((name, mode), ("pos.service", "replace"));
        self.changes.lock().unwrap().push(what);
        let job = |n: u32| OwnedObjectPath::try_from(format!("/org/freedesktop/systemd1/job/{n}")).unwrap();
        Self::job_removed(&emitter, 6, job(6), "other.service".into(), "failed".into()).await?;
        Self::job_removed(&emitter, 7, job(7), name.to_owned(), self.result.to_owned()).await?;
        Ok(job(7))
    }
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

    async fn start_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        self.job("start", (name, mode), emitter).await
    }

    async fn stop_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        self.job("stop", (name, mode), emitter).await
    }

    async fn restart_unit(
        &self,
        name: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        self.job("restart", (name, mode), emitter).await
    }

    fn list_units(&self) -> Vec<UnitRow> {
        let unit = |name, description, load, active, sub| {
            let none = || OwnedObjectPath::try_from("/").unwrap();
            (name, description, load, active, sub, "", none(), 0, "", none())
        };
        vec![
            unit("pos.service", "Point of sale", "loaded", "active", "running"),
            unit("gone.service", "gone.service", "not-found", "inactive", "dead"),
            unit("tmp.mount", "Temporary", "loaded", "active", "mounted"),
            unit("getty@tty1.service", "Getty on tty1", "loaded", "active", "running"),
        ]
    }

    fn list_unit_files(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("/usr/lib/systemd/system/pos.service", "enabled"),
            ("/usr/lib/systemd/system/cups.service", "disabled"),
            ("/usr/lib/systemd/system/getty@.service", "enabled"),
            ("/usr/lib/systemd/system/tmp.mount", "static"),
        ]
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
async fn bus(result: &'static str) -> (Connection, Connection, Changes) {
    let changes = Changes::default();
    let manager = Manager {
        changes: Arc::clone(&changes),
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
    (near, far, changes)
}

fn task(service: &str, what: Do) -> Task {
    Task {
        service: service.into(),
        what,
    }
}

/// R12: a service's state, as systemd tells it.
#[tokio::test]
async fn status_tells_what_systemd_knows() {
    let (near, _far, changes) = bus("done").await;
    let (text, end) = task("pos", Do::Status).ask_over(&near).await.unwrap();
    assert_eq!(
        text,
        "pos.service: Point of sale\nLoaded: loaded\nState: active (running) since 2026-03-01 02:47:09 UTC\nMain process: 4711\n"
    );
    assert_eq!(end, End::succeeded());
    let (_, end) = task("nope", Do::Restart).ask_over(&near).await.unwrap();
    assert_eq!(end, End::failed("There is no service nope."));
    assert!(changes.lock().unwrap().is_empty());
}

/// R12: a change waits for its own job's end and tells its result.
#[tokio::test]
async fn a_change_waits_for_its_job() {
    use domain::action::Outcome;
    for (what, word) in [(Do::Start, "start"), (Do::Stop, "stop"), (Do::Restart, "restart")] {
        for (result, outcome) in [("done", Outcome::Succeeded), ("failed", Outcome::Failed)] {
            let (near, _far, changes) = bus(result).await;
            let (text, end) = task("pos", what).ask_over(&near).await.unwrap();
            assert!(
                text.starts_with(&format!(
                    "Before: active (running)\nThe {word} ended as: {result}\npos.service:"
                )),
                "{text}"
            );
            assert_eq!(end.outcome, outcome);
            assert_eq!(*changes.lock().unwrap(), [word]);
        }
    }
}

/// R12: services in memory and services that are only installed; units of other kinds and what is gone are left out.
#[tokio::test]
async fn all_services_are_listed() {
    let (near, _far, changes) = bus("done").await;
    assert_eq!(
        list::list(&near).await.unwrap(),
        "SERVICE     STATE                  START     DESCRIPTION\n\
         cups        inactive (not loaded)  disabled  -\n\
         getty@tty1  active (running)       -         Getty on tty1\n\
         pos         active (running)       enabled   Point of sale\n"
    );
    assert!(changes.lock().unwrap().is_empty());
}
