//! The list of endpoints, with a box that filters it. The filter is the address, so that it works without script and can be
//! kept; with script the list follows as one types.

use domain::api::{EndpointRow, EndpointState};
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;

use super::list_endpoints;
use crate::ui::words::{count, endpoint_short, number};
use crate::ui::{Age, ButtonLink, EmptyState, Glyph, Icon, Loaded, PageHead, Table, Tags, use_live};

/// Rows shown at once; the filter finds the rest.
const MOST: usize = 500;

const COLUMNS: &[&str] = &["Endpoint", "Client", "State", "System", "Last seen", "Open sessions"];

/// Whether every word of `filter` is somewhere in the row.
fn holds(row: &EndpointRow, filter: &str) -> bool {
    let text = format!(
        "{} {} {} {} {}",
        row.name,
        row.client.name,
        row.tags.join(" "),
        row.state.word(),
        row.os
    )
    .to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The endpoints.
#[component]
pub fn EndpointsPage() -> impl IntoView {
    let live = use_live();
    let rows = Resource::new(move || live.head.get(), |_| list_endpoints());
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| q.get("q")).unwrap_or_default());
    let (typed, set_typed) = signal(None::<String>);
    let filter = Memo::new(move |_| typed.get().unwrap_or_else(|| asked.get()));
    view! {
        <PageHead title="Endpoints" sub=|| view! { "Machines that run the agent. Each only dials out, and runs nothing that was not allowed." }/>
        <div class="filter" role="search" aria-label="Endpoints">
            <Form method="GET" action="">
                <Icon glyph=Glyph::Search/>
                <input
                    class="input"
                    type="search"
                    name="q"
                    value=asked.get_untracked()
                    placeholder="Filter by name, client, tag, state or system"
                    aria-label="Filter the endpoints"
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |ev| set_typed.set(Some(event_target_value(&ev)))
                />
                <noscript><button class="button" type="submit">"Filter"</button></noscript>
            </Form>
        </div>
        <Loaded resource=rows rows=10 let:rows>
            {
                let rows = StoredValue::new(rows);
                move || filter.with(|filter| rows.with_value(|rows| view! { <Rows rows=rows.clone() filter=filter.clone()/> }))
            }
        </Loaded>
    }
    .into_any()
}

#[component]
fn Rows(rows: Vec<EndpointRow>, filter: String) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Endpoint title="No endpoint is enrolled yet">
                <p>"An admin adds a client, makes an enrolment token, and runs one command on the machine."</p>
                <ButtonLink href="/settings/clients">"Clients and enrolment"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    let all = rows.len() as u64;
    let found: Vec<_> = rows.into_iter().filter(|row| holds(row, &filter)).collect();
    let n = found.len() as u64;
    let said = if n == all {
        count(all, "endpoint", "endpoints")
    } else {
        format!("{} of {}", number(n), count(all, "endpoint", "endpoints"))
    };
    if found.is_empty() {
        return view! {
            <p class="list-count" role="status">{said}</p>
            <EmptyState glyph=Glyph::Search title="No endpoint matches">
                <p>"Try part of a name, a client, a tag such as pci, or a state such as offline."</p>
                <ButtonLink href="/endpoints" external=true>"Show all"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    let more = found.len().saturating_sub(MOST) as u64;
    let lines: Vec<_> = found
        .into_iter()
        .take(MOST)
        .map(|row| view! { <Row row=row/> })
        .collect();
    view! {
        <p class="list-count" role="status">{said}</p>
        <Table caption="Endpoints" columns=COLUMNS>{lines}</Table>
        {(more > 0).then(|| view! { <p class="list-count">{number(more)} " more: filter to see them."</p> })}
    }
    .into_any()
}

#[component]
fn Row(row: EndpointRow) -> impl IntoView {
    view! {
        <tr>
            <td data-label="Endpoint" class="cell-name"><a class="row-link mono" href=format!("/endpoints/{}", row.id)>{row.name}</a></td>
            <td data-label="Client">{row.client.name} " " <Tags tags=row.tags/></td>
            <td data-label="State">{endpoint_short(row.state).view()}</td>
            <td data-label="System">{row.os}</td>
            <td data-label="Last seen">{match (row.state, row.last_seen) {
                (EndpointState::Ready, _) => view! { "Connected now" }.into_any(),
                (_, Some(at)) => view! { <Age at=at/> }.into_any(),
                (_, None) => view! { "Never" }.into_any(),
            }}</td>
            <td data-label="Open sessions">{row.open_sessions}</td>
        </tr>
    }
}
