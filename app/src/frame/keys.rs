//! Keys that work everywhere, and the list of all keys (`?`).

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, KeyboardEvent};

use super::Me;
use super::palette;
use super::rail::PAGES;
use crate::api_error::AppError;
use crate::ui::browser::{by_id, focus, is_typing};
use crate::ui::{Button, Glyph, Icon, Kind};

const DIALOG: &str = "key-help";

/// Keys of single pages, for the list.
const OTHERS: [(&str, &str); 9] = [
    ("Enter", "Session: propose what is typed"),
    ("Esc", "Session: leave the composer"),
    ("↑", "Session: the command before"),
    ("/", "Session: workflows, at the start of a command"),
    ("j", "History: next row"),
    ("k", "History: row before"),
    ("o", "History: open the row in place"),
    ("x", "History: close it"),
    ("Tab", "Everywhere: what comes next"),
];

/// Opens the list.
pub(super) fn open() {
    if let Some(dialog) = by_id::<HtmlDialogElement>(DIALOG) {
        let _ = dialog.show_modal();
    }
}

fn close() {
    if let Some(dialog) = by_id::<HtmlDialogElement>(DIALOG) {
        dialog.close();
    }
}

/// The list, and the listener for the keys of every page.
#[component]
pub(super) fn KeyHelp(me: Resource<Result<Me, AppError>>) -> impl IntoView {
    listen(me);
    let pages: Vec<_> = PAGES
        .iter()
        .map(|page| view! { <div class="key-row"><dt><kbd>"g"</kbd>" "<kbd>{page.key}</kbd></dt><dd>{page.name}</dd></div> })
        .collect();
    let others: Vec<_> = OTHERS
        .into_iter()
        .map(|(key, what)| view! { <div class="key-row"><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> })
        .collect();
    view! {
        <dialog class="dialog" id=DIALOG aria-labelledby="key-help-title">
            <header class="dialog-head">
                <h2 id="key-help-title">"Keys"</h2>
                <Button kind=Kind::Quiet label="Close" on_click=Callback::new(|()| close())><Icon glyph=Glyph::Cross/></Button>
            </header>
            <dl class="keys">
                <div class="key-row"><dt><kbd>"Ctrl"</kbd>" "<kbd>"K"</kbd></dt><dd>"Every page and action by name"</dd></div>
                <div class="key-row"><dt><kbd>"/"</kbd></dt><dd>"Search the history"</dd></div>
                <div class="key-row"><dt><kbd>"?"</kbd></dt><dd>"This list"</dd></div>
                {pages}
                {others}
            </dl>
        </dialog>
    }
}

/// Listens for the keys of every page while the frame is there.
fn listen(me: Resource<Result<Me, AppError>>) {
    let navigate = leptos_router::hooks::use_navigate();
    let after_g = StoredValue::new(false);
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let listener = window_event_listener(leptos::ev::keydown, move |ev: KeyboardEvent| {
            if (ev.ctrl_key() || ev.meta_key()) && ev.key().eq_ignore_ascii_case("k") {
                ev.prevent_default();
                palette::open();
                return;
            }
            if ev.ctrl_key() || ev.meta_key() || ev.alt_key() || is_typing(&ev) || in_dialog() {
                return;
            }
            let key = ev.key();
            let was_g = after_g.get_value();
            after_g.set_value(key == "g" && !was_g);
            if was_g && let Some(page) = PAGES.iter().find(|page| page.key == key) {
                ev.prevent_default();
                let me = me.get_untracked().and_then(Result::ok);
                navigate(
                    me.map_or(*page, |me| page.opened_by(&me)).href,
                    leptos_router::NavigateOptions::default(),
                );
            } else if key == "/" {
                ev.prevent_default();
                focus("search");
            } else if key == "?" {
                ev.prevent_default();
                open();
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// Whether a dialog is open over the page.
fn in_dialog() -> bool {
    document()
        .query_selector("dialog[open]")
        .ok()
        .flatten()
        .is_some_and(|e| e.is_instance_of::<HtmlDialogElement>())
}
