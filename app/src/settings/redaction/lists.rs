//! The parts of the settings' forms: boxes for kinds, and lists of entries.

use domain::api::Field;
use domain::finding::FindingKind;
use leptos::prelude::*;

use crate::ui::{Check, TextArea};

/// Kinds that are taken out unless they are turned off.
pub(super) const SWITCHED: [FindingKind; 8] = [
    FindingKind::Email,
    FindingKind::Phone,
    FindingKind::Ssn,
    FindingKind::NationalId,
    FindingKind::HealthId,
    FindingKind::DocumentId,
    FindingKind::Iban,
    FindingKind::MerchantId,
];

/// Kinds that are taken out where it is asked for.
pub(super) const ASKED_FOR: [FindingKind; 2] = [FindingKind::IpAddress, FindingKind::MacAddress];

/// What a kind is called beside its box, and what it covers.
fn words(kind: FindingKind) -> (&'static str, Option<&'static str>) {
    match kind {
        FindingKind::Email => ("E-mail addresses", None),
        FindingKind::Phone => ("Phone numbers", None),
        FindingKind::Ssn => ("US social security numbers", None),
        FindingKind::NationalId => (
            "Other national and tax ids",
            Some("Those with a check digit, or a word that says so."),
        ),
        FindingKind::HealthId => ("Health ids", Some("MBI, NPI, DEA, medical record numbers.")),
        FindingKind::DocumentId => ("Passports and driving licences", None),
        FindingKind::Iban => ("Bank accounts (IBAN)", None),
        FindingKind::MerchantId => (
            "Merchant and terminal ids",
            Some("Behind words that say so, and those listed below."),
        ),
        FindingKind::IpAddress => ("IP addresses", Some("Most network output loses its use.")),
        FindingKind::MacAddress => ("Hardware addresses", None),
        FindingKind::Card
        | FindingKind::CardAuth
        | FindingKind::Password
        | FindingKind::Secret
        | FindingKind::PrivateKey
        | FindingKind::Jwt
        | FindingKind::Term
        | FindingKind::Own => (kind.label(), None),
    }
}

/// A box for each kind, ticked where it is taken out.
#[component]
pub(super) fn Kinds(
    /// Which.
    kinds: Vec<FindingKind>,
    /// Those that are taken out now.
    taken: Vec<FindingKind>,
) -> impl IntoView {
    let boxes: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let (label, hint) = words(kind);
            let checked = taken.contains(&kind);
            match hint {
                Some(hint) => {
                    view! { <Check label=label name="form[take][]" value=kind.label() checked=checked hint=hint/> }
                        .into_any()
                }
                None => {
                    view! { <Check label=label name="form[take][]" value=kind.label() checked=checked/> }.into_any()
                }
            }
        })
        .collect();
    view! {
        <fieldset class="field group kinds">
            <legend class="field-label">"Taken out"</legend>
            {boxes}
        </fieldset>
    }
}

/// A list's entries, each with a box that keeps it, and a field for more.
#[component]
pub(super) fn Entries(
    /// What they are.
    legend: &'static str,
    /// The argument that holds the entries that stay, such as `terms[]`.
    kept: &'static str,
    /// The argument that holds further ones.
    more: &'static str,
    /// The field's id: the page has it once for each client.
    id: String,
    /// Whose error stands beside it.
    field: Field,
    /// One sentence on what to enter.
    hint: &'static str,
    /// The entries.
    entries: Vec<String>,
) -> impl IntoView {
    let boxes: Vec<_> = entries
        .into_iter()
        .map(|entry| view! { <Check label=entry.clone() name=kept value=entry checked=true/> })
        .collect();
    let list = (!boxes.is_empty()).then(|| {
        let title = format!("{legend}: untick what is to go");
        view! {
            <fieldset class="field group kept">
                <legend class="field-label">{title}</legend>
                <div class="kept-entries">{boxes}</div>
            </fieldset>
        }
    });
    let label = if list.is_some() {
        format!("More {}", legend.to_lowercase())
    } else {
        legend.to_owned()
    };
    view! {
        {list}
        <TextArea label=label name=more id=id field=field hint=hint mono=true/>
    }
}
