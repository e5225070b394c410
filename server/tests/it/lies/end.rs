//! What can't be how it ended.

use domain::action::Outcome;
use wire::ReportBody;

use super::{At, Fate, Recorded, Row, Stage, lie, row};
use crate::support::new_key;

/// Lies about the end.
pub(super) fn about_the_end() -> Vec<Row> {
    use {At::*, Fate::*, Recorded::*};
    vec![
        row(
            "an end before the start",
            Ordered,
            lie!(|s| s.claim(|_| ()).await),
            As("out_of_place"),
            Closed,
        ),
        row(
            "success with a failing exit code",
            Running,
            lie!(|s| s.claim(|f| f.exit = Some(1)).await),
            As("exit"),
            Closed,
        ),
        row(
            "fewer bytes",
            Running,
            lie!(|s| s.claim(|f| f.stdout_bytes = 1).await),
            As("totals"),
            Closed,
        ),
        row(
            "more bytes",
            Running,
            lie!(|s| s.claim(|f| f.stderr_bytes = 1).await),
            As("totals"),
            Closed,
        ),
        row(
            "more lines",
            Running,
            lie!(|s| s.claim(|f| f.lines += 1).await),
            As("totals"),
            Closed,
        ),
        row(
            "more pieces",
            Running,
            lie!(|s| s.claim(|f| f.chunks += 1).await),
            As("totals"),
            Closed,
        ),
        row(
            "another output's digest",
            Running,
            lie!(|s| s.claim(|f| f.output = wire::OutputDigest::new().digest()).await),
            As("digest"),
            Closed,
        ),
        row(
            "a receipt of another key",
            Running,
            lie!(|s| {
                let finish = s.order.finish(Outcome::Succeeded, Some(0), &new_key());
                s.say(s.next(), ReportBody::Finished(finish)).await;
            }),
            As("receipt"),
            Closed,
        ),
        row(
            "a receipt for another order",
            Running,
            lie!(|s| {
                let other = domain::digest::Digest::of(&[b"another order"]);
                let finish = s
                    .finish()
                    .sign(s.order.order.action, &other, &s.liar.device.key)
                    .unwrap();
                s.say(s.next(), ReportBody::Finished(finish)).await;
            }),
            As("receipt"),
            Closed,
        ),
        row(
            "another action's receipt",
            Running,
            lie!(|s| {
                let digest = s.order.signed.digest();
                let other = s.finish().sign(s.foreign, &digest, &s.liar.device.key).unwrap();
                let finish = wire::Finish {
                    receipt: other.receipt,
                    ..s.finish()
                };
                s.say(s.next(), ReportBody::Finished(finish)).await;
            }),
            As("receipt"),
            Closed,
        ),
        row(
            "an end that was changed after it was signed",
            Running,
            lie!(|s| {
                let finish = wire::Finish {
                    outcome: Outcome::Failed,
                    ..s.finish()
                };
                s.say(s.next(), ReportBody::Finished(finish)).await;
            }),
            As("receipt"),
            Closed,
        ),
    ]
}
