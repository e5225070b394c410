//! Card data where none is expected opens an incident, which stays open until a director says what became of it (R35).

use domain::action::Outcome;
use domain::api::{
    ApiError, Conflict, Disposition, Endpoints, IncidentPlace, IncidentRow, Incidents, NewClient, Redaction, Sessions,
    SetRedaction, TokenSpec,
};
use domain::finding::FindingKind;
use domain::redaction::RedactionSettings;
use server::wiring::MailServer;
use tokio::net::TcpListener;

use crate::support::{Device, Person, TestApp, received_unless, script, system_info};

const CARD: &str = "4242 4242 4242 4242";

async fn seen_by(person: &Person) -> Vec<IncidentRow> {
    person.engine.incidents(&person.caller).await.unwrap()
}

async fn close(person: &Person, row: &IncidentRow, note: &str) -> Result<(), ApiError> {
    let (id, note) = (row.id, note.to_owned());
    person
        .engine
        .close_incident(&person.caller, id, Disposition::Deleted, note)
        .await
}

/// From the finding to the closing: one incident for an action, with who was told; seen by whom it concerns; closed once, by a
/// director, with a disposition and a note; each step a leaf.
#[tokio::test]
async fn a_card_number_in_output_is_an_incident_until_it_is_closed() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let (stranger, admin) = (app.stranger().await, app.admin().await);
    let session = technician.open_session(agent.endpoint()).await;
    let action = technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    agent.print(&mut order, &format!("paid with {CARD}\n")).await;
    agent.print(&mut order, &format!("again {CARD}, CVV: 123\n")).await;

    let rows = seen_by(&director).await;
    let [row] = rows.as_slice() else {
        panic!("one for the action: {rows:?}")
    };
    assert_eq!(
        (row.session, row.action, row.place),
        (session, Some(action), IncidentPlace::Output)
    );
    assert_eq!(row.kinds, [FindingKind::Card]);
    assert!(
        row.told.contains(&contact.caller.name) && row.told.contains(&director.caller.name),
        "{:?}",
        row.told
    );
    assert!(row.closed.is_none() && row.may_close);
    for person in [&technician, &contact] {
        let theirs = seen_by(person).await;
        assert_eq!(theirs.len(), 1, "{} sees it", person.caller.name);
        assert!(!theirs[0].may_close);
        let first = person.engine.overview(&person.caller).await.unwrap();
        assert_eq!(first.incidents.len(), 1, "among what needs a person now");
    }
    for person in [&stranger, &admin] {
        assert!(seen_by(person).await.is_empty(), "{} does not", person.caller.name);
        let read = person.engine.incident(&person.caller, row.id).await;
        assert_eq!(read, Err(ApiError::NotFound));
    }

    for person in [&technician, &contact, &admin] {
        assert!(matches!(
            close(person, row, "It is gone").await,
            Err(ApiError::Forbidden { .. })
        ));
    }
    assert_eq!(close(&stranger, row, "It is gone").await, Err(ApiError::NotFound));
    assert!(
        matches!(close(&director, row, "  ").await, Err(ApiError::Invalid { .. })),
        "not without a word"
    );
    close(&director, row, "A debug log held it; the log was shredded")
        .await
        .unwrap();
    let again = close(&director, row, "Once more").await;
    assert_eq!(again, Err(ApiError::Conflict(Conflict::IncidentClosed)));
    let closed = director
        .engine
        .incident(&director.caller, row.id)
        .await
        .unwrap()
        .closed
        .unwrap();
    assert_eq!(
        (closed.disposition, closed.by.as_str()),
        (Disposition::Deleted, director.caller.name.as_str())
    );
    assert!(
        director
            .engine
            .overview(&director.caller)
            .await
            .unwrap()
            .incidents
            .is_empty()
    );

    // What is found after that is another one.
    agent.print(&mut order, &format!("and {CARD}\n")).await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    assert_eq!(seen_by(&director).await.len(), 2);
    assert_eq!(
        (
            app.recorded("incident.opened").await,
            app.recorded("incident.closed").await
        ),
        (2, 1)
    );
    let record = app.record().await;
    assert!(
        !record.iter().any(|l| format!("{:?}", l.groups).contains("4242 4242")),
        "the value is in none of them"
    );
}

/// Where card numbers belong, finding one is no incident; authentication data belongs nowhere.
#[tokio::test]
async fn expected_cards_are_none_and_authentication_data_always_is() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, director) = (app.technician().await, app.director().await);
    let expected = SetRedaction {
        client: Some(app.client),
        settings: RedactionSettings::default(),
        cards_expected: true,
        shown: director.redaction_shown(Some(app.client)).await,
    };
    director.engine.set_redaction(&director.caller, expected).await.unwrap();
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run(&format!("paid with {CARD}\n")).await;
    assert!(seen_by(&director).await.is_empty());
    technician.propose(session, system_info()).await;
    agent.run(&format!("paid with {CARD} CVV: 123\n")).await;
    let rows = seen_by(&director).await;
    assert_eq!(
        rows.iter().map(|r| r.kinds.clone()).collect::<Vec<_>>(),
        [[FindingKind::CardAuth]]
    );
}

