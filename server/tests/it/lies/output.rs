//! What can't have been printed.

use wire::{Report, ReportBody};

use super::{At, Fate, Recorded, Row, Stage, lie, output, row};

/// Lies about what is printed.
pub(super) fn about_output() -> Vec<Row> {
    use {At::*, Fate::*, Recorded::*};
    vec![
        row(
            "output before the start",
            Ordered,
            lie!(|s| s.say(0, output("early\n")).await),
            As("out_of_place"),
            Closed,
        ),
        row(
            "output after the finish",
            Finished,
            lie!(|s| s.say(s.next(), output("late\n")).await),
            As("ended"),
            Goes,
        ),
        row(
            "reports in another order",
            Running,
            lie!(|s| s.say(s.next() + 1, output("later\n")).await),
            As("gap"),
            Closed,
        ),
        row(
            "another content for a number",
            Running,
            lie!(|s| s.say(1, output("another line\n")).await),
            As("other_content"),
            Goes,
        ),
        row(
            "another content after the end",
            Finished,
            lie!(|s| s.say(1, output("another line\n")).await),
            As("other_content"),
            Goes,
        ),
        row(
            "a second start",
            Running,
            lie!(|s| {
                let at = engine::Deps::system().now();
                let body = ReportBody::Started {
                    at,
                    resource: "again".into(),
                };
                s.say(s.next(), body).await;
            }),
            As("out_of_place"),
            Closed,
        ),
        row(
            "a refusal of what runs",
            Running,
            lie!(|s| {
                let body = ReportBody::Refused {
                    reason: domain::action::RefusalReason::NotRun,
                    detail: String::new(),
                };
                s.say(s.next(), body).await;
            }),
            As("out_of_place"),
            Closed,
        ),
        row(
            "output for another endpoint's action",
            Running,
            lie!(|s| {
                let action = s.foreign;
                s.liar
                    .send_report(Report {
                        action,
                        n: 1,
                        body: output("foreign\n"),
                    })
                    .await;
            }),
            As("no_such_action"),
            Goes,
        ),
        row(
            "output for an action that nobody proposed",
            Running,
            lie!(|s| {
                let action = "01890000-0000-7000-8000-000000000001".parse().unwrap();
                s.liar
                    .send_report(Report {
                        action,
                        n: 0,
                        body: output("made up\n"),
                    })
                    .await;
            }),
            As("no_such_action"),
            Goes,
        ),
        row(
            "an end for another endpoint's action",
            Running,
            lie!(|s| {
                let (action, body) = (s.foreign, ReportBody::Finished(s.finish()));
                s.liar.send_report(Report { action, n: 2, body }).await;
            }),
            As("no_such_action"),
            Goes,
        ),
    ]
}
