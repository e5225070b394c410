//! What a stranger learns from a share of the endpoint's own signatures.

use audit::verify::{Trusted, Verdict, verify_bytes};
use domain::action::Outcome;
use domain::fingerprint::fingerprint;
use domain::ids::SessionId;

use crate::support::{Person, TestApp, countersign, script, system_info};

/// What the verifier says of receipts, in a new share of a session.
async fn said(app: &TestApp, director: &Person, session: SessionId) -> String {
    let link = director.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let bundle = app.nobody().get(&format!("{path}/bundle.json")).await.body;
    let report = verify_bytes(&bundle, Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    let told = report.checks.into_iter().find(|c| c.contains("receipts"));
    told.expect("something is said of receipts")
}

/// R6, R8: whoever has the link finds that the endpoint's key signed the order, the command, the statement that was approved, and
/// each line of both streams; the whole record says so too.
#[tokio::test]
async fn a_stranger_checks_what_the_endpoint_signed() {
    let app = TestApp::start().await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let mut agent = app.agent("till").await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("Linux\n").await;
    let asked = technician.propose(session, script("service posprint restart")).await;
    contact.approve(technician.request_of(session, asked).await).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    let parts = [
        order.output(wire::Stream::Stdout, "restarting \u{e9}\n"),
        order.output(wire::Stream::Stderr, "\u{1b}[31mslow\u{1b}[0m\n"),
    ];
    for part in parts {
        agent.report(&mut order, part).await;
    }
    agent.finish(&mut order, Outcome::Failed, Some(3)).await;
    technician.close_session(session).await;

    let told = said(&app, &director, session).await;
    let key = fingerprint(agent.device.key.verifying_key().as_bytes());
    assert_eq!(
        told,
        format!(
            "Endpoints' receipts of 2 ended actions, signed with the key {key}: of 2, order, command, approved statement, result and \
             output are what it signed."
        )
    );
    let whole = countersign(&["verify", "--database", &app.data_text()]).await;
    assert!(whole.code == 0 && whole.out.contains(&told), "{}", whole.out);
}

/// R8, R30: what the server redacted once more is not called signed, nor is what an agent of protocol 1 did not sign.
#[tokio::test]
async fn what_was_not_signed_is_said() {
    let app = TestApp::start().await;
    let (technician, director) = (app.technician().await, app.director().await);
    let mut device = app.enrol("till").await;
    device.speaks = 1;
    let mut agent = device.connect(app.address).await.unwrap();
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("old\n").await;
    technician.propose(session, system_info()).await;
    agent.run("paid with 4242 4242 4242 4242\n").await;
    technician.close_session(session).await;
    let told = said(&app, &director, session).await;
    assert!(
        told.contains("of 1, order, result and output are what it signed; its agent is of protocol 1"),
        "{told}"
    );
    assert!(told.contains("of 1, the server took more out"), "{told}");
    assert!(!told.contains("approved statement"), "{told}");
}
