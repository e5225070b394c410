//! The page for an address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{ButtonLink, EmptyState, Glyph, Kind};

/// Whole-page form, outside the frame.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <main class="plain-page" id="main">
            <NotFound/>
        </main>
    }
    .into_any()
}

/// The message itself, for pages inside the frame.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <h1 class="visually-hidden">"Not found"</h1>
        <EmptyState glyph=Glyph::Unknown title="There is nothing at this address">
            <p>"It may have been removed, or the address may be mistyped. Nothing was changed."</p>
            <ButtonLink href="/" kind=Kind::Primary>"Go to the overview"</ButtonLink>
        </EmptyState>
    }
}
