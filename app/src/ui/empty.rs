//! An empty list: it says so, and what the next step is.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// What stands in place of an empty list.
#[component]
pub fn EmptyState(
    /// The icon.
    #[prop(default = Glyph::Empty)]
    glyph: Glyph,
    /// What there is none of.
    #[prop(into)]
    title: String,
    /// The next step.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph=glyph/>
            <p class="empty-title">{title}</p>
            <div class="empty-next">{children()}</div>
        </div>
    }
}
