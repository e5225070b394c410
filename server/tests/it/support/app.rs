//! A whole server with one organisation, on a real port and a database of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::api::{Accounts as _, EndpointState, EndpointView, Endpoints, LeafView, NewLink, Record, TokenSpec};
use domain::ids::{ClientId, EndpointId};
use engine::{Deps, Engine};
use release::folder::Folder;
use server::wiring::{self, Running};
use tokio::net::TcpListener;

use super::agent::{Device, FakeAgent};
use super::clock::TestClock;
use super::http::Http;
use super::person::Person;
use super::template::{self, Template};

/// The server and its people.
pub(crate) struct TestApp {
    folder: tempfile::TempDir,
    running: Option<Running>,
    clock: Arc<TestClock>,
    engine: Option<Engine>,
    pub(crate) address: SocketAddr,
    /// The client of the people's organisation, tagged `pci`.
    pub(crate) client: ClientId,
    template: &'static Template,
    /// Who is asked to cosign.
    witnesses: Vec<wiring::Asked>,
    /// Where copies of checkpoints go.
    copies: Vec<wiring::Copies>,
    /// Who is told of alarms.
    alarms: Vec<wiring::Alarms>,
    /// Through which server incidents are mailed.
    incidents: Option<wiring::MailServer>,
}

impl TestApp {
    /// A server with the template's organisations.
    pub(crate) async fn start() -> Self {
        let template = tokio::task::spawn_blocking(Template::get).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        template.copy(&data);
        make_site(&folder.path().join("site"));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut app = Self {
            folder,
            running: None,
            clock: Arc::new(TestClock::new()),
            engine: None,
            address,
            client: template.client,
            template,
            witnesses: vec![],
            copies: vec![],
            alarms: vec![],
            incidents: None,
        };
        app.boot().await;
        app
    }

    /// Stops the server and starts it again on the same database; agents and live views are cut off.
    pub(crate) async fn restart(&mut self) {
        self.shut_down().await;
        self.boot().await;
    }

    /// Stops the server, so that a test may look at or change its files. Whoever else holds the engine must be dropped first.
    pub(crate) async fn shut_down(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        if let Some(engine) = self.engine.take() {
            engine.close().await;
            drop(engine);
            let data = self.data();
            tokio::task::spawn_blocking(move || template::at_rest(&data))
                .await
                .unwrap();
        }
    }

    /// Starts the stopped server again.
    pub(crate) async fn boot(&mut self) {
        let deps = Deps {
            clock: self.clock.clone(),
            random: Deps::system().random,
        };
        let engine = template::open(self.data(), deps.clone()).await;
        let listener = TcpListener::bind(("127.0.0.1", self.address.port())).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let releases = self.folder.path().join("releases");
        let releases = if releases.exists() {
            Folder::open(&releases).unwrap()
        } else {
            Folder::default()
        };
        let config = wiring::Config {
            public_url: format!("http://{}", self.address),
            site: self.folder.path().join("site"),
            trusted_proxy: None,
            witnesses: self.witnesses.clone(),
            copies: self.copies.clone(),
            alarms: self.alarms.clone(),
            incidents: self.incidents.clone(),
            releases: Arc::new(releases),
        };
        self.running = Some(wiring::start(listener, config, engine.clone(), deps).await.unwrap());
        self.engine = Some(engine);
    }

    /// Starts the server again, now with a witness: its key, @, its address.
    pub(crate) async fn witnessed_by(&mut self, asked: &str) {
        self.witnesses = vec![asked.parse().unwrap()];
        self.restart().await;
    }

    /// Starts the server again, now with copies of its checkpoints going there.
    pub(crate) async fn copied_to(&mut self, copies: wiring::Copies) {
        self.copies = vec![copies];
        self.restart().await;
    }

    /// Starts the server again, now with somebody who is told of alarms.
    pub(crate) async fn alarming(&mut self, whom: wiring::Alarms) {
        self.alarms = vec![whom];
        self.restart().await;
    }

