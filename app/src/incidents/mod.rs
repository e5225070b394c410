//! Incidents: card data that was found where none is expected, what is known of each, and its closing (R35).

mod api;
mod list;
mod page;

pub use api::{CloseIncident, ListIncidents, ReadIncident, close_incident, list_incidents, read_incident};
pub use list::IncidentsPage;
pub use page::IncidentPage;

use domain::api::{IncidentPlace, IncidentRow};
use domain::finding::FindingKind;

/// What was found, for people: `card numbers and authentication data`.
fn kinds(found: &[FindingKind]) -> String {
    let word = |kind: &FindingKind| {
        if *kind == FindingKind::Card {
            "card numbers"
        } else {
            "authentication data (CVV, PIN or track)"
        }
    };
    found.iter().map(word).collect::<Vec<_>>().join(" and ")
}

/// Where it was found, as the end of a sentence.
fn place(row: &IncidentRow) -> &'static str {
    match row.place {
        IncidentPlace::Output => "in the output of an action",
        IncidentPlace::Command => "in a command, which was refused",
        IncidentPlace::Note => "in a note",
        IncidentPlace::Reason => "in a reason that somebody gave",
    }
}

/// The incident in a sentence.
pub(crate) fn sentence(row: &IncidentRow) -> String {
    let found = kinds(&row.kinds);
    let mut letters = found.chars();
    let found = letters
        .next()
        .map(|c| c.to_uppercase().chain(letters).collect::<String>())
        .unwrap_or_default();
    format!("{found} {}", place(row))
}
