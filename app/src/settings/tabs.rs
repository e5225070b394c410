//! The pages of the settings.

use leptos::prelude::*;
use leptos_router::components::A;

/// Links between them.
#[component]
pub(super) fn Tabs() -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Settings">
            <A href="/settings/people">"People"</A>
            <A href="/settings/clients">"Clients"</A>
            <A href="/settings/enrolment">"Enrolment"</A>
            <A href="/settings/redaction">"Redaction"</A>
        </nav>
    }
}
