//! Chips: small labels for tags, filters and redactions.

use leptos::prelude::*;

use super::Job;

/// A chip.
#[component]
pub fn Chip(
    /// The colour's job.
    #[prop(optional)]
    job: Job,
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! { <span class=format!("chip {}", job.class())>{children()}</span> }
}

/// A client's tags.
#[component]
pub fn Tags(
    /// The tags.
    tags: Vec<String>,
) -> impl IntoView {
    let chips: Vec<_> = tags
        .into_iter()
        .map(|tag| view! { <span class="chip">{tag}</span> })
        .collect();
    view! { <span class="chips">{chips}</span> }
}
