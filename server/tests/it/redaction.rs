//! A canary: a card number and a merchant id planted wherever a person or a machine can put text, and found nowhere
//! (R30, R36; invariant 5).

use domain::action::Outcome;
use domain::api::{Filter, Sessions};

use crate::support::{Events, TestApp, logs, system_info};

/// A test card number that passes Luhn, and the ways in which it may be written.
const CANARY: [&str; 3] = ["5105105105105100", "5105 1051 0510 5100", "5105-1051-0510-5100"];
const MERCHANT: &str = "8812045519";

fn clean(place: &str, bytes: &[u8]) {
    for canary in CANARY.iter().chain([&MERCHANT]) {
        let found = bytes.windows(canary.len()).position(|w| w == canary.as_bytes());
        assert_eq!(found, None, "{canary} is in {place}");
    }
}

#[tokio::test]
async fn a_planted_card_number_is_found_nowhere() {
    let logs = logs::capture();
    let mut app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let reason = format!("Card {} declined", CANARY[1]);
    let session = technician
        .open_session_for(agent.endpoint(), &reason, &format!("T {}", CANARY[0]))
        .await
        .unwrap();
    let mut live = Events::open(&technician, &format!("/live/session/{session}"), &[]).await;
    technician.propose(session, system_info()).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    // A faulty agent that redacts nothing, and cuts the number between two pieces.
    agent.print(&mut order, &format!("paid with {} and\n", CANARY[0])).await;
    agent.print(&mut order, &format!("merchant id: {MERCHANT}\n")).await;
    agent.print(&mut order, &format!("spaced {}\n", CANARY[1])).await;
    agent.print(&mut order, &format!("dashed {}\n", CANARY[2])).await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    for _ in 0..4 {
        let (_, piece) = live.next_output().await;
        clean("a live event", piece.text.as_bytes());
    }
    app.engine()
        .add_note(&technician.caller, session, format!("Number was {}", CANARY[2]))
        .await
        .unwrap();
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    contact.deny(request, &format!("It is {}", CANARY[0])).await;
    director
        .find(Filter {
            text: CANARY[0].into(),
            ..Filter::default()
        })
        .await;
    app.engine()
        .close_session(&technician.caller, session, format!("Was {}", CANARY[1]))
        .await
        .unwrap();
    let share = director.share(session).await;
    let path = share.link.unwrap().split_once('#').unwrap().0.to_owned();

    let pages = ["/", "/sessions", "/history", "/record", "/approvals", "/endpoints"].map(str::to_owned);
    let of_session = [
        format!("/sessions/{session}"),
        format!("/approvals/{request}"),
        path.clone(),
        format!("{path}/bundle.json"),
    ];
    for page in pages
        .iter()
        .chain(&of_session)
        .chain([&"/export/history.csv".to_owned()])
    {
        for person in [&technician, &contact, &director] {
            clean(page, &person.get(page).await.body);
        }
    }
    drop((technician, contact, director, live));
    app.shut_down().await;
    for file in std::fs::read_dir(app.data()).unwrap() {
        let file = file.unwrap().path();
        clean(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
    let logged = logs.lock().unwrap().clone();
    assert!(!logged.is_empty(), "the log was looked at");
    clean("the log", &logged);
}
