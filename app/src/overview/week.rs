//! The last seven days: two figures and four small charts, each a link to the rows behind it.

use std::time::Duration;

use domain::api::{Week, WeekDay};
use domain::timestamp::{Timestamp, for_people};
use leptos::prelude::*;

use crate::ui::words::{count, number};
use crate::ui::{BarChart, Job, Point, Section};

const DAY: Duration = Duration::from_secs(86_400);

/// The history's address for these days, with more filters.
fn rows_of(from: &str, until_day: &str, more: &str) -> String {
    let until = Timestamp::parse_minute(until_day)
        .map(|t| t.plus(DAY).day())
        .unwrap_or_default();
    format!("/history?from={from}&until={until}{more}")
}

/// `Mon`, for a day such as `2026-03-02`.
fn weekday(day: &str) -> &'static str {
    const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    // 1970-01-01 was a Thursday.
    let days = Timestamp::parse_minute(day)
        .map(|t| t.millis().div_euclid(86_400_000).rem_euclid(7))
        .unwrap_or(0);
    NAMES[usize::try_from(days).unwrap_or(0)]
}

/// A chart's columns; no links for whoever may not read the history.
fn points(
    week: &Week,
    may_open: bool,
    more: &str,
    column: impl Fn(&WeekDay) -> (Vec<(u64, Job)>, String, String),
) -> Vec<Point> {
    week.days
        .iter()
        .map(|day| {
            let (parts, shown, words) = column(day);
            Point {
                label: weekday(&day.day).to_owned(),
                parts,
                shown,
                sentence: format!("{} {}: {words}", weekday(&day.day), day.day),
                href: may_open.then(|| rows_of(&day.day, &day.day, more)),
            }
        })
        .collect()
}

/// A median of seconds as a column.
fn median(seconds: Option<u64>, what: &str) -> (Vec<(u64, Job)>, String, String) {
    match seconds {
        Some(s) => (
            vec![(s.max(1), Job::Plain)],
            brief(s),
            format!("median {} {what}", in_words(s)),
        ),
        None => (vec![], "–".into(), "none".into()),
    }
}

/// `95s`, `25m`, `3h`: a duration above a narrow column.
fn brief(seconds: u64) -> String {
    match seconds {
        0 => "<1s".into(),
        1..100 => format!("{seconds}s"),
        100..6_000 => format!("{}m", (seconds + 30) / 60),
        6_000..172_800 => format!("{}h", (seconds + 1_800) / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `under 1 s`, `8 s`, `25 min`: a median of whole seconds.
fn in_words(seconds: u64) -> String {
    match seconds {
        0 => "under 1 s".into(),
        1..10 => format!("{seconds} s"),
        _ => for_people(Duration::from_secs(seconds)),
    }
}

/// The latest day that has this median.
fn latest(week: &Week, of: impl Fn(&WeekDay) -> Option<u64>, none: &str) -> String {
    let last = week.days.iter().rev().find_map(|d| of(d).map(|s| (d, s)));
    last.map_or_else(
        || none.to_owned(),
        |(d, s)| format!("{} on {}", in_words(s), weekday(&d.day)),
    )
}

/// The section.
#[component]
pub(super) fn LastDays(week: Week, refused: u64, findings: u64, may_open: bool) -> impl IntoView {
    let sessions: u64 = week.days.iter().map(|d| d.sessions).sum();
    let (yes, no) = week
        .days
        .iter()
        .fold((0, 0), |(y, n), d| (y + d.approved, n + d.refused));
    let all = yes + no;
    let rate = (yes * 100 + all / 2)
        .checked_div(all)
        .map_or_else(|| "no decision yet".into(), |r| format!("{yes} of {all}, {r} %"));
    let span = week
        .days
        .first()
        .zip(week.days.last())
        .map(|(a, b)| rows_of(&a.day, &b.day, ""))
        .filter(|_| may_open);
    view! {
        <Section title="The last seven days" aside="UTC days">
            <div class="figures">
                <Figure n=sessions one="session opened" many="sessions opened" job=Job::Plain href=span.clone()/>
                <Figure n=refused one="action refused" many="actions refused" job=Job::Refused href=span.clone().map(|s| format!("{s}&status=refused"))/>
                <Figure n=findings one="value redacted" many="values redacted" job=Job::Plain href=span/>
            </div>
            <div class="charts">
                <BarChart title="Sessions opened" summary=count(sessions, "session", "sessions") points=points(&week, may_open, "", |d| {
                    (vec![(d.sessions, Job::Plain)], number(d.sessions), count(d.sessions, "session", "sessions"))
                })/>
                <BarChart title="Requests approved" summary=rate points=points(&week, may_open, "", |d| {
                    (
                        vec![(d.approved, Job::Authorised), (d.refused, Job::Refused)],
                        if d.approved + d.refused == 0 { "–".into() } else { format!("{}/{}", d.approved, d.approved + d.refused) },
                        format!("{} approved, {} denied or expired", d.approved, d.refused),
                    )
                })/>
                <BarChart title="Median time to a decision" summary=latest(&week, |d| d.median_decision_s, "no decision yet")
                    points=points(&week, may_open, "&basis=one_time", |d| median(d.median_decision_s, "from request to decision"))/>
                <BarChart title="Median length of a session" summary=latest(&week, |d| d.median_session_s, "none closed yet")
                    points=points(&week, may_open, "", |d| median(d.median_session_s, "from opening to close"))/>
            </div>
        </Section>
    }
}

/// A number with its words, linked to its rows. Zero is shown as zero.
#[component]
fn Figure(n: u64, one: &'static str, many: &'static str, job: Job, href: Option<String>) -> impl IntoView {
    let class = format!("figure {}", if n > 0 { job.class() } else { Job::Plain.class() });
    let inside = view! { <span class="figure-number">{number(n)}</span> " " <span class="figure-words">{if n == 1 { one } else { many }}</span> };
    match href {
        Some(href) => view! { <a class=class href=href>{inside}</a> }.into_any(),
        None => view! { <p class=class>{inside}</p> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R46: each figure opens its rows, to the end of its day.
    #[test]
    fn a_day_opens_the_rows_of_that_day() {
        assert_eq!(
            rows_of("2026-02-28", "2026-02-28", ""),
            "/history?from=2026-02-28&until=2026-03-01"
        );
        assert_eq!(weekday("2026-03-02"), "Mon");
        assert_eq!(weekday("1970-01-01"), "Thu");
    }

    #[test]
    fn a_day_without_a_decision_says_so() {
        assert_eq!(median(None, "x").1, "–");
        assert_eq!(
            (brief(95), brief(140), brief(9_000), brief(200_000)),
            ("95s".into(), "2m".into(), "3h".into(), "2d".into())
        );
        assert_eq!(median(Some(0), "x").0, [(1, Job::Plain)]);
    }
}
