//! One incident: what is known, what is to be done, and the form that closes it.

use domain::api::{Disposition, Field, IncidentClosed, IncidentPlace, IncidentRow};
use leptos::prelude::*;

use super::{CloseIncident, api, sentence};
use crate::param;
use crate::session::output::exact;
use crate::ui::field::Choice;
use crate::ui::{
    Fact, Facts, Form, Glyph, Job, Loaded, Note, PageHead, Section, Select, Submit, TextArea, Time, use_live, words,
};

/// The incident that the address names.
#[component]
pub fn IncidentPage() -> impl IntoView {
    let live = use_live();
    let id = param("id");
    let close = ServerAction::<CloseIncident>::new();
    let value = close.value();
    // Not while somebody types: what was found in it does not change.
    let closed = Memo::new(move |_| value.with(|v| matches!(v, Some(Ok(())))));
    let may_change = Memo::new(move |_| if closed.get() { live.head.get() } else { 0 });
    let data = Resource::new(
        move || (id.get(), closed.get(), may_change.get()),
        |(id, ..)| api::read_incident(id),
    );
    view! { <Loaded resource=data rows=8 let:row>{page(row, close)}</Loaded> }.into_any()
}

fn page(row: IncidentRow, close: ServerAction<CloseIncident>) -> AnyView {
    let title = format!("Incident on {}", row.endpoint.name);
    let lead = sentence(&row);
    let session = format!("/sessions/{}", row.session);
    let found_in = match row.action {
        Some(action) => {
            let href = format!("/actions/{action}");
            view! { <a href=href><code>{exact(&row.command)}</code></a> }.into_any()
        }
        None => view! { <a href=session.clone()>"The session"</a> }.into_any(),
    };
    let told = if row.told.is_empty() {
        "Nobody: the client has no contact, and nobody may audit".to_owned()
    } else {
        row.told.join(", ")
    };
    let mailed = (!row.mailed.is_empty()).then(|| {
        let mailed = row.mailed.join(", ");
        view! { <Fact name="Mailed to">{mailed}</Fact> }
    });
    let leaf = row.opened_leaf;
    let head = lead.clone();
    let end = match &row.closed {
        Some(closed) => ended(closed),
        None if row.may_close => form(&row, close),
        None => view! { <p class="muted">"A director closes it, with what became of the data."</p> }.into_any(),
    };
    view! {
        <PageHead title=title sub=move || head.clone()/>
        <div class="split">
            <div class="split-main">
                <Section title="What is known">
                    <Facts>
                        <Fact name="What">{lead}</Fact>
                        <Fact name="Found in">{found_in}</Fact>
                        <Fact name="Machine">{row.endpoint.name.clone()}</Fact>
                        <Fact name="Client">{row.client.name.clone()}</Fact>
                        <Fact name="Session"><a href=session>{row.technician.clone()} "'s session"</a></Fact>
                        <Fact name="Opened"><Time at=row.opened_at/></Fact>
                        <Fact name="Leaf"><a href=format!("/record?leaf={leaf}#leaf")>{words::number(leaf)}</a></Fact>
                        <Fact name="Told">{told}</Fact>
                        {mailed}
                    </Facts>
                </Section>
                <Section title="What now">
                    {what_now(row.place)}
                    <p class="muted">"PCI DSS v4.0.1, 12.10.7. Where card numbers are expected is a setting of " <a href="/settings/redaction">"redaction"</a> "."</p>
                </Section>
            </div>
            <div class="split-side">{end}</div>
        </div>
    }
    .into_any()
}

/// What is known of the values, and what to do about them.
fn what_now(place: IncidentPlace) -> AnyView {
    let (known, first) = match place {
        IncidentPlace::Output => (
            "The values were taken out before anything was stored: they are in no record, page or export. On the machine they may still be.",
            "Find out where on the machine they are, and how they came there.",
        ),
        IncidentPlace::Command | IncidentPlace::Note | IncidentPlace::Reason => (
            "Somebody typed the values. They were taken out before anything was stored; where they were read from they may still be.",
            "Ask who typed them where they were read: a screen, a receipt, a file.",
        ),
    };
    view! {
        <p>{known}</p>
        <ol class="steps">
            <li>{first}</li>
            <li>"Have them deleted securely, or moved to where card data belongs."</li>
            <li>"Mend what put them there, and close the incident with what was done."</li>
        </ol>
    }
    .into_any()
}

fn form(row: &IncidentRow, close: ServerAction<CloseIncident>) -> AnyView {
    let first = std::iter::once(Choice {
        value: String::new(),
        label: "Choose".into(),
        chosen: true,
    });
    let choices: Vec<_> = first
        .chain(Disposition::ALL.map(|d| Choice {
            value: d.word().into(),
            label: d.label().into(),
            chosen: false,
        }))
        .collect();
    let id = row.id.to_string();
    view! {
        <Section title="Close it">
            <Form action=close>
                <input type="hidden" name="id" value=id/>
                <Select label="What became of the data" name="disposition" field=Field::Disposition choices=choices/>
                <TextArea
                    label="How it came there, and what was done"
                    name="note"
                    field=Field::Note
                    rows=5
                    required=true
                    hint="It stays in the record, with your name."
                />
                <div class="form-actions"><Submit>"Close the incident"</Submit></div>
            </Form>
        </Section>
    }
    .into_any()
}

fn ended(closed: &IncidentClosed) -> AnyView {
    let (by, note, leaf) = (closed.by.clone(), closed.note.clone(), closed.leaf);
    let (at, disposition) = (closed.at, closed.disposition.label());
    view! {
        <Section title="Closed">
            <Note job=Job::Plain glyph=Glyph::Check title=disposition>
                <p class="prewrap">{note}</p>
                <p class="muted">{by} ", " <Time at=at/> ", " <a href=format!("/record?leaf={leaf}#leaf")>"leaf " {words::number(leaf)}</a></p>
            </Note>
        </Section>
    }
    .into_any()
}
