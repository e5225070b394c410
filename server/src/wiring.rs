//! Puts the parts together: what the program, the demo and every test run is built here and nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use engine::{Deps, Engine};
use release::folder::Folder;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use wire::{SignedManifest, Version};

use crate::{agents, auth, export, live, share, tiles, web, witness};

pub use crate::witness::alarms::Alarms;
pub use crate::witness::ask::Asked;
pub use crate::witness::copies::Copies;
pub use crate::witness::mail::{Mail, MailServer};

/// How long running requests may take after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How often what has ended is packed.
const PACK_EVERY: Duration = Duration::from_secs(60);
/// When the record is computed anew first, after a start's rush, and how often after that.
const FIRST_CHECK: Duration = Duration::from_secs(60);
const CHECK_EVERY: Duration = Duration::from_secs(3600);

/// What an operator decides about the server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Under which address people and agents reach it, such as `https://countersign.example`; without a slash at the end.
    pub public_url: String,
    /// The folder with `pkg/` and `verifier/`, as `cargo xtask build` makes it.
    pub site: PathBuf,
    /// The address of the reverse proxy whose `X-Forwarded-For` is believed; none where there is no such proxy.
    pub trusted_proxy: Option<IpAddr>,
    /// Who is asked to cosign the record as it grows.
    pub witnesses: Vec<Asked>,
    /// Where copies of the record's checkpoints go.
    pub copies: Vec<Copies>,
    /// Who is told of alarms of the record.
    pub alarms: Vec<Alarms>,
    /// Through which server incidents are mailed to the people they concern, if they are.
    pub incidents: Option<MailServer>,
    /// Releases of the agent that admins can have installed.
    pub releases: Arc<Folder>,
}

/// A folder of releases, as the engine asks for them.
struct Releases(Arc<Folder>);

impl engine::Releases for Releases {
    fn newest(&self, target: &str, running: Version) -> Option<SignedManifest> {
        self.0.newest(target, running).map(|r| r.signed.clone())
    }
}

impl Config {
    /// Whether browsers reach it by TLS, so that cookies may be bound to it.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// What every handler may use.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) deps: Deps,
    pub(crate) config: Arc<Config>,
    pub(crate) stop: Stop,
    pub(crate) agents: agents::Live,
}

/// Tells when the server is to stop. Whatever lasts (live views, agents' connections, timers) listens to it, and holds it
/// until it has ended.
#[derive(Clone, Debug)]
pub struct Stop {
    told: watch::Receiver<bool>,
    _running: mpsc::Sender<Never>,
}

/// Stops what holds the [`Stop`] made with it; so does dropping it.
#[derive(Debug)]
pub struct Stopper {
    tell: watch::Sender<bool>,
    running: mpsc::Receiver<Never>,
}

/// Nothing of this type is ever sent: that all senders are gone is the message.
#[derive(Debug)]
enum Never {}

impl Stop {
    /// A stop that was not asked for yet, and what asks for it.
    pub fn new() -> (Stopper, Self) {
        let (tell, told) = watch::channel(false);
        let (sender, running) = mpsc::channel(1);
        (Stopper { tell, running }, Self { told, _running: sender })
    }

    /// Waits until the server is to stop.
    pub async fn wait(&self) {
        // An error means that the stopper is gone, which asks for the same.
        let _ = self.told.clone().wait_for(|stop| *stop).await;
    }
}

impl Stopper {
    /// Asks everything to stop.
    pub fn stop(&self) {
        let _ = self.tell.send(true);
    }

    /// Waits until everything that was asked to stop has ended.
    pub async fn ended(&mut self) {
        let _: Option<Never> = self.running.recv().await;
    }
}

/// Every route, behind the one layer that guards them all.
pub fn build(config: Config, engine: Engine, deps: Deps, stop: Stop) -> Router {
    let shared = Shared {
        engine,
        deps,
        config: Arc::new(config),
        stop,
        agents: agents::Live::default(),
    };
    let people = web::pages::router(&shared)
        .merge(
            Router::new()
                .route("/live/session/{id}", get(live::session))
                .route("/live/org", get(live::org))
                .route("/export/history.csv", get(export::history))
                .route("/record/log/checkpoint", get(tiles::checkpoint))
                .route("/record/log/tile/{*path}", get(tiles::tile))
                .with_state(shared.clone()),
        )
        .layer(axum::middleware::from_fn_with_state(shared.clone(), auth::identify));
    let open = Router::new()
        .route("/s/{token}", get(share::page).post(share::unlock))
        .route("/s/{token}/bundle.json", get(share::bundle))
        .route("/s/{token}/verify.html", get(share::keep))
        .route("/agent/link", any(agents::link))
        .route("/health/live", get(web::health::live))
        .route("/health/ready", get(web::health::ready))
        .with_state(shared.clone());
    web::guarded(people.merge(open).merge(web::files::router(&shared)), &shared)
}

