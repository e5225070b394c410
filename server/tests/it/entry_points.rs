//! The entry-point matrix (invariant 8; R51, R52): every page, server function and route, asked by nobody, by somebody of
//! another organisation and by each role, against a table that a director can read: `entry_points.txt`.
//!
//! A path that is not in the table fails, and so does a row whose path is gone. `UPDATE_ENTRY_POINTS=1` writes the table anew;
//! read what changed before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::api::{Accounts, Endpoints, HoldOn, Incidents, Invitation, Retention, Sessions, TokenSpec};
use domain::roles::{Role, Roles};
use futures_util::future::join_all;

use crate::support::{Device, FakeAgent, Http, TestApp, script, system_info};

const TABLE: &str = include_str!("entry_points.txt");

/// Things of the people's organisation, one of each that an address or a form can name.
struct World {
    _app: TestApp,
    _agent: FakeAgent,
    names: BTreeMap<&'static str, String>,
    /// Whoever may ask, in the table's order.
    everybody: [Http; 6],
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut agent = app.agent("till").await;
        let (admin, technician, contact, director) = (
            app.admin().await,
            app.technician().await,
            app.contact().await,
            app.director().await,
        );
        let closed = technician.open_session(agent.endpoint()).await;
        technician.close_session(closed).await;
        let share = director.share(closed).await;
        let quiet = technician.open_session(agent.endpoint()).await;
        let session = technician.open_session(agent.endpoint()).await;
        let running = technician.propose(session, system_info()).await;
        let mut order = agent.next_order().await;
        agent.start(&mut order).await;
        let waiting = technician.propose(session, script("id")).await;
        let request = technician.request_of(session, waiting).await;
        let access = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
        let note = "It was 4242 4242 4242 4242".to_owned();
        app.engine().add_note(&technician.caller, session, note).await.unwrap();
        let incident = app.engine().incidents(&director.caller).await.unwrap()[0].id;
        let given = technician.ask_access(session, r#"file.read("/var/log/pos/**")"#).await;
        contact.approve(given).await;
        let grant = contact.reads(given).await.grant.unwrap();
        let digest = contact.reads(request).await.digest;
        let who = Invitation {
            name: "New".into(),
            email: "new@north.example".into(),
            roles: Roles::from([Role::Technician]),
        };
        let link = app.engine().invite(&admin.caller, who).await.unwrap();
        let token = share
            .link
            .clone()
            .unwrap()
            .split_once('#')
            .unwrap()
            .0
            .trim_start_matches("/s/")
            .to_owned();
        let other = app
            .engine()
            .people(&admin.caller)
            .await
            .unwrap()
            .into_iter()
            .find(|p| p.name == "New")
            .unwrap();
        let spec = TokenSpec {
            uses: 5,
            confirmation: true,
            ..TokenSpec::once(app.client)
        };
        let enrolment = app.engine().create_token(&admin.caller, spec).await.unwrap();
        let unconfirmed = Device::enrol(app.address, &enrolment.token, "kiosk").await.unwrap();
        let fingerprint = app.endpoint(unconfirmed.endpoint).await.fingerprint;
        let held = HoldOn::Session(session);
        let hold = app.engine().place_hold(&director.caller, held, "Matter 7".into());
        let hold = hold.await.unwrap();
        let names = BTreeMap::from([
            ("enrolment", enrolment.id.to_string()),
            ("unconfirmed", unconfirmed.endpoint.to_string()),
            ("fingerprint", fingerprint),
            ("incident", incident.to_string()),
            ("hold", hold.to_string()),
            ("settings", director.redaction_shown(Some(app.client)).await.to_string()),
            ("session", session.to_string()),
            ("closed", closed.to_string()),
            ("quiet", quiet.to_string()),
            ("endpoint", agent.endpoint().to_string()),
            ("action", waiting.to_string()),
            ("running", running.to_string()),
            ("request", request.to_string()),
            ("access", access.to_string()),
            ("grant", grant.id.to_string()),
            ("digest", digest.to_string()),
            ("client", app.client.to_string()),
            ("person", other.id.to_string()),
            ("contact", contact.caller.person.to_string()),
            ("share", share.id.to_string()),
            ("token", token),
            ("secret", link.path.trim_start_matches("/welcome/").to_owned()),
        ]);
        assert_eq!(app.engine().endpoints(&admin.caller).await.unwrap().len(), 2);
        let stranger = app.stranger().await;
        let people = [stranger, technician, contact, director, admin].map(|p| p.http);
        let [stranger, technician, contact, director, admin] = people;
        let everybody = [app.nobody(), stranger, technician, contact, director, admin];
        Self {
            _app: app,
            _agent: agent,
            names,
            everybody,
        }
    }