/// R36: what people type is looked at as output is.
#[tokio::test]
async fn card_data_that_somebody_types_is_an_incident_too() {
    let app = TestApp::start().await;
    let agent = app.agent("till").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let session = technician
        .open_session_for(agent.endpoint(), &format!("Card {CARD} declined"), "")
        .await
        .unwrap();
    let refused = technician.try_propose(session, script(&format!("echo {CARD}"))).await;
    assert_eq!(
        refused,
        Err(ApiError::Sensitive {
            kind: FindingKind::Card
        })
    );
    let engine = app.engine();
    engine
        .add_note(&technician.caller, session, format!("It was {CARD}"))
        .await
        .unwrap();
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    contact.deny(request, &format!("Not for {CARD}")).await;
    let mut places: Vec<_> = seen_by(&director).await.into_iter().map(|r| r.place).collect();
    places.sort();
    use IncidentPlace::{Command, Note, Reason};
    assert_eq!(places, [Command, Note, Reason, Reason]);
    let other = technician
        .try_propose(session, script("echo password=hunter2hunter2"))
        .await;
    assert!(other.is_ok(), "it runs as it is, and is recorded redacted");
    assert_eq!(seen_by(&director).await.len(), 4, "a password is none");
}

/// A server that mails incidents, and who listens for its mail.
async fn mailing() -> (TestApp, TcpListener) {
    let mut app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("smtp://{}", listener.local_addr().unwrap());
    let server = MailServer::new(&server, "incidents@northwind.example").unwrap();
    app.mailing(server).await;
    (app, listener)
}

/// The next letter that is offered: to whom, and its text.
async fn letter(listener: &TcpListener, refused: &str) -> (String, String) {
    let (socket, _) = listener.accept().await.unwrap();
    let (envelope, message) = received_unless(socket, refused).await;
    let to = envelope.lines().find_map(|l| l.strip_prefix("RCPT TO:<")).unwrap();
    (to.trim_end_matches('>').to_owned(), message.replace("=\r\n", ""))
}

/// Each whom an incident concerns is written to, without what was found; one whose address is refused is tried again and keeps
/// nobody from theirs; what a mail server took is recorded, and nothing more is written.
#[tokio::test]
async fn an_incident_is_mailed_to_whom_it_concerns() {
    let (app, listener) = mailing().await;
    let mut agent = app.agent("till").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run(&format!("paid with {CARD}\n")).await;

    let told = seen_by(&director).await[0].told.clone();
    let mut taken = Vec::new();
    for _ in 0..told.len() {
        let (to, text) = letter(&listener, "contact@").await;
        assert_eq!(text.is_empty(), to.starts_with("contact@"), "{to}: {text}");
        if !text.is_empty() {
            taken.push(to);
            assert!(text.contains("Subject: Incident: card data on till"), "{text}");
            assert!(
                text.contains(&format!("/incidents/{}", seen_by(&director).await[0].id)),
                "{text}"
            );
            assert!(!text.contains("4242") && !text.contains("system.info"), "{text}");
        }
    }
    app.soon(|| async { seen_by(&director).await[0].mailed.len() == told.len() - 1 })
        .await;
    let (to, text) = letter(&listener, "nobody").await;
    assert!(to.starts_with("contact@") && text.contains("till"), "{to}: {text}");
    assert!(!taken.contains(&to), "each once");
    app.soon(|| async { seen_by(&contact).await[0].mailed == told }).await;
    assert_eq!(app.recorded("incident.mailed").await, told.len());
    assert!(app.engine().letters(director.caller.org).await.unwrap().is_empty());
}

/// R52: that one organisation's letters are refused keeps no other's from going.
#[tokio::test]
async fn refused_letters_hold_up_no_other_organisation() {
    let (app, listener) = mailing().await;
    let (technician, stranger) = (app.technician().await, app.stranger().await);
    let new = NewClient {
        name: "Elsewhere".into(),
        tags: vec![],
        registered_hosts: vec![],
    };
    let engine = app.engine();
    let client = engine.create_client(&stranger.caller, new).await.unwrap();
    let token = TokenSpec::once(client);
    let token = engine.create_token(&stranger.caller, token).await.unwrap().token;
    let theirs = Device::enrol(app.address, &token, "theirs").await.unwrap();
    let _theirs = theirs.connect(app.address).await.unwrap();
    let ours = app.agent("till").await;
    for (person, endpoint) in [(&stranger, theirs.endpoint), (&technician, ours.endpoint())] {
        let reason = format!("Card {CARD} declined");
        person.open_session_for(endpoint, &reason, "").await.unwrap();
    }
    let director = app.director().await;
    let told = seen_by(&director).await[0].told.len();
    let (mut refused, mut taken) = (0, 0);
    while taken < told || refused == 0 {
        let (to, text) = letter(&listener, "@south").await;
        assert_eq!(text.is_empty(), to.contains("@south"), "{to}");
        *(if text.is_empty() { &mut refused } else { &mut taken }) += 1;
    }
    app.soon(|| async { seen_by(&director).await[0].mailed.len() == told })
        .await;
    assert_eq!(taken, told, "each once");
    assert!(seen_by(&stranger).await[0].mailed.is_empty());
}

/// Nobody is written to whom an incident does not concern any more, and nobody on one that is closed.
#[tokio::test]
async fn nothing_is_mailed_that_concerns_nobody() {
    let app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, director) = (app.technician().await, app.director().await);
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run(&format!("paid with {CARD}\n")).await;
    let letters = app.engine().letters(director.caller.org).await.unwrap();
    let row = seen_by(&director).await.remove(0);
    assert_eq!(letters.len(), row.told.len());
    let (admin, contact) = (app.admin().await, app.contact().await);
    let engine = app.engine();
    engine.set_contacts(&admin.caller, app.client, vec![]).await.unwrap();
    let without = engine.letters(director.caller.org).await.unwrap();
    assert!(!without.is_empty() && without.iter().all(|l| l.person != contact.caller.person));
    close(&director, &row, "It is gone").await.unwrap();
    assert!(app.engine().letters(director.caller.org).await.unwrap().is_empty());
    // One that was on its way when the incident was closed is recorded all the same, once.
    for _ in 0..2 {
        app.engine().mailed(director.caller.org, &letters[0]).await.unwrap();
    }
    assert_eq!(app.recorded("incident.mailed").await, 1);
}
