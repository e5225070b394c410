//! The few things asked of the browser directly. Call them only from event handlers and effects: on the server there is none.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The element with this id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Puts the focus on the element with this id, and into view.
pub fn focus(id: &str) {
    if let Some(element) = by_id::<web_sys::HtmlElement>(id) {
        let _ = element.focus();
    }
}

/// Whether a key was pressed in a place where text is typed.
pub fn is_typing(ev: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
}

/// Sets a cookie that only this page's scripts and the server's first paint read: a preference, never a secret.
pub fn set_preference(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax"));
    }
}

/// Loads `path` as a new page, so that nothing of the present one (whoever was signed in) stays.
pub fn load(path: &str) {
    let _ = window().location().set_href(path);
}

/// Loads the present page anew, so that nothing of what it showed stays.
pub fn reload() {
    let _ = window().location().reload();
}

/// Loads the sign-in page, which leads back to the present one.
pub fn sign_in_first() {
    let place = window().location();
    let (path, query) = (place.pathname().unwrap_or_default(), place.search().unwrap_or_default());
    if path != "/sign-in" {
        load(&format!(
            "/sign-in?next={}",
            js_sys::encode_uri_component(&format!("{path}{query}"))
        ));
    }
}