    /// A text with `<name>` put in for each thing.
    fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |t, (name, value)| {
            t.replace(&format!("<{name}>"), value)
        })
    }
}

/// The fields that a server function is called with; `None` for one that nobody has thought about yet.
fn fields(function: &str) -> Option<Vec<(&'static str, &'static str)>> {
    Some(match function {
        "sign_in" => vec![
            ("email", "tech@north.example"),
            ("password", "correct horse battery"),
            ("next", "/"),
        ],
        "greet" => vec![("secret", "<secret>")],
        "redeem_link" => vec![
            ("secret", "<secret>"),
            ("password", "three plain words"),
            ("again", "three plain words"),
        ],
        "sign_out" | "who_am_i" | "read_overview" | "approvals" | "sessions" | "list_people" | "list_clients"
        | "list_endpoints" | "read_record" => vec![],
        "read_leaf" => vec![("index", "0")],
        "history" => vec![("query", "")],
        "find_action" => vec![("id", "<action>")],
        "session" => vec![("id", "<session>"), ("all", "")],
        "approval" | "still_pending" => vec![("id", "<request>")],
        "decide" => vec![("request", "<request>"), ("shown", "<digest>"), ("ruling", "approve")],
        "withdraw_own" => vec![("request", "<request>")],
        "withdraw_request" => vec![("request", "<access>")],
        "revoke_grant" => vec![("grant", "<grant>")],
        "preview" | "propose" => vec![("session", "<session>"), ("verb", "disk.usage"), ("text", "")],
        "withdraw" => vec![("action", "<action>")],
        "cancel" => vec![("action", "<running>")],
        "ask_access" => vec![
            ("session", "<session>"),
            ("workflow", "file-inspection@1"),
            ("target", "/srv/pos"),
        ],
        "add_note" => vec![("session", "<session>"), ("text", "A note")],
        "close_session" => vec![("session", "<quiet>"), ("reason", "Done")],
        "open_session" => vec![("endpoint", "<endpoint>"), ("reason", "It freezes"), ("ticket", "")],
        "read_endpoint" => vec![("id", "<endpoint>")],
        "update_endpoint" => vec![("endpoint", "<endpoint>")],
        "update_client" => vec![("client", "<client>")],
        "remove_endpoint" => vec![("endpoint", "<endpoint>"), ("now", "true")],
        "confirm_endpoint" => vec![("endpoint", "<unconfirmed>"), ("shown", "<fingerprint>")],
        "list_tokens" | "list_incidents" | "read_redaction" | "read_retention" => vec![],
        "set_retention" => vec![("client", "<client>"), ("days", "400")],
        "place_hold" => vec![("session", "<closed>"), ("reason", "Matter 8")],
        "release_hold" => vec![("hold", "<hold>"), ("reason", "Settled")],
        "erase_session" => vec![("session", "<closed>"), ("reason", "Asked for"), ("sure", "true")],
        "read_incident" => vec![("id", "<incident>")],
        "close_incident" => vec![("id", "<incident>"), ("disposition", "deleted"), ("note", "Shredded")],
        "set_redaction" => vec![
            ("form[client]", "<client>"),
            ("form[shown]", "<settings>"),
            ("form[more_terms]", "Jane Doe"),
        ],
        "try_redaction" => vec![("client", "<client>"), ("text", "Jane Doe")],
        "revoke_token" | "rotate_token" => vec![("token", "<enrolment>")],
        "invite" => vec![
            ("name", "Nina"),
            ("email", "nina@<who>.example"),
            ("roles[]", "technician"),
        ],
        "set_roles" => vec![("person", "<person>"), ("roles[]", "director")],
        "create_client" => vec![("name", "New client"), ("tags", "pci"), ("hosts", "gw.example.com:443")],
        "set_contacts" => vec![("client", "<client>"), ("contacts[]", "<contact>")],
        "create_token" => vec![("client", "<client>"), ("name", "Harbour Books")],
        "review_share" => vec![("session", "<closed>")],
        "create_share" => vec![("session", "<closed>"), ("reviewed", "true")],
        "revoke_share" => vec![("share", "<share>")],
        _ => return None,
    })
}

