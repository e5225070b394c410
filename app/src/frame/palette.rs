//! The palette (`Ctrl K`): every page, every endpoint and every action of the frame by name.

use domain::api::EndpointRow;
use domain::roles::Permission;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use web_sys::{HtmlDialogElement, HtmlFormElement, HtmlInputElement, KeyboardEvent};

use super::rail::PAGES;
use super::theme::{THEMES, choose};
use super::{keys, who_am_i};
use crate::account::SIGN_OUT_FORM;
use crate::endpoints::list_endpoints;
use crate::ui::browser::{by_id, focus};
use crate::ui::{Glyph, Icon};

const DIALOG: &str = "palette";
const INPUT: &str = "palette-input";

/// The event that tells the palette that it was opened, so that it reads the endpoints.
const OPENED: &str = "palette-opened";

/// At most this many are shown.
const MOST: usize = 12;

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    Go(String),
    Theme(&'static str),
    Keys,
    SignOut,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    about: String,
    glyph: Glyph,
    run: Run,
}

/// Opens the palette with an empty box.
pub(super) fn open() {
    let Some(dialog) = by_id::<HtmlDialogElement>(DIALOG) else {
        return;
    };
    if dialog.open() {
        return;
    }
    let _ = dialog.show_modal();
    if let Some(input) = by_id::<HtmlInputElement>(INPUT) {
        input.set_value("");
        if let Ok(opened) = web_sys::Event::new(OPENED) {
            let _ = input.dispatch_event(&opened);
        }
    }
    focus(INPUT);
}

fn close() {
    if let Some(dialog) = by_id::<HtmlDialogElement>(DIALOG) {
        dialog.close();
    }
}

/// Entries that hold every word of `typed`, at most [`MOST`].
fn matching(entries: &[Entry], typed: &str) -> Vec<Entry> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let holds = |e: &&Entry| {
        let text = format!("{} {}", e.name, e.about).to_lowercase();
        words.iter().all(|w| text.contains(w))
    };
    entries.iter().filter(holds).take(MOST).cloned().collect()
}

/// What is always there.
fn fixed(me: &super::Me) -> Vec<Entry> {
    let page = |name: &str, href: &str, glyph| Entry {
        name: name.into(),
        about: "Page".into(),
        glyph,
        run: Run::Go(href.into()),
    };
    let mut entries: Vec<Entry> = PAGES
        .iter()
        .filter(|p| me.may_any(p.needs))
        .map(|p| p.opened_by(me))
        .map(|p| page(p.name, p.href, p.glyph))
        .collect();
    if me.roles.allow(Permission::Administer) {
        entries.push(page("Settings: clients", "/settings/clients", Glyph::People));
        entries.push(page("Settings: enrolment", "/settings/enrolment", Glyph::Key));
        entries.push(page("Settings: redaction", "/settings/redaction", Glyph::Lock));
    }
    if me.may_any(&[Permission::Administer, Permission::Audit]) {
        entries.push(page("Settings: retention", "/settings/retention", Glyph::Lock));
    }
    entries.push(page("Incidents", "/incidents", Glyph::Alert));
    entries.extend(THEMES.map(|(theme, name, glyph)| Entry {
        name: format!("Theme: {}", name.to_lowercase()),
        about: "Action".into(),
        glyph,
        run: Run::Theme(theme),
    }));
    entries.push(Entry {
        name: "Keys".into(),
        about: "Action".into(),
        glyph: Glyph::Keyboard,
        run: Run::Keys,
    });
    entries.push(Entry {
        name: "Sign out".into(),
        about: "Action".into(),
        glyph: Glyph::SignOut,
        run: Run::SignOut,
    });
    entries
}

/// The way to an endpoint.
fn endpoint(row: EndpointRow) -> Entry {
    Entry {
        name: row.name,
        about: row.client.name,
        glyph: Glyph::Endpoint,
        run: Run::Go(format!("/endpoints/{}", row.id)),
    }
}