/// Routes that [`build`] adds beside the app's pages and server functions: method and path, for the entry-point matrix.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET", "/agent/link"),
    ("GET", "/export/history.csv"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/live/org"),
    ("GET", "/live/session/{id}"),
    ("GET", "/pkg/{*path}"),
    ("GET", "/record/log/checkpoint"),
    ("GET", "/record/log/tile/{*path}"),
    ("GET", "/s/{token}"),
    ("POST", "/s/{token}"),
    ("GET", "/s/{token}/bundle.json"),
    ("GET", "/s/{token}/verify.html"),
    ("GET", "/verifier/{*path}"),
];

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stopper: Stopper,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Serves on `listener` until [`Running::stop`].
///
/// # Errors
/// When the listener has no local address, or the record can't be written.
pub async fn start(listener: TcpListener, config: Config, engine: Engine, deps: Deps) -> anyhow::Result<Running> {
    engine.hand_on(Arc::new(Releases(Arc::clone(&config.releases))));
    let address = listener.local_addr().context("finding out where the server listens")?;
    // The database may say that agents are connected: to the server before this one.
    engine.forget_connections().await.context("recording the start")?;
    let (stopper, stop) = Stop::new();
    engine.watched_by(config.witnesses.iter().map(|asked| asked.key().clone()).collect());
    witness::ask::keep_asking(&engine, config.witnesses.clone(), &stop)?;
    witness::copies::keep_copying(&engine, config.copies.clone(), &stop)?;
    witness::alarms::keep_telling(&engine, config.alarms.clone(), &stop)?;
    let mailing = config.incidents.clone();
    witness::incidents::keep_mailing(&engine, mailing, &config.public_url, &stop)?;
    let router = build(config, engine.clone(), deps, stop.clone());
    tokio::spawn(expire_overdue(engine.clone(), stop.clone()));
    let packing = engine.clone();
    tokio::spawn(in_rhythm(PACK_EVERY, PACK_EVERY, stop.clone(), move || {
        pack(packing.clone())
    }));
    tokio::spawn(in_rhythm(FIRST_CHECK, CHECK_EVERY, stop.clone(), move || {
        check(engine.clone())
    }));
    // Without delay: an approval's first output is one small packet.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { stop.wait().await });
    let serving = tokio::spawn(serving.into_future());
    Ok(Running {
        address,
        stopper,
        serving,
    })
}

impl Running {
    /// Waits until serving ends by itself, which it does only on a broken listener.
    pub async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.serving).await {
            Ok(Ok(())) => anyhow::anyhow!("the server stopped"),
            Ok(Err(error)) => anyhow::Error::new(error).context("serving"),
            Err(error) => anyhow::Error::new(error).context("serving"),
        }
    }

    /// Takes no more connections, lets running requests end, closes live views and agents' connections, and waits for them.
    pub async fn stop(mut self) {
        self.stopper.stop();
        let ended = async {
            let _ = self.serving.await;
            self.stopper.ended().await;
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
    }
}

/// Has `work` done every `every`, `first` from now, until the server stops, which ends also what it is at.
async fn in_rhythm<F: Future<Output = ()>>(first: Duration, every: Duration, stop: Stop, work: impl Fn() -> F) {
    let mut ticks = tokio::time::interval_at(Instant::now() + first, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let working = async {
        loop {
            ticks.tick().await;
            work().await;
        }
    };
    tokio::select! {
        () = stop.wait() => {}
        () = working => {}
    }
}

/// Has every record computed anew, and what was kept for long enough erased.
async fn check(engine: Engine) {
    if engine.self_check().await.is_err() {
        tracing::error!("the record could not be checked; trying again in an hour");
    }
    if engine.retain().await.is_err() {
        tracing::error!("what has been kept for long enough could not be erased; trying again in an hour");
    }
}

/// Packs what has ended: nobody waits for it.
async fn pack(engine: Engine) {
    if engine.pack().await.is_err() {
        tracing::error!("what has ended could not be packed; trying again in a minute");
    }
}

/// Refuses requests whose time is up, every second. Says once when that fails and once when it works again.
async fn expire_overdue(engine: Engine, stop: Stop) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.wait() => return,
            _ = every.tick() => {}
        }
        let failed = engine.expire().await.is_err();
        match (failing, failed) {
            (false, true) => tracing::error!("overdue requests can't be expired; trying again every second"),
            (true, false) => tracing::info!("overdue requests are expired again"),
            (true, true) | (false, false) => {}
        }
        failing = failed;
    }
}