/// An address for a page or route; `None` for one that nobody has thought about yet.
fn address(path: &str) -> Option<String> {
    let address = match path {
        "/sessions/{id}" | "/live/session/{id}" => path.replace("{id}", "<session>"),
        "/sessions/{id}/share" => path.replace("{id}", "<closed>"),
        "/endpoints/{id}" => path.replace("{id}", "<endpoint>"),
        "/actions/{id}" => path.replace("{id}", "<action>"),
        "/incidents/{id}" => path.replace("{id}", "<incident>"),
        "/approvals/{id}" => path.replace("{id}", "<request>"),
        "/welcome/{secret}" => path.replace("{secret}", "<secret>"),
        "/s/{token}" | "/s/{token}/bundle.json" | "/s/{token}/verify.html" => path.replace("{token}", "<token>"),
        "/pkg/{*path}" => "/pkg/countersign.css".into(),
        "/verifier/{*path}" => "/verifier/share.js".into(),
        "/record/log/tile/{*path}" => "/record/log/tile/0/000.p/1".into(),
        _ if !path.contains('{') => path.to_owned(),
        _ => return None,
    };
    Some(address)
}

/// Server functions that change nothing: they can all be asked about the same things.
const READS: [&str; 23] = [
    "list_incidents",
    "read_incident",
    "read_redaction",
    "read_retention",
    "try_redaction",
    "list_tokens",
    "who_am_i",
    "read_overview",
    "approvals",
    "approval",
    "still_pending",
    "sessions",
    "session",
    "preview",
    "history",
    "find_action",
    "list_people",
    "list_clients",
    "list_endpoints",
    "read_endpoint",
    "read_record",
    "read_leaf",
    "review_share",
];

/// Server functions that more than one may call with success, but only one on the same thing.
const ONCE: [&str; 4] = ["decide", "revoke_grant", "redeem_link", "set_redaction"];

/// Asks one entry point as one of `everybody`; the status.
async fn ask(world: &World, (method, path): &(String, String), who: usize) -> u16 {
    let http = &world.everybody[who];
    if method == "POST" && !path.starts_with("/api/") {
        let address =
            address(path).unwrap_or_else(|| panic!("{path} has no address here: add it, and its row to the table"));
        let headers = [("sec-fetch-site", "same-origin"), ("accept", "text/html")];
        http.post(&world.named(&address), &headers, &[]).await.status
    } else if method == "POST" {
        let name = path.trim_start_matches("/api/");
        let fields =
            fields(name).unwrap_or_else(|| panic!("{path} has no fields here: add it, and its row to the table"));
        let named: Vec<(&str, String)> = fields
            .iter()
            .map(|(k, v)| (*k, world.named(v).replace("<who>", &format!("asker{who}"))))
            .collect();
        let fields: Vec<(&str, &str)> = named.iter().map(|(k, v)| (*k, v.as_str())).collect();
        http.call(name, &fields).await.status
    } else {
        let address =
            address(path).unwrap_or_else(|| panic!("{path} has no address here: add it, and its row to the table"));
        // Streams don't end: the status is all that is read.
        http.open(&world.named(&address), &[]).await.status().as_u16()
    }
}

