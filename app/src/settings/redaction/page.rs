//! The page.

use domain::api::{ClientRedaction, Field, RedactionView};
use domain::finding::FindingKind;
use domain::redaction::RedactionSettings;
use leptos::prelude::*;

use super::lists::{ASKED_FOR, Entries, Kinds, SWITCHED};
use super::tried::TryIt;
use super::{SetRedaction, TryRedaction, read_redaction};
use crate::settings::tabs::Tabs;
use crate::ui::form::FormErrors;
use crate::ui::words::number;
use crate::ui::{Check, Disclosure, EmptyState, Form, Glyph, Kind, Loaded, PageHead, Section, Submit, error_of};

/// Settings of redaction.
#[component]
pub fn RedactionPage() -> impl IntoView {
    let set = ServerAction::<SetRedaction>::new();
    let tried = ServerAction::<TryRedaction>::new();
    // Read again once something was saved, and not while somebody types: the forms stand in what is read.
    let value = set.value();
    let saved = Memo::new(move |before: Option<&u32>| {
        let fine = value.with(|v| matches!(v, Some(Ok(()))));
        before.copied().unwrap_or(0) + u32::from(fine)
    });
    // Each client has a form of the same action. Without script nobody knows whose was sent.
    let input = set.input();
    let sent = Memo::new(move |before: Option<&Option<String>>| {
        let now = input.with(|sent| sent.as_ref().map(|sent| sent.form.client.clone()));
        now.or_else(|| before.cloned().flatten())
    });
    let error = error_of(set);
    let nobodys = Signal::derive(move || error.get().filter(|_| sent.with(Option::is_none)));
    let save = Save { set, sent };
    let data = Resource::new(move || saved.get(), |_| read_redaction());
    let whose = Resource::new(|| (), |()| read_redaction());
    view! {
        <PageHead title="Redaction" sub=|| view! { "What is taken out before anything is stored: on the endpoint first, and on the server again." }/>
        <FormErrors error=nobodys/>
        <Loaded resource=whose rows=1 let:whose><Tabs administers=whose.1/></Loaded>
        <div class="split">
            <div class="split-main">
                <Loaded resource=data rows=12 let:data><Everything data=data.0 save=save/></Loaded>
            </div>
            // Not read again with the settings, so that a text and its result stay.
            <div class="split-side">
                <Loaded resource=whose rows=6 let:whose><TryIt clients=whose.0.clients action=tried/></Loaded>
            </div>
        </div>
    }
    .into_any()
}

/// What saves the settings, and whose form was sent last.
#[derive(Clone, Copy)]
struct Save {
    set: ServerAction<SetRedaction>,
    sent: Memo<Option<String>>,
}

impl Save {
    fn is_from(self, of: String) -> Signal<bool> {
        Signal::derive(move || self.sent.with(|sent| sent.as_ref() == Some(&of)))
    }
}

#[component]
fn Everything(data: RedactionView, save: Save) -> impl IntoView {
    let about = format!("Engine {}, {} rules", data.engine, number(data.rules));
    let all = data.all.clone();
    let own: Vec<_> = data
        .clients
        .iter()
        .cloned()
        .map(|client| view! { <Client client=client all=all.clone() save=save/> })
        .collect();
    let own = if own.is_empty() {
        view! {
            <EmptyState glyph=Glyph::People title="No client yet">
                <p>"Once there is one, its merchant ids and words are listed here."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <div class="clients">{own}</div> }.into_any()
    };
    view! {
                <Section title="For all clients" aside=about>
                    <p class="muted">
                        "Card numbers, authentication data, passwords, keys and tokens are always taken out: they have no switch. A change holds for what is sent and stored from then on, and is in the record with your name."
                    </p>
                    <ForAll settings=data.all shown=data.digest.to_string() save=save/>
                </Section>
                <Section title="For one client, besides">{own}</Section>
    }
}

#[component]
fn ForAll(settings: RedactionSettings, shown: String, save: Save) -> impl IntoView {
    let mut taken: Vec<_> = SWITCHED
        .into_iter()
        .filter(|kind| !settings.off.contains(kind))
        .collect();
    taken.extend(asked_for(&settings));
    let kinds = SWITCHED.into_iter().chain(ASKED_FOR).collect();
    view! {
        <Form action=save.set mine=save.is_from(String::new())>
            <input type="hidden" name="form[shown]" value=shown/>
            <Kinds kinds=kinds taken=taken/>
            <Lists settings=settings of="all"/>
            <div class="form-actions"><Submit>"Save for all clients"</Submit></div>
        </Form>
    }
}

