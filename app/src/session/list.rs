//! The list of sessions.

use domain::api::SessionRow;
use domain::timestamp::for_people;
use leptos::prelude::*;

use super::api;
use crate::ui::{ButtonLink, EmptyState, Glyph, Icon, Job, Loaded, PageHead, StatusWord, Table, Time, use_live, words};

/// The sessions that one may see: one's own, or all for whoever audits.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let live = use_live();
    let rows = Resource::new(move || live.head.get(), |_| api::sessions());
    view! {
        <PageHead title="Sessions" sub=|| view! { "Visits to endpoints, the newest first. A session is opened from its endpoint's page." }>
            <ButtonLink href="/endpoints"><Icon glyph=Glyph::Endpoint/> "Choose an endpoint"</ButtonLink>
        </PageHead>
        <Loaded resource=rows rows=12 let:rows>{list(&rows)}</Loaded>
    }
    .into_any()
}

fn list(rows: &[SessionRow]) -> AnyView {
    if rows.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Session title="No sessions yet">
                <p>"Choose an endpoint and open a session on it, with a reason."</p>
                <ButtonLink href="/endpoints">"Endpoints"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    let shown: Vec<_> = rows.iter().map(row).collect();
    view! {
        <Table
            caption="Sessions"
            class="sessions-table"
            columns=&["Endpoint", "Client", "Reason", "Technician", "Opened", "State", "Actions", "Waiting"]
        >
            {shown}
        </Table>
    }
    .into_any()
}

/// One session as a row.
fn row(s: &SessionRow) -> AnyView {
    let state = match s.closed_at {
        None => view! { <StatusWord job=Job::Authorised glyph=Glyph::Running word="Open"/> }.into_any(),
        Some(at) => {
            let lasted = format!("Closed after {}", for_people(at.since(s.opened_at)));
            view! { <StatusWord job=Job::Plain glyph=Glyph::Lock word=lasted/> }.into_any()
        }
    };
    let waiting = if s.waiting > 0 {
        view! { <StatusWord job=Job::Waiting glyph=Glyph::Waiting word=words::number(s.waiting)/> }.into_any()
    } else {
        "0".into_any()
    };
    let ticket = (!s.ticket.is_empty()).then(|| view! { <span class="muted">" " {s.ticket.clone()}</span> });
    view! {
        <tr>
            <td data-label="Endpoint"><a class="row-link" href=format!("/sessions/{}", s.id)>{s.endpoint.name.clone()}</a></td>
            <td data-label="Client">{s.client.name.clone()}</td>
            <td data-label="Reason"><span class="clip">{s.reason.clone()}</span> {ticket}</td>
            <td data-label="Technician">{s.technician.name.clone()}</td>
            <td data-label="Opened"><Time at=s.opened_at/></td>
            <td data-label="State">{state}</td>
            <td data-label="Actions" class="num">{words::number(s.actions)}</td>
            <td data-label="Waiting" class="num">{waiting}</td>
        </tr>
    }
    .into_any()
}
