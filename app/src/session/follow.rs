//! Following new output, or not: whoever is at the end of the page stays there; whoever reads further up is left alone.

use leptos::prelude::*;

/// How far from its end, in pixels, the page still counts as being at its end.
const NEAR: f64 = 120.0;

/// Whether the page is scrolled to its end.
pub(super) fn is_at_end() -> bool {
    let Some(root) = document().document_element() else {
        return false;
    };
    let scrolled = window().scroll_y().unwrap_or_default();
    f64::from(root.scroll_height()) - scrolled - f64::from(root.client_height()) < NEAR
}

/// Scrolls to the end once what arrived is on the page.
pub(super) fn to_end_soon() {
    request_animation_frame(to_end);
}

/// Scrolls to the end.
pub(super) fn to_end() {
    if let Some(root) = document().document_element() {
        window().scroll_to_with_x_and_y(0.0, f64::from(root.scroll_height()));
    }
}