    /// Starts the server again, now with incidents mailed.
    pub(crate) async fn mailing(&mut self, server: wiring::MailServer) {
        self.incidents = Some(server);
        self.restart().await;
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the server runs")
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for whatever a test makes.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Lets time pass, then has the engine do what is due.
    pub(crate) async fn let_pass(&self, time: Duration) {
        self.clock.advance(time);
        self.engine().expire().await.unwrap();
    }

    /// Somebody who is not signed in.
    pub(crate) fn nobody(&self) -> Http {
        Http {
            address: self.address,
            token: None,
        }
    }

    pub(crate) async fn admin(&self) -> Person {
        self.person(&self.template.admin).await
    }

    pub(crate) async fn technician(&self) -> Person {
        self.person(&self.template.technician).await
    }

    /// A contact of the client: an approver.
    pub(crate) async fn contact(&self) -> Person {
        self.person(&self.template.contact).await
    }

    /// Another contact of the client.
    pub(crate) async fn manager(&self) -> Person {
        self.person(&self.template.manager).await
    }

    /// The director; signed in anew where so much time has passed that the web session is over.
    pub(crate) async fn director(&self) -> Person {
        let token = &self.template.director;
        match self.engine().resume(token, "192.0.2.7").await.unwrap() {
            Some(_) => self.person(token).await,
            None => {
                let anew = template::sign_in(self.engine(), template::DIRECTOR).await;
                self.person(&anew).await
            }
        }
    }

    /// Somebody of another organisation, with every role there.
    pub(crate) async fn stranger(&self) -> Person {
        self.person(&self.template.stranger).await
    }

    /// Whoever a web session's token belongs to.
    pub(crate) async fn person(&self, token: &str) -> Person {
        Person::new(self.engine().clone(), self.address, token).await
    }

    /// A machine of the client, enrolled with a fresh token; not connected.
    pub(crate) async fn enrol(&self, hostname: &str) -> Device {
        let token = self.token().await;
        Device::enrol(self.address, &token, hostname)
            .await
            .expect("the token is good")
    }

    /// The same, connected.
    pub(crate) async fn agent(&self, hostname: &str) -> FakeAgent {
        self.enrol(hostname)
            .await
            .connect(self.address)
            .await
            .expect("the key is known")
    }

    /// Where an endpoint stands.
    pub(crate) async fn state(&self, endpoint: EndpointId) -> EndpointState {
        let admin = self.admin().await;
        self.engine().endpoint(&admin.caller, endpoint).await.unwrap().row.state
    }

    /// The latest 50 leaves of the people's organisation, oldest first.
    pub(crate) async fn record(&self) -> Vec<LeafView> {
        let director = self.director().await;
        let mut latest = self.engine().record_status(&director.caller).await.unwrap().latest;
        latest.reverse();
        latest
    }

    /// Sets the password behind a one-time link; gives the web session's token.
    pub(crate) async fn redeem(&self, link: &NewLink) -> String {
        template::redeem(self.engine(), link).await
    }

    /// Waits until something that happens by itself has happened.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, happened: impl Fn() -> F) {
        let mut wakes = self.engine().subscribe();
        let all = async {
            while !happened().await {
                let _ = wakes.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all)
            .await
            .expect("it happens");
    }

    /// Waits until something that another program does has happened: nothing wakes for that, so it looks again and again.
    pub(crate) async fn soon<F: Future<Output = bool>>(&self, happened: impl Fn() -> F) {
        let all = async {
            while !happened().await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all)
            .await
            .expect("it happens");
    }

    /// The data folder, for a command line.
    pub(crate) fn data_text(&self) -> String {
        self.data().display().to_string()
    }

    /// A fresh enrolment token of the client.
    pub(crate) async fn token(&self) -> String {
        let admin = self.admin().await;
        self.engine()
            .create_token(&admin.caller, TokenSpec::once(self.client))
            .await
            .unwrap()
            .token
    }

    /// How an endpoint's page shows it to an admin.
    pub(crate) async fn endpoint(&self, endpoint: EndpointId) -> EndpointView {
        let admin = self.admin().await;
        self.engine().endpoint(&admin.caller, endpoint).await.unwrap()
    }

    /// How often a kind of event is among the latest of the people's organisation.
    pub(crate) async fn recorded(&self, kind: &str) -> usize {
        self.record().await.iter().filter(|l| l.kind == kind).count()
    }
}

/// What the server serves as files, as far as tests ask for it.
pub(crate) fn make_site(site: &Path) {
    for (file, text) in [
        ("pkg/countersign.css", "main{}"),
        ("pkg/countersign.js", "export default 1"),
        ("pkg/countersign_bg.wasm", "\0asm"),
        ("verifier/share.js", "export {}"),
        ("verifier/verifier.wasm", "\0asm"),
    ] {
        let file = site.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}
