//! An org with people, a client and an endpoint, made through the ports as people make it.

use anyhow::{Context, Result};
use domain::api::{Accounts, Endpoints, Invitation, NewClient, SetPassword};
use domain::ids::ClientId;
use domain::roles::{Caller, Role, Roles};
use domain::sensitive::Raw;
use engine::{Config, Deps, Engine};
use migration::Migrator;
use sea_orm_migration::MigratorTrait as _;
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) engine: Engine,
    pub(crate) admin: Caller,
    pub(crate) technician: Caller,
    pub(crate) contact: Caller,
    pub(crate) director: Caller,
    pub(crate) client: ClientId,
}

const FROM: &str = "127.0.0.1";

impl World {
    pub(crate) async fn new() -> Result<Self> {
        let folder = tempfile::tempdir().context("making a folder")?;
        let db = sea_orm::Database::connect(engine::database_options(folder.path())).await?;
        Migrator::up(&db, None).await?;
        db.close().await?;
        let config = Config {
            data: folder.path().to_owned(),
            public_url: "http://127.0.0.1".into(),
        };
        let engine = Engine::open(config, Deps::system()).await?;
        let link = engine.create_org("Bench", "Admin", "admin@bench.example").await?;
        let admin = redeem(&engine, link.path).await?;
        let technician = invite(&engine, &admin, "Technician", Role::Technician).await?;
        let contact = invite(&engine, &admin, "Contact", Role::Approver).await?;
        let director = invite(&engine, &admin, "Director", Role::Director).await?;
        let new = NewClient {
            name: "Client".into(),
            tags: vec!["pci".into()],
            registered_hosts: vec![],
        };
        let client = engine.create_client(&admin, new).await?;
        engine.set_contacts(&admin, client, vec![contact.person]).await?;
        Ok(Self {
            folder,
            engine,
            admin,
            technician,
            contact,
            director,
            client,
        })
    }
}

async fn invite(engine: &Engine, admin: &Caller, name: &str, role: Role) -> Result<Caller> {
    let email = format!("{}@bench.example", name.to_lowercase());
    let who = Invitation {
        name: name.into(),
        email,
        roles: Roles::from([role]),
    };
    let link = engine.invite(admin, who).await?;
    redeem(engine, link.path).await
}

async fn redeem(engine: &Engine, path: String) -> Result<Caller> {
    let secret = path.rsplit('/').next().unwrap_or_default().to_owned();
    let password = Raw::new("a password for the bench".to_owned());
    let with = SetPassword {
        link: Raw::new(secret),
        password,
        from: FROM.into(),
    };
    let session = engine.redeem_link(with).await?;
    engine
        .resume(&session.token, FROM)
        .await?
        .context("nobody is signed in")
}
