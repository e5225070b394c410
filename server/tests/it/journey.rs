//! The golden story, thin: three bases for three actions, one refusal, one redaction, found, exported, shared, verified.

use audit::verify::Verdict;
use domain::action::{ActionState, Command, Verb};
use domain::api::Filter;

use crate::support::{TestApp, file_read, script};

/// R1, R6, R10, R20, R21, R40, R41, R45: from the opening to a verified public transcript.
#[tokio::test]
async fn from_a_click_to_a_verified_transcript() {
    let app = TestApp::start().await;
    let mut agent = app.agent("POS-REGISTER-07").await;
    let (technician, contact, director) = (app.technician().await, app.contact().await, app.director().await);
    let session = technician.open_session(agent.endpoint()).await;

    // Basis one: the contact's grant, narrowed on the phone.
    let request = technician.ask_access(session, r#"file.read("/etc/pos/**")"#).await;
    contact
        .narrow(request, r#"file.read("/etc/pos/ConnectionSettings/**")"#)
        .await;
    let read = technician
        .propose(session, file_read("/etc/pos/ConnectionSettings/terminal.conf"))
        .await;
    assert_eq!(agent.run("timeout = 30\nmerchant id: 4711000812345\n").await, read);
    // Basis two: the rule for probes of registered hosts.
    let probe = Command::Verb(Verb::NetProbe {
        host: "gw.example.com".into(),
        port: 443,
    });
    let probe = technician.propose(session, probe).await;
    assert_eq!(agent.run("timed out\n").await, probe);
    // Basis three: a second approval, of exactly these bytes.
    let restart = technician.propose(session, script("service posprint restart")).await;
    contact.approve(technician.request_of(session, restart).await).await;
    assert_eq!(agent.run("restarted\n").await, restart);
    // Outside what was narrowed: refused.
    let outside = technician.propose(session, file_read("/etc/pos/keys.txt")).await;
    contact
        .deny(technician.request_of(session, outside).await, "Outside")
        .await;
    technician.close_session(session).await;

    let view = technician.session(session).await;
    let bases: Vec<&str> = view
        .actions
        .iter()
        .filter_map(|a| a.basis.as_ref())
        .map(|b| b.word.as_str())
        .collect();
    assert_eq!(bases, ["grant", "policy", "one_time"]);
    for a in view.actions.iter().filter(|a| a.state == ActionState::Finished) {
        let (basis, dispatched, ended) = (
            a.basis.as_ref().unwrap().leaf,
            a.dispatched_leaf.unwrap(),
            a.ended_leaf.unwrap(),
        );
        assert!(
            basis < dispatched && dispatched < ended,
            "R6: {basis} {dispatched} {ended}"
        );
    }
    assert_eq!(view.actions[0].findings.values().sum::<u64>(), 1);
    assert!(!format!("{view:?}").contains("4711000812345"));
    assert_eq!(view.actions[3].state, ActionState::Refused);

    let found = director
        .find(Filter {
            endpoint: "REGISTER-07".into(),
            ..Filter::default()
        })
        .await;
    assert_eq!(found.len(), 4);
    let approved: Vec<_> = found
        .iter()
        .filter(|r| r.status == "succeeded" && r.approval_required)
        .collect();
    assert!(
        approved.len() == 2 && approved.iter().all(|r| r.approval_precedes_action == Some(true)),
        "{found:#?}"
    );

    let link = director.share(session).await.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let page = app.nobody().get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("ConnectionSettings") && !page.text().contains("4711000812345"));
    let bundle = app.nobody().get(&format!("{path}/bundle.json")).await;
    let report = audit::verify::verify_bytes(&bundle.body, audit::verify::Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    let signed = report.checks.iter().find(|c| c.contains("receipts")).unwrap();
    for told in [
        "of 2, order, command, approved statement",
        "of 1, the server took more out",
    ] {
        assert!(signed.contains(told), "R8: {signed}");
    }
}
