//! Legal holds: those that last with a form that ends them, those that were released, and a form for a new one.

use domain::api::{Field, HoldOn, HoldView};
use domain::event::Named;
use leptos::prelude::*;

use super::{PlaceHold, ReleaseHold};
use crate::session::output::exact;
use crate::ui::field::Choice;
use crate::ui::{Disclosure, EmptyState, Form, Glyph, Job, Kind, Section, Select, StatusWord, Submit, TextField, Time};

/// All of them.
#[component]
pub(super) fn Holds(holds: Vec<HoldView>, may_change: bool, release: ServerAction<ReleaseHold>) -> impl IntoView {
    if holds.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Lock title="Nothing is held">
                <p>"What is under a legal hold is not erased, neither by a person nor when its time is over."</p>
            </EmptyState>
        }
        .into_any();
    }
    let rows: Vec<_> = holds
        .into_iter()
        .map(|hold| view! { <Hold hold=hold may_change=may_change release=release/> })
        .collect();
    view! { <ul class="side-list">{rows}</ul> }.into_any()
}

/// One.
#[component]
fn Hold(hold: HoldView, may_change: bool, release: ServerAction<ReleaseHold>) -> impl IntoView {
    let state = match hold.released {
        None => view! { <StatusWord job=Job::Waiting glyph=Glyph::Lock word="Held"/> }.into_any(),
        Some(_) => view! { <StatusWord job=Job::Plain glyph=Glyph::Check word="Released"/> }.into_any(),
    };
    let ended = hold
        .released
        .clone()
        .map(|(by, at)| view! { " Released by " {by} ", " <Time at=at/> "." });
    let form = (may_change && hold.released.is_none()).then(|| {
        let id = hold.id.to_string();
        view! {
            <Disclosure summary="Release" kind=Kind::Quiet>
                <Form action=release>
                    <input type="hidden" name="hold" value=id.clone()/>
                    <TextField label="Why it may end" id=format!("f-release-{id}") name="reason" field=Field::Reason required=true
                        hint="It stays in the record, with your name."/>
                    <div class="form-actions"><Submit kind=Kind::Plain>"Release the hold"</Submit></div>
                </Form>
            </Disclosure>
        }
    });
    view! {
        <li class="side-row">
            <div class="side-row-head">{state} <span>{on(&hold)}</span></div>
            <p class="side-words">{exact(&hold.reason)}</p>
            <p class="side-note">"Placed by " {hold.placed_by} ", " <Time at=hold.placed_at/> "." {ended}</p>
            {form}
        </li>
    }
}

/// What it is on.
fn on(hold: &HoldView) -> AnyView {
    let name = hold.name.clone();
    match hold.on {
        HoldOn::All => view! { "Everything of " {name} }.into_any(),
        HoldOn::Client(_) => view! { "All sessions of " {name} }.into_any(),
        HoldOn::Session(id) => view! { <a href=format!("/sessions/{id}")>{name}</a> }.into_any(),
    }
}

/// The form for a new one, on a client or on everything. One on a session is placed on its page.
#[component]
pub(super) fn PlaceForm(clients: Vec<Named>, action: ServerAction<PlaceHold>) -> impl IntoView {
    let first = Choice {
        value: String::new(),
        label: "Everything".into(),
        chosen: true,
    };
    let choices: Vec<_> = std::iter::once(first)
        .chain(clients.into_iter().map(|c| Choice {
            value: c.id,
            label: c.name,
            chosen: false,
        }))
        .collect();
    view! {
        <Section title="Place a legal hold">
            <p class="muted">"A hold on one session is placed on the session's own page."</p>
            <Form action=action reset=true>
                <Select label="On what" name="client" field=Field::Client choices=choices/>
                <TextField label="Why" name="reason" field=Field::Reason required=true hint="Such as the matter's reference. It stays in the record, with your name."/>
                <div class="form-actions"><Submit>"Place the hold"</Submit></div>
            </Form>
        </Section>
    }
}
