//! The list: open ones first.

use domain::api::IncidentRow;
use leptos::prelude::*;

use super::{api, sentence};
use crate::ui::{EmptyState, Glyph, Job, Loaded, PageHead, Section, StatusWord, Table, Time, use_live, words};

const COLUMNS: &[&str] = &["Opened", "What", "Machine", "Client", "Stands"];

/// The incidents.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let live = use_live();
    let rows = Resource::new(move || live.head.get(), |_| api::list_incidents());
    view! {
        <PageHead title="Incidents" sub=|| view! { "Card data that was found where none is expected. It was taken out before anything was stored; on the machine it may still be." }/>
        <Loaded resource=rows rows=6 let:rows>{lists(rows)}</Loaded>
    }
    .into_any()
}

fn lists(rows: Vec<IncidentRow>) -> AnyView {
    let (closed, open): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r.closed.is_some());
    let count = |rows: &[IncidentRow]| words::count(rows.len() as u64, "incident", "incidents");
    let (open_count, closed_count) = (count(&open), count(&closed));
    let body = if open.is_empty() {
        view! {
            <EmptyState glyph=Glyph::Check title="No incident is open">
                <p>"When card data is found where none is expected, an incident opens here by itself."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        table("Open incidents", open)
    };
    view! {
        <Section title="Open" aside=open_count>{body}</Section>
        {(!closed.is_empty()).then(|| view! { <Section title="Closed" aside=closed_count>{table("Closed incidents", closed)}</Section> })}
    }
    .into_any()
}

fn table(caption: &'static str, rows: Vec<IncidentRow>) -> AnyView {
    let rows: Vec<_> = rows.iter().map(row).collect();
    view! { <Table caption=caption columns=COLUMNS>{rows}</Table> }.into_any()
}

fn row(r: &IncidentRow) -> AnyView {
    let stands = match &r.closed {
        None => view! { <StatusWord job=Job::Waiting glyph=Glyph::Waiting word="Open"/> }.into_any(),
        Some(c) => view! { {c.disposition.label()} ", by " {c.by.clone()} }.into_any(),
    };
    view! {
        <tr>
            <td data-label="Opened" class="nowrap"><Time at=r.opened_at/></td>
            <td data-label="What"><a class="row-link" href=format!("/incidents/{}", r.id)>{sentence(r)}</a></td>
            <td data-label="Machine">{r.endpoint.name.clone()}</td>
            <td data-label="Client">{r.client.name.clone()}</td>
            <td data-label="Stands">{stands}</td>
        </tr>
    }
    .into_any()
}