/// Asks one entry point as everybody, in the table's order.
async fn row(entry: (String, String), shared: &World) -> (String, Vec<u16>) {
    let name = entry.1.trim_start_matches("/api/");
    let reads = entry.0 == "GET" || READS.contains(&name);
    let own = if reads { None } else { Some(World::new().await) };
    let mut statuses = Vec::new();
    for who in 0..ASKERS.len() {
        let fresh = if ONCE.contains(&name) && who > 0 {
            Some(World::new().await)
        } else {
            None
        };
        statuses.push(ask(fresh.as_ref().or(own.as_ref()).unwrap_or(shared), &entry, who).await);
    }
    (format!("{:<5}{}", entry.0, entry.1), statuses)
}

/// The columns.
const ASKERS: [&str; 6] = ["nobody", "other org", "technician", "contact", "director", "admin"];

/// Every entry point that the server has: method and path.
fn entry_points() -> Vec<(String, String)> {
    let functions = server_fn::axum::server_fn_paths().map(|(path, method)| (method.to_string(), path.to_owned()));
    let pages = leptos_axum::generate_route_list(app::App)
        .into_iter()
        .map(|page| ("GET".to_owned(), page.path().to_owned()));
    let routes = server::wiring::ROUTES
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()));
    let mut all: Vec<_> = functions.chain(pages).chain(routes).collect();
    all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    all.dedup();
    all
}

fn table(rows: &[(String, Vec<u16>)]) -> String {
    let mut text = String::from(
        "# Who may enter where. Each entry point is asked by each, about the same things of the roles' organisation.\n\
         # 200 done or shown, 302 sent elsewhere (signed out: to the sign-in page), 401 sign in first, 403 not your role,\n\
         # 404 nothing here for you, 409 refused and recorded, 422 not as it must be, 426 for agents only.\n",
    );
    let _ = write!(text, "{:<33}", "#");
    ASKERS.iter().for_each(|h| {
        let _ = write!(text, "{h:>11}");
    });
    text.push('\n');
    for (row, statuses) in rows {
        let _ = write!(text, "{row:<33}");
        statuses.iter().for_each(|s| {
            let _ = write!(text, "{s:>11}");
        });
        text.push('\n');
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_point_lets_in_whom_the_table_says() {
    let all = entry_points();
    assert!(all.len() > 50, "the lists were read");
    let shared = World::new().await;
    let mut rows = Vec::new();
    for some in all.chunks(6) {
        rows.extend(join_all(some.iter().cloned().map(|entry| row(entry, &shared))).await);
    }
    let now = table(&rows);
    if std::env::var_os("UPDATE_ENTRY_POINTS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/entry_points.txt");
        std::fs::write(file, &now).unwrap();
        return;
    }
    let differing: Vec<String> = diff(TABLE, &now);
    assert!(
        differing.is_empty(),
        "the table says otherwise:\n{}",
        differing.join("\n")
    );
}

/// Lines that only one of the two has.
fn diff(expected: &str, now: &str) -> Vec<String> {
    let lines = |text: &str| {
        text.lines()
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (expected, now) = (lines(expected), lines(now));
    let gone = expected.difference(&now).map(|l| format!("- {l}"));
    gone.chain(now.difference(&expected).map(|l| format!("+ {l}")))
        .collect()
}

/// What nobody may see is nothing to others either: in the whole table, nobody and the other organisation get in only where
/// it says so here.
#[test]
fn nobody_gets_in_but_where_everybody_may() {
    let open = [
        "/sign-in",
        "/welcome/{secret}",
        "/api/sign_in",
        "/api/greet",
        "/api/redeem_link",
        "/s/{token}",
        "/s/{token}/bundle.json",
        "/s/{token}/verify.html",
        "/health/live",
        "/health/ready",
        "/pkg/{*path}",
        "/verifier/{*path}",
    ];
    for line in TABLE.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split_whitespace().skip(1);
        let (path, nobody) = (words.next().unwrap(), words.next().unwrap());
        assert!(
            !nobody.starts_with('2') || open.contains(&path),
            "nobody gets into {path}"
        );
    }
}
