//! The agent's package: installed, replaced and removed by Windows Installer, silently. `cargo xtask test` makes the packages,
//! since `wixl` is no Windows program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use win::this_service::{self, State};
use wire::Stream;

use super::{SERVICE, blocking, said};
use crate::harness::{Server, script};

const OLDER: &str = "0.1.0";
const NEWER: &str = "0.2.0";

fn program() -> PathBuf {
    Path::new(r"C:\Program Files\Countersign").join("countersign-agent.exe")
}

fn data() -> PathBuf {
    PathBuf::from(r"C:\ProgramData\Countersign\agent")
}

/// Has Windows Installer do `what` (`/i` or `/x`) with the package of a version, and says how that ended.
async fn msiexec(what: &'static str, version: &str, properties: &[String]) -> Output {
    let folder = std::env::var_os("COUNTERSIGN_PACKAGES").expect("the packages are made by `cargo xtask test`");
    // Wine has the host's files on its drive Z.
    let folder = PathBuf::from(format!("Z:{}", folder.display()).replace('/', r"\"));
    let package = folder.join(format!("countersign-agent-{version}.msi"));
    assert!(package.is_file(), "{} is there", package.display());
    let properties = properties.to_vec();
    blocking(move || {
        let mut msiexec = Command::new("msiexec");
        msiexec.arg(what).arg(package).arg("/qn").args(properties);
        msiexec.output().unwrap()
    })
    .await
}

/// R16: one command enrols the endpoint and starts the service; a newer package takes an older one's place and keeps what the
/// endpoint is, an older one is refused and changes nothing; removing leaves the data, or nothing where that is asked for.
#[tokio::test]
async fn the_package_lives_from_installation_to_removal() {
    let _alone = SERVICE.lock().await;
    let name = agent::install::NAME;
    let mut server = Server::start().await;
    let log = std::env::temp_dir().join("countersign-package.log");
    let token = "kept-out-of-the-log";
    let enrolment = [
        format!("URL={}", server.url()),
        format!("TOKEN={token}"),
        "/l*v".to_owned(),
        log.display().to_string(),
    ];
    let (installed, mut link) = tokio::join!(msiexec("/i", OLDER, &enrolment), async {
        server.enrol().await;
        server.ready().await
    });
    assert!(
        installed.status.success(),
        "{:?} {}",
        installed.status,
        said(&installed)
    );
    assert!(program().is_file());
    // Windows writes asterisks for the properties that MsiHiddenProperties names, Wine their values; nothing else says the token.
    let logged = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).replace('\0', "");
    assert!(logged.contains("MsiHiddenProperties = Enrol;TOKEN"), "{logged}");
    let mut told = logged.lines().filter(|line| line.contains(token));
    assert!(told.all(|line| line.starts_with("Property(S): TOKEN = ")), "{logged}");
    assert_eq!(this_service::query(name).unwrap(), Some(State::Running));
    let story = server.story(&mut link, &server.order(script::print("packed"))).await;
    assert_eq!(story.text(Stream::Stdout).trim_end(), "packed");

    let (replaced, mut link) = tokio::join!(msiexec("/i", NEWER, &[]), server.ready());
    assert!(replaced.status.success(), "{:?} {}", replaced.status, said(&replaced));
    let story = server.story(&mut link, &server.order(script::print("again"))).await;
    assert_eq!(story.text(Stream::Stdout).trim_end(), "again");

    let refused = msiexec("/i", OLDER, &[]).await;
    assert!(!refused.status.success(), "{}", said(&refused));
    assert_eq!(this_service::query(name).unwrap(), Some(State::Running));

    let removed = msiexec("/x", NEWER, &[]).await;
    assert!(removed.status.success(), "{:?} {}", removed.status, said(&removed));
    assert_eq!(this_service::query(name).unwrap(), None);
    assert!(!program().exists());
    assert!(data().join("identity.json").is_file(), "what the endpoint is stays");

    let (back, _link) = tokio::join!(msiexec("/i", OLDER, &[]), server.ready());
    assert!(back.status.success(), "{:?} {}", back.status, said(&back));
    let purged = msiexec("/x", OLDER, &["PURGE=1".to_owned()]).await;
    assert!(purged.status.success(), "{:?} {}", purged.status, said(&purged));
    assert_eq!(this_service::query(name).unwrap(), None);
    assert!(!program().exists() && !data().exists());
}

/// R16: where the endpoint can't be enrolled, nothing is installed.
#[tokio::test]
async fn without_an_enrolment_nothing_is_installed() {
    let _alone = SERVICE.lock().await;
    // Nobody listens there.
    let enrolment = ["URL=http://127.0.0.1:9".to_owned(), "TOKEN=token".to_owned()];
    let installed = msiexec("/i", OLDER, &enrolment).await;
    // Windows says 1603 and Wine 1627.
    assert!(!installed.status.success(), "{}", said(&installed));
    assert!(!program().exists());
    assert_eq!(this_service::query(agent::install::NAME).unwrap(), None);
    assert!(!data().join("identity.json").exists());
}
