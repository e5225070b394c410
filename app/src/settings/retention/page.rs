//! The page.

use domain::api::{ClientRetention, Field, RetentionView};
use leptos::prelude::*;

use super::api::RetentionPageData;
use super::holds::{Holds, PlaceForm};
use super::{PlaceHold, ReleaseHold, SetRetention, read_retention};
use crate::settings::tabs::Tabs;
use crate::ui::form::FormErrors;
use crate::ui::words::count;
use crate::ui::{Disclosure, EmptyState, Form, Glyph, Kind, Loaded, PageHead, Section, Submit, TextField, error_of};

/// Settings of retention.
#[component]
pub fn RetentionPage() -> impl IntoView {
    let acts = Acts {
        set: ServerAction::new(),
        place: ServerAction::new(),
        release: ServerAction::new(),
    };
    let data = Resource::new(
        move || {
            (
                acts.set.version().get(),
                acts.place.version().get(),
                acts.release.version().get(),
            )
        },
        |_| read_retention(),
    );
    view! {
        <PageHead title="Retention" sub=|| view! { "How long what was typed and printed is kept, and what may not be erased." }/>
        <FormErrors error=error_of(acts.set)/>
        <FormErrors error=error_of(acts.release)/>
        <Loaded resource=data rows=10 let:data><Everything data=data acts=acts/></Loaded>
    }
    .into_any()
}

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Acts {
    set: ServerAction<SetRetention>,
    place: ServerAction<PlaceHold>,
    release: ServerAction<ReleaseHold>,
}

#[component]
fn Everything(data: RetentionPageData, acts: Acts) -> impl IntoView {
    let RetentionPageData {
        view,
        may_change,
        may_administer,
    } = data;
    let RetentionView { days, clients, holds } = view;
    let kept = format!("{} ({})", count(days.into(), "day", "days"), years(days));
    let choices = clients.iter().map(|c| c.client.clone()).collect();
    let all = may_change.then(|| {
        view! {
            <Form action=acts.set>
                <TextField label="Days" name="days" kind="number" field=Field::Days required=true value=days.to_string()
                    hint="Counted from the end of a session. Shortening it erases what is older within the hour."/>
                <div class="form-actions"><Submit>"Save for all clients"</Submit></div>
            </Form>
        }
    });
    view! {
        <Tabs administers=may_administer/>
        <div class="split">
            <div class="split-main">
                <Section title="For all clients" aside=kept>
                    <p class="muted">
                        "When the time is over, the key of a session's texts is destroyed: its reason, notes, commands and output, for good. Who did what when, on whose authority and with which result stays, and the record can still be verified."
                    </p>
                    {all}
                </Section>
                <Section title="For one client">
                    <Clients clients=clients all=days may_change=may_change set=acts.set/>
                </Section>
                <Section title="Legal holds"><Holds holds=holds may_change=may_change release=acts.release/></Section>
            </div>
            <div class="split-side">
                {may_change.then(|| view! { <PlaceForm clients=choices action=acts.place/> })}
            </div>
        </div>
    }
}

/// In words, whole units only.
fn years(days: u32) -> String {
    match days {
        0..=13 => "under two weeks".to_owned(),
        14..=59 => format!("about {} weeks", days / 7),
        60..=729 => format!("about {} months", days / 30),
        // A year has 365.2425 days.
        _ => format!("about {} years", u64::from(days) * 10_000 / 3_652_425),
    }
}

#[component]
fn Clients(
    clients: Vec<ClientRetention>,
    all: u32,
    may_change: bool,
    set: ServerAction<SetRetention>,
) -> impl IntoView {
    if clients.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::People title="No client yet"><p>"Once there is one, it can have a time of its own."</p></EmptyState>
        }
        .into_any();
    }
    let rows: Vec<_> = clients
        .into_iter()
        .map(|c| view! { <Client client=c all=all may_change=may_change set=set/> })
        .collect();
    view! { <div class="clients">{rows}</div> }.into_any()
}

#[component]
fn Client(client: ClientRetention, all: u32, may_change: bool, set: ServerAction<SetRetention>) -> impl IntoView {
    let ClientRetention { client, days } = client;
    let says = match days {
        Some(days) => format!("{} ({})", count(days.into(), "day", "days"), years(days)),
        None => format!("as for all: {}", count(all.into(), "day", "days")),
    };
    let own = days.map(|d| d.to_string()).unwrap_or_default();
    let id = client.id.clone();
    let form = may_change.then(|| {
        view! {
            <Disclosure summary="Change" kind=Kind::Quiet>
                <Form action=set>
                    <input type="hidden" name="client" value=client.id/>
                    <TextField label="Days" id=format!("f-days-{id}") name="days" kind="number" field=Field::Days value=own hint="Empty: as for all clients."/>
                    <div class="form-actions"><Submit kind=Kind::Plain>"Save for this client"</Submit></div>
                </Form>
            </Disclosure>
        }
    });
    view! {
        <section class="client">
            <header class="client-head"><h3>{client.name}</h3><span class="muted">{says}</span></header>
            {form}
        </section>
    }
}
