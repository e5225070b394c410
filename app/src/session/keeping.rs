//! How long a session's texts are kept: what holds them, that they were erased, and the forms for both.

use domain::api::{Erasure, Field, HoldView, SessionView};
use leptos::prelude::*;

use super::desk::Acts;
use super::output::exact;
use crate::ui::{Check, Disclosure, Form, Glyph, Job, Kind, Note, Submit, TextField, Time, words};

/// Whether there is something to say or to do.
pub(super) fn concerns(v: &SessionView) -> bool {
    v.may_retain || v.erased.is_some() || !v.holds.is_empty()
}

/// What is known, and for who may the forms.
pub(super) fn keeping(v: &SessionView, acts: Acts) -> AnyView {
    if let Some(erased) = &v.erased {
        return gone(erased);
    }
    let holds: Vec<_> = v.holds.iter().map(held).collect();
    let id = v.row.id.to_string();
    let erase = (v.may_retain && v.row.closed_at.is_some() && v.holds.is_empty()).then(|| erase_form(acts, id.clone()));
    let says = if !v.holds.is_empty() {
        None
    } else if v.row.closed_at.is_some() {
        Some("Kept until its time is over.")
    } else {
        Some("Kept. Only the texts of a closed session can be erased.")
    };
    view! {
        {says.map(|says| view! { <p class="side-note">{says} " " <a href="/settings/retention">"Retention"</a></p> })}
        <ul class="side-list">{holds}</ul>
        {v.may_retain.then(|| hold_form(acts, id))}
        {erase}
    }
    .into_any()
}

fn gone(erased: &Erasure) -> AnyView {
    let (by, at, leaf) = (erased.by.clone(), erased.at, erased.leaf);
    view! {
        <Note job=Job::Plain glyph=Glyph::Lock title="What was typed and printed here was erased">
            <p>"Who did what when stays, and the record can still be verified."</p>
            <p class="muted">{by} ", " <Time at=at/> ", " <a href=format!("/record?leaf={leaf}#leaf")>"leaf " {words::number(leaf)}</a></p>
        </Note>
    }
    .into_any()
}

fn held(hold: &HoldView) -> AnyView {
    let (reason, by, at) = (exact(&hold.reason), hold.placed_by.clone(), hold.placed_at);
    view! {
        <li class="side-row">
            <p class="side-words"><strong>"Under a legal hold: "</strong> {reason}</p>
            <p class="side-note">{by} ", " <Time at=at/> ". " <a href="/settings/retention">"Legal holds"</a></p>
        </li>
    }
    .into_any()
}

fn hold_form(acts: Acts, session: String) -> AnyView {
    view! {
        <Disclosure summary="Place a legal hold">
            <Form action=acts.hold>
                <input type="hidden" name="session" value=session/>
                <TextField label="Why they are to be kept" name="reason" id="f-hold-reason" field=Field::Reason required=true
                    hint="Such as the matter's reference. Until it is released, nobody can erase them."/>
                <div class="form-actions"><Submit kind=Kind::Plain>"Place the hold"</Submit></div>
            </Form>
        </Disclosure>
    }
    .into_any()
}

fn erase_form(acts: Acts, session: String) -> AnyView {
    view! {
        <Disclosure summary="Erase the texts">
            <Form action=acts.erase>
                <input type="hidden" name="session" value=session/>
                <TextField label="Why they are to be erased" name="reason" id="f-erase-reason" field=Field::Reason required=true
                    hint="Such as who asked for it. This stays in the record, with your name."/>
                <Check label="Reason, notes, commands and output of this session are to be gone for good" name="sure" required=true/>
                <div class="form-actions"><Submit kind=Kind::Plain>"Erase for good"</Submit></div>
            </Form>
        </Disclosure>
    }
    .into_any()
}
