//! Small charts: seven columns, each a link to the rows behind it. The numbers stand above the columns, so that nothing has
//! to be read off an axis; to a screen reader a chart is a list of links.
//!
//! Columns are drawn as SVG, whose sizes are attributes: the content security policy allows no inline style.

use leptos::prelude::*;

use super::Job;

/// Height of a column's drawing, in its own units.
const HEIGHT: u64 = 100;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What stands under it: a weekday.
    pub label: String,
    /// Parts from the bottom up: how much, and in which colour. None at all where there is no figure.
    pub parts: Vec<(u64, Job)>,
    /// What stands above it: `4`, `2 min`, `–`.
    pub shown: String,
    /// The whole sentence, for screen readers and the tip.
    pub sentence: String,
    /// The rows behind it, for whoever may read them.
    pub href: Option<String>,
}

impl Point {
    fn total(&self) -> u64 {
        self.parts.iter().map(|(n, _)| n).sum()
    }
}

/// A bar chart of single values or stacked parts.
#[component]
pub fn BarChart(
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The figure for the whole time, in words.
    #[prop(into)]
    summary: String,
    /// The columns.
    points: Vec<Point>,
) -> impl IntoView {
    let class = if points.iter().all(|p| p.total() == 0) {
        "columns none"
    } else {
        "columns"
    };
    let top = points.iter().map(Point::total).max().unwrap_or(0).max(1);
    let columns: Vec<_> = points
        .into_iter()
        .map(|point| view! { <Column point=point top=top/> })
        .collect();
    view! {
        <figure class="chart">
            <figcaption>
                <span class="chart-title">{title}</span>
                <span class="chart-summary">{summary}</span>
            </figcaption>
            <ul class=class role="list">{columns}</ul>
        </figure>
    }
}

/// One column: its number, its bar, its label.
#[component]
fn Column(point: Point, top: u64) -> impl IntoView {
    let mut from = HEIGHT;
    let bars: Vec<_> = point
        .parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, job)| {
            // At least two units, so that one of a thousand can be seen.
            let height = (n.saturating_mul(HEIGHT) / top).max(2).min(from);
            from -= height;
            view! { <rect class=job.class() x="0" y=from.to_string() width="10" height=height.to_string()></rect> }
        })
        .collect();
    let inside = view! {
        <span class="column-value" aria-hidden="true">{point.shown}</span>
        <svg class="column-bar" viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">{bars}</svg>
        <span class="column-label" aria-hidden="true">{point.label}</span>
        <span class="visually-hidden">{point.sentence.clone()}</span>
    };
    let tip = point.sentence;
    match point.href {
        Some(href) => view! { <li class="column"><a href=href title=tip>{inside}</a></li> }.into_any(),
        None => view! { <li class="column"><span title=tip>{inside}</span></li> }.into_any(),
    }
}
