//! The endpoints by client, as a dense grid with the state in words.

use std::collections::BTreeMap;

use domain::api::{EndpointRow, EndpointState};
use leptos::prelude::*;

use crate::ui::words::{count, endpoint_short};
use crate::ui::{ButtonLink, EmptyState, Glyph, Kind, Section, Tags};

/// Cells shown of one client; the list of endpoints has the rest.
const MOST: usize = 60;

/// Endpoints of one client.
struct Group {
    client: String,
    tags: Vec<String>,
    rows: Vec<EndpointRow>,
}

fn by_client(rows: Vec<EndpointRow>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    for row in rows.into_iter().filter(|r| r.state != EndpointState::Removed) {
        groups
            .entry((row.client.name.to_lowercase(), row.client.id.clone()))
            .or_insert_with(|| Group {
                client: row.client.name.clone(),
                tags: row.tags.clone(),
                rows: Vec::new(),
            })
            .rows
            .push(row);
    }
    groups.into_values().collect()
}

/// `12 ready, 1 offline, 0 pending`.
fn states(rows: &[EndpointRow]) -> String {
    let n = |state| rows.iter().filter(|r| r.state == state).count();
    format!(
        "{} ready, {} offline, {} pending",
        n(EndpointState::Ready),
        n(EndpointState::Offline),
        n(EndpointState::Pending)
    )
}

/// At most [`MOST`], those that are not ready first, and how many are left out.
fn first(mut rows: Vec<EndpointRow>) -> (Vec<EndpointRow>, usize) {
    let more = rows.len().saturating_sub(MOST);
    if more > 0 {
        rows.sort_by_key(|r| r.state == EndpointState::Ready);
        rows.truncate(MOST);
    }
    (rows, more)
}

/// The grid.
#[component]
pub(super) fn EndpointGrid(rows: Vec<EndpointRow>, may_open: bool, may_enrol: bool) -> impl IntoView {
    let aside = states(&rows);
    let groups = by_client(rows);
    let body = if groups.is_empty() {
        view! {
            <EmptyState glyph=Glyph::Endpoint title="No endpoint is enrolled yet">
                {if may_enrol {
                    view! {
                        <p>"Add a client, make an enrolment token for it, and run one command on the machine."</p>
                        <ButtonLink href="/settings/clients" kind=Kind::Primary>"Clients and enrolment"</ButtonLink>
                    }.into_any()
                } else {
                    view! { <p>"An admin of your organisation enrols machines under Settings."</p> }.into_any()
                }}
            </EmptyState>
        }
        .into_any()
    } else {
        let groups: Vec<_> = groups
            .into_iter()
            .map(|group| view! { <ClientGroup group=group may_open=may_open/> })
            .collect();
        view! { <div class="client-groups">{groups}</div> }.into_any()
    };
    view! { <Section title="Endpoints" aside=aside>{body}</Section> }
}

#[component]
fn ClientGroup(group: Group, may_open: bool) -> impl IntoView {
    let size = count(group.rows.len() as u64, "endpoint", "endpoints");
    let (shown, more) = first(group.rows);
    let more =
        (more > 0).then(|| view! { <p class="list-count">{format!("{more} more are ready: see Endpoints.")}</p> });
    let cells: Vec<_> = shown
        .into_iter()
        .map(|row| view! { <Cell row=row may_open=may_open/> })
        .collect();
    view! {
        <section class="client-group">
            <h3 class="client-name">{group.client} " " <Tags tags=group.tags/> <span class="muted client-size">{size}</span></h3>
            <ul class="endpoint-grid" role="list">{cells}</ul>
            {more}
        </section>
    }
}

#[component]
fn Cell(row: EndpointRow, may_open: bool) -> impl IntoView {
    let open = (row.open_sessions > 0).then(|| count(row.open_sessions, "open session", "open sessions"));
    let name = if may_open {
        view! { <a class="row-link" href=format!("/endpoints/{}", row.id)>{row.name}</a> }.into_any()
    } else {
        view! { <span>{row.name}</span> }.into_any()
    };
    view! {
        <li class="endpoint-cell" data-state=row.state.word()>
            <p class="endpoint-name mono">{name}</p>
            <p class="endpoint-state">{endpoint_short(row.state).view()} {open.map(|open| view! { <span class="endpoint-open">{open}</span> })}</p>
        </li>
    }
}
