//! What an organisation sets about redaction reaches its endpoints and the server's own pass (R30, R32), and says nothing of
//! its lists to anybody who reads the record.

use domain::api::{ApiError, Conflict, Redaction, Sessions, SetRedaction};
use domain::digest::Digest;
use domain::finding::FindingKind;
use domain::redaction::{NamedPattern, RedactionSettings};
use wire::Capabilities;

use crate::support::{Device, Person, RealAgent, TestApp, script, system_info};

const WORD: &str = "Wilhelmina Vandersteen";

fn settings() -> RedactionSettings {
    RedactionSettings {
        terms: vec![WORD.into()],
        merchant_ids: vec!["88120-455".into()],
        patterns: vec![NamedPattern {
            name: "loyalty card".into(),
            pattern: "LC-########".into(),
        }],
        ..RedactionSettings::default()
    }
}

/// Changes the settings from those that stand.
async fn set(person: &Person, change: SetRedaction) {
    let shown = person.redaction_shown(change.client).await;
    let change = SetRedaction { shown, ..change };
    person.engine.set_redaction(&person.caller, change).await.unwrap();
}

fn of_client(app: &TestApp, settings: RedactionSettings) -> SetRedaction {
    SetRedaction {
        client: Some(app.client),
        settings,
        cards_expected: false,
        shown: Digest::of(&[]),
    }
}

/// An agent that says that it can be told is told before each order: what is set for all and for the client, and a key that is
/// the session's own.
#[tokio::test]
async fn an_agent_is_told_what_to_redact_with() {
    let mut app = TestApp::start().await;
    let (director, technician) = (app.director().await, app.technician().await);
    let all = RedactionSettings {
        ip_addresses: true,
        off: vec![FindingKind::Phone],
        ..RedactionSettings::default()
    };
    let of_all = SetRedaction {
        client: None,
        settings: all.clone(),
        cards_expected: false,
        shown: Digest::of(&[]),
    };
    set(&director, of_all).await;
    set(&director, of_client(&app, settings())).await;

    let device = app.enrol("till").await;
    let capabilities = device.capabilities.words().chain([wire::REDACTION]);
    let able = Device {
        capabilities: Capabilities::new(capabilities).unwrap(),
        ..device
    };
    let mut agent = able.connect(app.address).await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let session = technician.open_session(agent.endpoint()).await;
        for _ in 0..2 {
            let action = technician.propose(session, system_info()).await;
            let told = agent.next_redaction().await;
            assert_eq!(told.action, action, "before its order");
            assert_eq!(told.settings, all.clone().with(&settings()));
            keys.push(told.session_key);
            let order = agent.next_order().await;
            assert_eq!(order.order.action, action);
        }
    }
    assert!(keys.iter().all(|key| key.len() == 64));
    assert_eq!((&keys[0], &keys[2]), (&keys[1], &keys[3]), "one for a session");
    assert_ne!(keys[0], keys[2], "and another for the next");
    drop((agent, director, technician));
    // Neither the keys nor the lists are stored with the orders: the lists are where they were set, once.
    app.shut_down().await;
    for file in std::fs::read_dir(app.data()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for key in &keys {
            assert!(
                !bytes.windows(key.len()).any(|w| w == key.as_bytes()),
                "a key is stored"
            );
        }
    }
}

/// Who can't be told prints what it likes: the server's own pass takes it out before anything is stored.
#[tokio::test]
async fn the_servers_own_pass_applies_the_settings() {
    let app = TestApp::start().await;
    let (director, technician) = (app.director().await, app.technician().await);
    set(&director, of_client(&app, settings())).await;
    let mut agent = app.agent("till").await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    let action = agent
        .run(&format!("by {WORD}, mid 88120-455\nLC-12345678 from 10.0.0.7\n"))
        .await;
    let output = technician.action(session, action).await.output;
    let text: String = output.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(text, "by [term], mid [merchant id]\n[own] from 10.0.0.7\n");
}

