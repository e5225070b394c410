//! One organisation with its people, made once and copied for each test: setting four passwords is slow on purpose.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use domain::api::{Accounts, Endpoints, Invitation, NewClient, NewLink, SetPassword, SignIn};
use domain::ids::ClientId;
use domain::roles::{Caller, Role, Roles};
use domain::sensitive::Raw;
use engine::{Config, Deps, Engine};
use migration::Migrator;
use sea_orm_migration::MigratorTrait as _;

/// Everybody's password.
const PASSWORD: &str = "correct horse battery";
/// The director's e-mail address.
pub(crate) const DIRECTOR: &str = "director@north.example";

/// A data folder to copy, and what its database knows only as hashes.
pub(crate) struct Template {
    folder: tempfile::TempDir,
    /// Web session tokens.
    pub(crate) admin: String,
    pub(crate) technician: String,
    pub(crate) contact: String,
    /// A second contact of the same client.
    pub(crate) manager: String,
    pub(crate) director: String,
    /// The client, tagged `pci`, whose contacts are `contact` and `manager`.
    pub(crate) client: ClientId,
    /// The admin of another organisation.
    pub(crate) stranger: String,
}

impl Template {
    /// The one template of this test run.
    pub(crate) fn get() -> &'static Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(|| {
            // A thread and a runtime of its own: when it ends, so has the engine, and its files are at rest.
            let made = std::thread::spawn(|| {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(make())
            });
            let made = made.join().unwrap();
            at_rest(made.folder.path());
            made
        })
    }

    /// Copies the data folder to `to`.
    pub(crate) fn copy(&self, to: &Path) {
        copy_files(self.folder.path(), to);
    }
}

/// Waits until the last connection to the database below `data` is closed, which folds the write-ahead log into the database
/// and removes it. The connections live on threads of their own, so dropping the engine is not enough.
pub(crate) fn at_rest(data: &Path) {
    let log = data.join(format!("{}-wal", engine::DATABASE_FILE));
    for _ in 0..4000 {
        if !log.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("something still holds the database: is there a `Person` left?");
}

/// Copies every file of a folder.
pub(crate) fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Migrates and opens a data folder.
pub(crate) async fn open(data: PathBuf, deps: Deps) -> Engine {
    let database = sea_orm::Database::connect(engine::database_options(&data))
        .await
        .unwrap();
    Migrator::up(&database, None).await.unwrap();
    database.close().await.unwrap();
    Engine::open(
        Config {
            data,
            public_url: "http://127.0.0.1".into(),
        },
        deps,
    )
    .await
    .unwrap()
}

async fn make() -> Template {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path().to_owned(), Deps::system()).await;
    let admin = first_admin(&engine, "Northwind", "Ada Admin", "admin@north.example").await;
    let by = caller(&engine, &admin).await;
    let technician = person(&engine, &by, "Tim Tech", "tech@north.example", Role::Technician).await;
    let contact = person(&engine, &by, "Carla Contact", "contact@harbour.example", Role::Approver).await;
    let manager = person(&engine, &by, "Max Manager", "manager@harbour.example", Role::Approver).await;
    let director = person(&engine, &by, "Dora Director", DIRECTOR, Role::Director).await;
    let new = NewClient {
        name: "Harbour Books".into(),
        tags: vec!["pci".into()],
        registered_hosts: vec!["gw.example.com:443".into()],
    };
    let client = engine.create_client(&by, new).await.unwrap();
    let contacts = vec![
        caller(&engine, &contact).await.person,
        caller(&engine, &manager).await.person,
    ];
    engine.set_contacts(&by, client, contacts).await.unwrap();
    let stranger = first_admin(&engine, "Southwind", "Sam Stranger", "admin@south.example").await;
    let by = caller(&engine, &stranger).await;
    let all = Roles::from(Role::ALL);
    engine.set_roles(&by, by.person, all).await.unwrap();
    engine.close().await;
    Template {
        folder,
        admin,
        technician,
        contact,
        manager,
        director,
        client,
        stranger,
    }
}

async fn first_admin(engine: &Engine, org: &str, name: &str, email: &str) -> String {
    let link = engine.create_org(org, name, email).await.unwrap();
    redeem(engine, &link).await
}

async fn person(engine: &Engine, by: &Caller, name: &str, email: &str, role: Role) -> String {
    let who = Invitation {
        name: name.into(),
        email: email.into(),
        roles: Roles::from([role]),
    };
    let link = engine.invite(by, who).await.unwrap();
    redeem(engine, &link).await
}

/// Sets everybody's password behind a one-time link; gives the web session's token.
pub(crate) async fn redeem(engine: &Engine, link: &NewLink) -> String {
    let secret = link.path.rsplit('/').next().unwrap().to_owned();
    let with = SetPassword {
        link: Raw::new(secret),
        password: Raw::new(PASSWORD.into()),
        from: "192.0.2.1".into(),
    };
    engine.redeem_link(with).await.unwrap().token
}

/// Signs one of them in; gives the web session's token.
pub(crate) async fn sign_in(engine: &Engine, email: &str) -> String {
    let with = SignIn {
        email: email.into(),
        password: Raw::new(PASSWORD.into()),
        from: "192.0.2.1".into(),
    };
    engine.sign_in(with).await.unwrap().token
}

async fn caller(engine: &Engine, token: &str) -> Caller {
    engine.resume(token, "192.0.2.1").await.unwrap().unwrap()
}
