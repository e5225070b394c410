//! The demo's people. Each redeems a real one-time link and signs in; the callers used here are theirs.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use domain::api::{Accounts, Endpoints, Invitation, NewClient, NewLink, SetPassword, SignIn};
use domain::ids::ClientId;
use domain::roles::{Caller, Role, Roles};
use domain::sensitive::Raw;
use engine::Engine;

/// Where the demo itself calls from.
const FROM: &str = "127.0.0.1";

/// The organisation's name.
pub(super) const ORG: &str = "Northwind IT Services";

/// The client's name.
pub(super) const CLIENT: &str = "Harbour Street Books";

/// Somebody of the demo, with a password that is no secret.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) role: Role,
}

pub(super) const ADMIN: Person = Person {
    name: "Ada Admin",
    email: "admin@demo.example",
    password: "demo password admin",
    role: Role::Admin,
};
pub(super) const TECHNICIAN: Person = Person {
    name: "Tim Tech",
    email: "tech@demo.example",
    password: "demo password tech",
    role: Role::Technician,
};
pub(super) const CONTACT: Person = Person {
    name: "Carla Contact",
    email: "contact@demo.example",
    password: "demo password contact",
    role: Role::Approver,
};
pub(super) const DIRECTOR: Person = Person {
    name: "Dora Director",
    email: "director@demo.example",
    password: "demo password director",
    role: Role::Director,
};

/// The people, signed in.
pub(super) struct People {
    pub(super) admin: Caller,
    pub(super) technician: Caller,
    pub(super) contact: Caller,
    pub(super) director: Caller,
}

/// Makes the organisation and its people.
pub(super) async fn make(engine: &Engine) -> Result<People> {
    let link = engine
        .create_org(ORG, ADMIN.name, ADMIN.email)
        .await
        .context("making the organisation")?;
    let admin = redeem(engine, &ADMIN, link).await?;
    let mut others = Vec::new();
    for person in [&TECHNICIAN, &CONTACT, &DIRECTOR] {
        let who = Invitation {
            name: person.name.into(),
            email: person.email.into(),
            roles: Roles::from([person.role]),
        };
        let link = engine
            .invite(&admin, who)
            .await
            .with_context(|| format!("inviting {}", person.name))?;
        redeem(engine, person, link).await?;
        others.push(enter(engine, person).await?);
    }
    let [technician, contact, director] = <[Caller; 3]>::try_from(others).ok().context("three people")?;
    Ok(People {
        admin: enter(engine, &ADMIN).await?,
        technician,
        contact,
        director,
    })
}

/// Signs in the people of a demo that is there already.
pub(super) async fn sign_in(engine: &Engine) -> Result<People> {
    Ok(People {
        admin: enter(engine, &ADMIN).await?,
        technician: enter(engine, &TECHNICIAN).await?,
        contact: enter(engine, &CONTACT).await?,
        director: enter(engine, &DIRECTOR).await?,
    })
}

/// Adds the client, with this server's own port as the host that may be probed without asking, and its contact.
pub(super) async fn client(engine: &Engine, people: &People, server: SocketAddr) -> Result<ClientId> {
    let new = NewClient {
        name: CLIENT.into(),
        tags: vec!["pci".into()],
        registered_hosts: vec![server.to_string()],
    };
    let client = engine
        .create_client(&people.admin, new)
        .await
        .context("adding the client")?;
    engine
        .set_contacts(&people.admin, client, vec![people.contact.person])
        .await
        .context("naming the contact")?;
    Ok(client)
}

async fn redeem(engine: &Engine, person: &Person, link: NewLink) -> Result<Caller> {
    let secret = link.path.rsplit('/').next().unwrap_or_default().to_owned();
    let with = SetPassword {
        link: Raw::new(secret),
        password: Raw::new(person.password.into()),
        from: FROM.into(),
    };
    let session = engine
        .redeem_link(with)
        .await
        .with_context(|| format!("setting {}'s password", person.name))?;
    caller(engine, &session.token).await
}

async fn enter(engine: &Engine, person: &Person) -> Result<Caller> {
    let with = SignIn {
        email: person.email.into(),
        password: Raw::new(person.password.into()),
        from: FROM.into(),
    };
    let session = engine
        .sign_in(with)
        .await
        .with_context(|| format!("signing in as {}", person.name))?;
    caller(engine, &session.token).await
}

async fn caller(engine: &Engine, token: &str) -> Result<Caller> {
    engine
        .resume(token, FROM)
        .await?
        .context("the web session ended at once")
}
