//! Keys for the rows: `j` and `k` go down and up, `o` opens, `x` shows the rest in place.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::ui::browser::is_typing;

/// Listens while the page is open.
pub(super) fn listen() {
    Effect::new(move |_| {
        let listening = window_event_listener(leptos::ev::keydown, |ev: KeyboardEvent| {
            if !(ev.ctrl_key() || ev.meta_key() || ev.alt_key() || is_typing(&ev)) {
                pressed(&ev.key());
            }
        });
        on_cleanup(move || listening.remove());
    });
}

fn pressed(key: &str) {
    let rows = rows();
    let at = rows
        .iter()
        .position(|row| document().active_element().is_some_and(|a| row.contains(Some(&a))));
    match key {
        "j" => focus(rows.get(at.map_or(0, |n| n + 1))),
        "k" => focus(at.and_then(|n| rows.get(n.saturating_sub(1)))),
        "o" => click(at, &rows, "a.row-link"),
        "x" => click(at, &rows, "details.more > summary"),
        _ => {}
    }
}

fn rows() -> Vec<Element> {
    let Ok(found) = document().query_selector_all("tr.history-row") else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|n| found.get(n)?.dyn_into().ok())
        .collect()
}

fn inside(row: &Element, selector: &str) -> Option<HtmlElement> {
    row.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn focus(row: Option<&Element>) {
    if let Some(link) = row.and_then(|row| inside(row, "a.row-link")) {
        let _ = link.focus();
    }
}

fn click(at: Option<usize>, rows: &[Element], selector: &str) {
    if let Some(element) = at.and_then(|n| rows.get(n)).and_then(|row| inside(row, selector)) {
        element.click();
    }
}