/// The palette.
#[component]
pub(super) fn Palette() -> impl IntoView {
    let navigate = use_navigate();
    let (typed, set_typed) = signal(String::new());
    let (chosen, choose_row) = signal(0_usize);
    // Read when the palette opens, so that a page that never opens it costs nothing.
    let known = Action::new_local(|(): &()| async {
        let mut entries = who_am_i().await.map(|me| fixed(&me)).unwrap_or_default();
        entries.extend(list_endpoints().await.unwrap_or_default().into_iter().map(endpoint));
        entries
    });
    let found = Memo::new(move |_| {
        let typed = typed.get();
        known.value().with(|entries| {
            entries
                .as_deref()
                .map(|entries| matching(entries, &typed))
                .unwrap_or_default()
        })
    });
    let run = Callback::new(move |entry: Entry| {
        close();
        match entry.run {
            Run::Go(href) => navigate(&href, NavigateOptions::default()),
            Run::Theme(theme) => choose(theme),
            Run::Keys => keys::open(),
            Run::SignOut => {
                if let Some(form) = by_id::<HtmlFormElement>(SIGN_OUT_FORM) {
                    let _ = form.request_submit();
                }
            }
        }
    });
    let on_key = move |ev: KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match ev.key().as_str() {
            "ArrowDown" => choose_row.update(|n| *n = if *n >= last { 0 } else { *n + 1 }),
            "ArrowUp" => choose_row.update(|n| *n = if *n == 0 { last } else { *n - 1 }),
            "Enter" => {
                if let Some(entry) = found.with_untracked(|f| f.get(chosen.get_untracked()).cloned()) {
                    run.run(entry);
                }
            }
            _ => return,
        }
        ev.prevent_default();
    };
    view! {
        <dialog class="dialog palette" id=DIALOG aria-label="Pages and actions">
            <input
                class="palette-input"
                id=INPUT
                type="text"
                placeholder="Page, endpoint or action"
                aria-label="Page, endpoint or action"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                autocomplete="off"
                spellcheck="false"
                on:input=move |ev| {
                    set_typed.set(event_target_value(&ev));
                    choose_row.set(0);
                }
                on:keydown=on_key
                on:palette-opened=move |_: web_sys::Event| {
                    set_typed.set(String::new());
                    choose_row.set(0);
                    known.dispatch(());
                }
            />
            <ul class="palette-list" id="palette-list" role="listbox" aria-label="Matches">
                {move || {
                    let rows: Vec<_> = found.get().into_iter().enumerate().map(|(n, entry)| view! { <Row n=n entry=entry chosen=chosen run=run/> }).collect();
                    rows
                }}
            </ul>
            <p class="palette-none">{move || (known.value().with(Option::is_some) && found.with(Vec::is_empty)).then_some("Nothing has this name.")}</p>
        </dialog>
    }
}

#[component]
fn Row(n: usize, entry: Entry, chosen: ReadSignal<usize>, run: Callback<Entry>) -> impl IntoView {
    let (glyph, name, about) = (entry.glyph, entry.name.clone(), entry.about.clone());
    view! {
        <li
            class="palette-row"
            id=format!("palette-{n}")
            role="option"
            aria-selected=move || if chosen.get() == n { "true" } else { "false" }
            on:click=move |_| run.run(entry.clone())
        >
            <Icon glyph=glyph/>
            <span class="palette-name">{name}</span>
            <span class="palette-about">{about}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typed_word_has_to_match() {
        let entry = |name: &str, about: &str| Entry {
            name: name.into(),
            about: about.into(),
            glyph: Glyph::Endpoint,
            run: Run::Keys,
        };
        let entries = [
            entry("POS-REGISTER-07", "Corner Shop"),
            entry("POS-REGISTER-08", "Bakery"),
        ];
        assert_eq!(matching(&entries, "pos shop"), [entries[0].clone()]);
        assert_eq!(matching(&entries, "").len(), 2);
        assert!(matching(&entries, "printer").is_empty());
    }
}