#[component]
fn Client(client: ClientRedaction, all: RedactionSettings, save: Save) -> impl IntoView {
    let ClientRedaction {
        client,
        settings,
        cards_expected,
        digest,
    } = client;
    let shown = digest.to_string();
    let says = summary(&settings, cards_expected);
    // What is taken out for all needs no box here, and is not forgotten for the client.
    let kinds: Vec<_> = ASKED_FOR
        .into_iter()
        .filter(|kind| !asked_for(&all).contains(kind))
        .collect();
    let taken = asked_for(&settings);
    let hidden: Vec<_> = taken
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .map(|kind| view! { <input type="hidden" name="form[take][]" value=kind.label()/> })
        .collect();
    let id = client.id.clone();
    view! {
        <section class="client">
            <header class="client-head"><h3>{client.name}</h3><span class="muted">{says}</span></header>
            <Disclosure summary="Change">
                <Form action=save.set mine=save.is_from(client.id.to_string())>
                    <input type="hidden" name="form[client]" value=id/>
                    <input type="hidden" name="form[shown]" value=shown/>
                    {hidden}
                    {(!kinds.is_empty()).then(|| view! { <Kinds kinds=kinds taken=taken/> })}
                    <Check
                        label="Card numbers are expected on its machines"
                        name="form[cards_expected]"
                        checked=cards_expected
                        hint="They are taken out all the same, but finding one opens no incident. CVV, PIN and track data always do."
                    />
                    <Lists settings=settings of=client.id/>
                    <div class="form-actions"><Submit kind=Kind::Plain>"Save for this client"</Submit></div>
                </Form>
            </Disclosure>
        </section>
    }
}

/// The kinds of [`ASKED_FOR`] that are.
fn asked_for(settings: &RedactionSettings) -> Vec<FindingKind> {
    let ip = settings.ip_addresses.then_some(FindingKind::IpAddress);
    ip.into_iter()
        .chain(settings.mac_addresses.then_some(FindingKind::MacAddress))
        .collect()
}

/// What is set, in a line.
fn summary(settings: &RedactionSettings, cards_expected: bool) -> String {
    let count = |n: usize, one: &str, many: &str| (n > 0).then(|| crate::ui::words::count(n as u64, one, many));
    let mut says: Vec<String> = [
        count(settings.merchant_ids.len(), "merchant id", "merchant ids"),
        count(settings.terms.len(), "word", "words"),
        count(settings.patterns.len(), "pattern", "patterns"),
    ]
    .into_iter()
    .flatten()
    .collect();
    says.extend(
        asked_for(settings)
            .iter()
            .map(|kind| format!("{} addresses", kind.label().to_uppercase())),
    );
    says.extend(cards_expected.then(|| "card numbers expected".to_owned()));
    if says.is_empty() {
        "nothing besides".into()
    } else {
        says.join(", ")
    }
}

/// The three lists.
#[component]
fn Lists(settings: RedactionSettings, #[prop(into)] of: String) -> impl IntoView {
    let patterns = settings
        .patterns
        .into_iter()
        .map(|p| format!("{} = {}", p.name, p.pattern))
        .collect();
    view! {
        <Entries
            legend="Merchant and terminal ids"
            kept="form[merchant_ids][]"
            more="form[more_merchant_ids]"
            id=format!("ids-{of}")
            field=Field::MerchantIds
            hint="One a line. Found wherever they stand as a word."
            entries=settings.merchant_ids
        />
        <Entries
            legend="Words"
            kept="form[terms][]"
            more="form[more_terms]"
            id=format!("terms-{of}")
            field=Field::Terms
            hint="Names of people, products or places, one a line, in any letter case."
            entries=settings.terms
        />
        <Entries
            legend="Patterns"
            kept="form[patterns][]"
            more="form[more_patterns]"
            id=format!("patterns-{of}")
            field=Field::Patterns
            hint="One a line, as: loyalty card = LC-######## (# a digit, ^ a letter, ? either, + more of it)."
            entries=patterns
        />
    }
}
