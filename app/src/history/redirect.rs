//! An action's own address leads to its place in its session.

use leptos::prelude::*;

use super::api;
use crate::ui::{Loaded, PageHead};

/// `/actions/:id`. The server redirects; the link is for a browser that didn't follow.
#[component]
pub fn ActionRedirect() -> impl IntoView {
    let id = crate::param("id");
    let place = Resource::new(move || id.get(), api::find_action);
    view! {
        <PageHead title="Action"/>
        <Loaded resource=place rows=1 let:place><p><a href=place>"The action in its session"</a></p></Loaded>
    }
    .into_any()
}
