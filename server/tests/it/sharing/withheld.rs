//! What a share leaves out.

use audit::verify::Verdict;
use domain::api::{NewShare, Shares, Withheld};

use super::closed_session;
use crate::support::TestApp;

/// R45: what a share leaves out is on its page and in its bundle nowhere, at each place it says so, and all verifies; the record has
/// what was left out, and by whom.
#[tokio::test]
async fn what_is_withheld_is_a_visible_gap() {
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let director = app.director().await;
    for (withheld, gone, there) in [
        (
            Withheld::Nothing,
            vec![],
            vec!["uptime 3 days", "The till freezes", "system.info"],
        ),
        (
            Withheld::Output,
            vec!["uptime 3 days"],
            vec![
                "The till freezes",
                "system.info",
                "It printed 24 bytes to stdout. What was written is withheld.",
                "what was printed",
            ],
        ),
        (
            Withheld::Texts,
            vec!["uptime 3 days", "The till freezes", "POS-1"],
            vec![
                "Tim Tech opened the session. What was written is withheld.",
                "what was typed and printed",
            ],
        ),
    ] {
        let new = NewShare {
            withheld,
            ..NewShare::of(session)
        };
        let share = director.engine.create_share(&director.caller, new).await.unwrap();
        assert_eq!(share.withheld, withheld);
        let link = share.link.unwrap();
        let (path, pin) = link.split_once('#').unwrap();
        let page = app.nobody().get(path).await.text();
        let bundle = app.nobody().get(&format!("{path}/bundle.json")).await;
        let kept = app.nobody().get(&format!("{path}/verify.html")).await.text();
        for text in gone {
            assert!(
                ![&page, &bundle.text(), &kept].iter().any(|t| t.contains(text)),
                "{text} {withheld:?}"
            );
        }
        for text in there {
            assert!(page.contains(text), "{text} {withheld:?}: {page}");
        }
        let report = audit::verify::verify_bytes(&bundle.body, audit::verify::Trusted::link(pin));
        assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
        assert_eq!(report.groups_withheld > 0, withheld != Withheld::Nothing);
        let record = app.record().await;
        let made = record.iter().rfind(|l| l.kind == "share.created").unwrap();
        let said = format!("{:?}", made.groups);
        assert!(said.contains(&format!(r#"withheld\":\"{}"#, withheld.word())), "{said}");
    }
    let shares = director
        .engine
        .review_share(&director.caller, session)
        .await
        .unwrap()
        .shares;
    assert_eq!(
        shares.iter().map(|s| s.withheld).collect::<Vec<_>>(),
        [Withheld::Texts, Withheld::Output, Withheld::Nothing]
    );
    let fields = [
        ("session", session.to_string()),
        ("reviewed", "true".into()),
        ("withheld", "some".into()),
    ];
    let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
    assert_eq!(director.http.call("create_share", &fields).await.status, 422);
}
