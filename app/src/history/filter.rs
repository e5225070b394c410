//! The filter above the rows: a plain form whose fields become the address, and what is in force as chips.

use domain::action::{ActionState, Outcome, RefusalReason};
use domain::api::Filter;
use leptos::prelude::*;
use leptos_router::components::Form;

use super::query;
use crate::ui::{Button, Disclosure, Glyph, Icon, Kind};

/// The form, filled with `f`.
pub(super) fn form(f: &Filter) -> AnyView {
    let more = [
        &f.from,
        &f.until,
        &f.endpoint,
        &f.client,
        &f.technician,
        &f.status,
        &f.basis,
    ]
    .iter()
    .any(|v| !v.is_empty());
    let text = f.text.clone();
    let fields = view! {
        <div class="filter-fields">
            {moment("from", "From, UTC", &f.from)}
            {moment("until", "Until, UTC", &f.until)}
            {words("endpoint", "Endpoint", &f.endpoint)}
            {words("client", "Client", &f.client)}
            {words("technician", "Technician", &f.technician)}
            {status(&f.status)}
            {basis(&f.basis)}
            <div class="form-actions"><Button kind=Kind::Plain submit=true>"Apply"</Button></div>
        </div>
    };
    view! {
        <div class="hist-filter" role="search" aria-label="Filter the history">
            <Form method="GET" action="/history">
                <div class="filter-main">
                    <label class="visually-hidden" for="filter-text">"Text in commands, outputs, reasons, tickets and names"</label>
                    <input
                        class="input"
                        id="filter-text"
                        type="search"
                        name="text"
                        value=text
                        placeholder="Text in commands, outputs, reasons, tickets, names"
                        autocomplete="off"
                        spellcheck="false"
                    />
                    <Button kind=Kind::Primary submit=true><Icon glyph=Glyph::Search/> "Search"</Button>
                </div>
                <Disclosure summary="Date, endpoint, people, status" kind=Kind::Quiet open=more>{fields}</Disclosure>
            </Form>
            {chips(f)}
        </div>
    }
    .into_any()
}

/// What is in force, each with a link that takes it out.
fn chips(f: &Filter) -> Option<AnyView> {
    let chips: Vec<_> = query::fields(f)
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            let href = format!("/history?{}", query::without(f, name));
            let shown = value.replace('_', " ");
            view! {
                <li>
                    <a class="chip filter-chip" href=href>
                        <span class="visually-hidden">"Remove the filter "</span>
                        <span class="filter-name">{name}</span> " " {shown} <Icon glyph=Glyph::Cross/>
                    </a>
                </li>
            }
        })
        .collect();
    (!chips.is_empty()).then(|| view! { <ul class="chips filter-chips">{chips}</ul> }.into_any())
}

fn labelled(id: String, label: &'static str, control: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="field">
            <label class="field-label" for=id>{label}</label>
            {control}
        </div>
    }
    .into_any()
}

fn words(name: &'static str, label: &'static str, value: &str) -> AnyView {
    let (id, value) = (format!("filter-{name}"), value.to_owned());
    labelled(
        id.clone(),
        label,
        view! { <input class="input" id=id type="text" name=name value=value autocomplete="off" spellcheck="false"/> },
    )
}

/// A minute. A filter may hold a day only; the field wants a time as well.
fn moment(name: &'static str, label: &'static str, value: &str) -> AnyView {
    let value = match value.len() {
        10 => format!("{value}T00:00"),
        _ => value.replacen(' ', "T", 1).chars().take(16).collect(),
    };
    let id = format!("filter-{name}");
    labelled(
        id.clone(),
        label,
        view! { <input class="input" id=id type="datetime-local" name=name value=value/> },
    )
}

fn option(value: &'static str, chosen: &str) -> AnyView {
    view! { <option value=value selected=value == chosen>{value.replace('_', " ")}</option> }.into_any()
}

fn status(chosen: &str) -> AnyView {
    let standing: Vec<_> = ActionState::ALL
        .iter()
        .filter(|s| **s != ActionState::Finished)
        .map(|s| option(s.word(), chosen))
        .collect();
    let outcomes: Vec<_> = Outcome::ALL.iter().map(|o| option(o.word(), chosen)).collect();
    let reasons: Vec<_> = RefusalReason::ALL.iter().map(|r| option(r.word(), chosen)).collect();
    let control = view! {
        <select class="input" id="filter-status" name="status">
            <option value="" selected=chosen.is_empty()>"Any"</option>
            <optgroup label="Stands">{standing}</optgroup>
            <optgroup label="Ended">{outcomes}</optgroup>
            <optgroup label="Refused because">{reasons}</optgroup>
        </select>
    };
    labelled("filter-status".into(), "Status", control)
}

fn basis(chosen: &str) -> AnyView {
    let options: Vec<_> = ["one_time", "grant", "policy"].map(|b| option(b, chosen)).into();
    let control = view! {
        <select class="input" id="filter-basis" name="basis">
            <option value="" selected=chosen.is_empty()>"Any"</option>
            {options}
        </select>
    };
    labelled("filter-basis".into(), "Basis", control)
}
