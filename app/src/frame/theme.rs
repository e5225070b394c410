//! Light, dark, or as the system says. The choice is a cookie, so that the server's first paint is right.

use leptos::prelude::*;

use crate::ui::browser::set_preference;
use crate::ui::{Glyph, Icon};

/// A theme to choose.
pub(super) const THEMES: [(&str, &str, Glyph); 3] = [
    ("auto", "System", Glyph::Auto),
    ("light", "Light", Glyph::Sun),
    ("dark", "Dark", Glyph::Moon),
];

/// Chooses a theme, at once and for later visits.
pub(super) fn choose(theme: &str) {
    set_preference("theme", theme);
    if let Some(root) = document().document_element() {
        let _ = if theme == "auto" {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
}

/// Three buttons.
#[component]
pub(super) fn ThemeSwitch() -> impl IntoView {
    let buttons: Vec<_> = THEMES
        .into_iter()
        .map(|(theme, name, glyph)| {
            view! {
                <button class="theme" data-choice=theme type="button" title=name on:click=move |_| choose(theme)>
                    <Icon glyph=glyph/> <span>{name}</span>
                </button>
            }
        })
        .collect();
    view! { <div class="themes needs-script" role="group" aria-label="Theme">{buttons}</div> }
}