/// With the real agent: a value has one number in the output of two actions and in what people write, and its own in the next
/// session.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_has_one_number_throughout_a_session() {
    let app = TestApp::start().await;
    let (director, technician, contact) = (app.director().await, app.technician().await, app.contact().await);
    set(&director, of_client(&app, settings())).await;
    let agent = RealAgent::start(&app, &format!("http://{}", app.address)).await;
    // Put together on the machine: a command with the word in it is refused.
    let parts = WORD.replace(' ', "'' ");
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let session = technician.open_session(agent.endpoint).await;
        let mut of_session = Vec::new();
        for command in [format!("echo '{parts}'"), format!("echo 'to {parts}' >&2")] {
            let action = technician.propose(session, script(&command)).await;
            contact.approve(technician.request_of(session, action).await).await;
            app.until(|| async { technician.action(session, action).await.outcome.is_some() })
                .await;
            let output = technician.action(session, action).await.output;
            of_session.extend(
                output
                    .iter()
                    .map(|piece| piece.text.trim().trim_start_matches("to ").to_owned()),
            );
        }
        app.engine()
            .add_note(&technician.caller, session, format!("Asked {WORD}"))
            .await
            .unwrap();
        let note = technician.session(session).await.notes.pop().unwrap().text;
        of_session.push(note.trim_start_matches("Asked ").to_owned());
        assert_eq!(of_session.len(), 3, "{of_session:?}");
        assert!(of_session[0].starts_with("[term #"), "{of_session:?}");
        assert!(
            of_session.iter().all(|number| *number == of_session[0]),
            "{of_session:?}"
        );
        numbers.push(of_session.remove(0));
    }
    assert_ne!(numbers[0], numbers[1], "a number leads from no session to another");
}

/// R1: who changed what is a leaf, without the words themselves; who may not is refused, and that is one too.
#[tokio::test]
async fn a_change_is_recorded_without_the_lists() {
    let app = TestApp::start().await;
    let (director, technician) = (app.director().await, app.technician().await);
    set(&director, of_client(&app, settings())).await;
    let refused = technician
        .engine
        .set_redaction(&technician.caller, of_client(&app, settings()))
        .await;
    assert!(matches!(refused, Err(ApiError::Forbidden { .. })));
    let record = app.record().await;
    let change = record.iter().find(|l| l.kind == "redaction.changed").unwrap();
    let said = format!("{:?}", change.groups);
    assert!(
        said.contains("loyalty card = LC-########") && said.contains("terms"),
        "{said}"
    );
    assert!(!said.contains("Wilhelmina") && !said.contains("88120"), "{said}");
    assert_eq!(record.iter().filter(|l| l.kind == "access.refused").count(), 1);

    let view = director.engine.redaction(&director.caller).await.unwrap();
    let own = view
        .clients
        .iter()
        .find(|c| c.client.id == app.client.to_string())
        .unwrap();
    assert_eq!(own.settings, settings());
}

/// Of two who change the settings from the same page, the second is told, and nothing that the first added is lost.
#[tokio::test]
async fn nobody_writes_over_what_another_added() {
    let app = TestApp::start().await;
    let (director, admin) = (app.director().await, app.admin().await);
    let shown = director.redaction_shown(Some(app.client)).await;
    set(&admin, of_client(&app, settings())).await;
    let late = SetRedaction {
        shown,
        ..of_client(&app, RedactionSettings::default())
    };
    let refused = director.engine.set_redaction(&director.caller, late).await;
    assert_eq!(refused, Err(ApiError::Conflict(Conflict::StaleSettings)));
    let view = director.engine.redaction(&director.caller).await.unwrap();
    assert!(view.clients.iter().any(|c| c.settings == settings()));
}

/// The box to try it redacts as it would be, and keeps nothing.
#[tokio::test]
async fn a_try_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let director = app.director().await;
    set(&director, of_client(&app, settings())).await;
    let size = app.record().await.len();
    let text = format!("{WORD} paid with 4242 4242 4242 4242");
    let tried = director
        .engine
        .try_redaction(&director.caller, Some(app.client), text.clone())
        .await
        .unwrap();
    assert!(
        tried.text.starts_with("[term #") && tried.text.ends_with("paid with [card •••• 4242]"),
        "{}",
        tried.text
    );
    let rules: Vec<_> = tried
        .findings
        .iter()
        .map(|f| (f.rule.as_str(), f.confidence.as_str()))
        .collect();
    assert_eq!(rules, [("term.listed", "certain"), ("card.luhn", "certain")]);
    let of_any = director
        .engine
        .try_redaction(&director.caller, None, text)
        .await
        .unwrap();
    assert!(of_any.text.starts_with(WORD), "the word is that client's alone");
    assert_eq!(app.record().await.len(), size);
    let long = director
        .engine
        .try_redaction(&director.caller, None, "x".repeat(20_001))
        .await;
    assert!(matches!(long, Err(ApiError::Invalid { .. })));
}
