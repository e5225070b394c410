//! The list of requests: what waits for a decision first.

use domain::api::{ApprovalRow, RequestState};
use leptos::prelude::*;

use super::api;
use crate::session::output::exact;
use crate::ui::{Countdown, EmptyState, Glyph, Loaded, PageHead, Section, Time, use_live, words};

/// What waits for the reader, what they wait for, and what was decided.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let live = use_live();
    let rows = Resource::new(move || live.head.get(), |_| api::approvals());
    view! {
        <PageHead title="Approvals" sub=|| view! { "Opening a request decides nothing." }/>
        <Loaded resource=rows rows=6 let:rows>{lists(rows)}</Loaded>
    }
    .into_any()
}

fn lists(rows: Vec<ApprovalRow>) -> AnyView {
    let (pending, past): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r.state == RequestState::Pending);
    let (mine, others): (Vec<_>, Vec<_>) = pending.into_iter().partition(|r| r.may_decide);
    let none_for_me = mine.is_empty().then(|| {
        view! {
            <EmptyState glyph=Glyph::Approval title="Nothing waits for your decision">
                <p>"When a technician asks, the request appears here."</p>
            </EmptyState>
        }
    });
    let count = |rows: &[ApprovalRow]| words::count(rows.len() as u64, "request", "requests");
    let (mine_count, others_count, past_count) = (count(&mine), count(&others), count(&past));
    view! {
        <Section title="For you to decide" aside=mine_count>
            {none_for_me}
            {cards(&mine)}
        </Section>
        {(!others.is_empty()).then(|| view! { <Section title="Waiting for somebody else" aside=others_count>{cards(&others)}</Section> })}
        {(!past.is_empty()).then(|| view! { <Section title="Decided" aside=past_count>{cards(&past)}</Section> })}
    }
    .into_any()
}

fn cards(rows: &[ApprovalRow]) -> AnyView {
    let rows: Vec<_> = rows.iter().map(card).collect();
    view! { <ul class="requests">{rows}</ul> }.into_any()
}

/// A request in a list: who, where, what, how long still. The whole row leads to it.
fn card(r: &ApprovalRow) -> AnyView {
    let pending = r.state == RequestState::Pending;
    let when = if pending {
        view! { <Countdown until=r.expires over="Time is up"/> }.into_any()
    } else {
        view! { <Time at=r.decided_at.unwrap_or(r.asked_at)/> }.into_any()
    };
    let by = if pending {
        format!("Asked: {}", r.asked.join(", "))
    } else {
        r.decided_by.clone()
    };
    let allowed = (!r.allowed.is_empty() && r.state == RequestState::Narrowed).then(|| {
        let allowed = exact(&r.allowed);
        view! { <p class="request-allowed">"Narrowed to " <code>{allowed}</code></p> }
    });
    view! {
        <li class="request">
            <div class="request-head">{words::request(r.state).view()} <span class="request-when">{when}</span></div>
            <a class="row-link request-what" href=format!("/approvals/{}", r.id)><code>{exact(&r.what)}</code></a>
            {allowed}
            <p class="request-who">
                {r.requester.name.clone()} " on " <strong>{r.endpoint.name.clone()}</strong> ", " {r.client.name.clone()}
                {(!by.is_empty()).then(|| view! { " · " {by} })}
            </p>
        </li>
    }
    .into_any()
}
