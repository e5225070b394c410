//! The pages of the settings.

use leptos::prelude::*;
use leptos_router::components::A;

/// Links between them, as far as the reader may open them.
#[component]
pub(super) fn Tabs(
    /// Whether the reader may administer: on pages that only those open, there is no need to say so.
    #[prop(default = true)]
    administers: bool,
) -> impl IntoView {
    let of_admins = administers.then(|| {
        view! {
            <A href="/settings/people">"People"</A>
            <A href="/settings/clients">"Clients"</A>
            <A href="/settings/enrolment">"Enrolment"</A>
        }
    });
    view! {
        <nav class="tabs" aria-label="Settings">
            {of_admins}
            <A href="/settings/redaction">"Redaction"</A>
            <A href="/settings/retention">"Retention"</A>
        </nav>
    }
}
