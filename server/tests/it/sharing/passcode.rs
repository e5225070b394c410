//! What the readers of a share have to know besides its link.

use std::time::Duration;

use audit::verify::Verdict;
use domain::api::{ApiError, Field, NewShare, Shares};
use domain::sensitive::Raw;

use super::closed_session;
use crate::support::{Answer, TestApp};

/// R45: without the passcode nothing of a share is shown, at none of its addresses; with it all is, for a while; and guessing is
/// slowed down and recorded.
#[tokio::test]
async fn a_passcode_is_wanted_at_every_address() {
    const RIGHT: &str = "anchor-7-walnut";
    let app = TestApp::start().await;
    let session = closed_session(&app).await;
    let director = app.director().await;
    let share = async |passcode: &str| {
        let new = NewShare {
            passcode: Some(Raw::new(passcode.to_owned())),
            ..NewShare::of(session)
        };
        director.engine.create_share(&director.caller, new).await
    };
    for bad in ["", "short", &"x".repeat(101)] {
        let refused = share(bad).await;
        assert!(
            matches!(
                refused,
                Err(ApiError::Invalid {
                    field: Field::Passcode,
                    ..
                })
            ),
            "{bad}"
        );
    }
    let made = share(RIGHT).await.unwrap();
    assert!(made.passcode);
    let link = made.link.unwrap();
    let (path, pin) = link.split_once('#').unwrap();
    let nobody = app.nobody();
    let give = async |passcode: &str| {
        let headers = [("sec-fetch-site", "same-origin"), ("accept", "text/html")];
        nobody.post(path, &headers, &[("passcode", passcode)]).await
    };
    let hides = |answer: &Answer| {
        let text = answer.text();
        assert!(
            !text.contains("uptime 3 days") && !text.contains("KASSE-4") && !text.contains("Northwind"),
            "{text}"
        );
    };
    let asked = nobody.get(path).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("This transcript has a passcode"));
    assert!(asked.header("content-security-policy").contains("form-action 'self'"));
    hides(&asked);
    for ticket in [
        "",
        "?ticket=",
        "?ticket=1.00",
        "?ticket=9999999999999999999.00",
        "?ticket=99999999999999999999999.00",
    ] {
        let bundle = nobody.get(&format!("{path}/bundle.json{ticket}")).await;
        assert_eq!(bundle.status, 403, "{ticket}");
        hides(&bundle);
        let kept = nobody.get(&format!("{path}/verify.html{ticket}")).await;
        assert_eq!(kept.status, 403, "{ticket}");
        hides(&kept);
    }
    assert_eq!(app.recorded("share.viewed").await, 0);
    let wrong = give("anchor-7-walnuts").await;
    assert_eq!(wrong.status, 403);
    hides(&wrong);

    let page = give(RIGHT).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("uptime 3 days") && page.headers.get("set-cookie").is_none());
    let page = page.text();
    let bundle = page
        .split_once("data-bundle=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    let held = nobody.get(&bundle).await;
    let report = audit::verify::verify_bytes(&held.body, audit::verify::Trusted::link(pin));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    // Of another share, with the last digit changed, and when its time is over.
    let other = share("another passcode").await.unwrap().link.unwrap();
    let other = other.split_once('#').unwrap().0.to_owned();
    let ticket = bundle.split_once('?').unwrap().1;
    assert_eq!(nobody.get(&format!("{other}/bundle.json?{ticket}")).await.status, 403);
    let mut changed = bundle.clone();
    let last = if changed.pop() == Some('0') { '1' } else { '0' };
    changed.push(last);
    assert_eq!(nobody.get(&changed).await.status, 403);
    app.let_pass(Duration::from_secs(16 * 60)).await;
    assert_eq!(nobody.get(&bundle).await.status, 403);

    for _ in 0..10 {
        assert_eq!(give("guess").await.status, 403);
    }
    let locked = give(RIGHT).await;
    assert_eq!(locked.status, 429, "not even the right one");
    hides(&locked);
    assert!(locked.text().contains("Wait 10 minutes"));
    app.let_pass(Duration::from_secs(11 * 60)).await;
    assert_eq!(give(RIGHT).await.status, 200);
    let record = app.record().await;
    let refused = record.iter().filter(|l| l.kind == "share.passcode_refused").count();
    assert_eq!((refused, app.recorded("share.unlocked").await), (12, 2));
    assert!(!format!("{record:?}").contains("walnut"));
    let database = std::fs::read(app.data().join(engine::DATABASE_FILE)).unwrap();
    assert!(!database.windows(RIGHT.len()).any(|w| w == RIGHT.as_bytes()));
    // From another site's page nothing is given.
    let foreign = nobody
        .post(path, &[("sec-fetch-site", "cross-site")], &[("passcode", RIGHT)])
        .await;
    assert_eq!(foreign.status, 403);
    hides(&foreign);
}
