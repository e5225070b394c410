//! Approving takes a second: with a script, the button is held for one, or pressed twice. A slip of the thumb decides
//! nothing. From the keyboard, and without a script, pressing it is enough.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, PointerEvent};

use crate::ui::{Glyph, Icon};

/// How long the button is held.
const HOLD: Duration = Duration::from_secs(1);
/// How long a first press counts.
const ARMED: Duration = Duration::from_secs(4);

/// Where the button is between untouched and decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Not,
    /// A finger is on it.
    Down,
    /// It was pressed once, shortly.
    Once,
}

/// The button that approves.
#[component]
pub(super) fn HoldToApprove(
    /// What it says.
    words: &'static str,
    /// Whether it can be pressed.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let held = RwSignal::new(Held::Not);
    let timer: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let after = move |pause: Duration, run: fn(RwSignal<Held>, &HtmlButtonElement), button: HtmlButtonElement| {
        stop(timer);
        timer.set_value(set_timeout_with_handle(move || run(held, &button), pause).ok());
    };
    let down = move |ev: PointerEvent| {
        // A second press needs no holding: its click decides.
        if let (Held::Not, Some(button)) = (held.get_untracked(), button_of(&ev)) {
            held.set(Held::Down);
            after(HOLD, approve, button);
        }
    };
    let up = move |_: PointerEvent| {
        if held.get_untracked() == Held::Down {
            stop(timer);
        }
    };
    // Touch screens send this after every release as well, so only what is being held is let go.
    let away = move |_: PointerEvent| {
        if held.get_untracked() == Held::Down {
            stop(timer);
            held.set(Held::Not);
        }
    };
    // A click follows the release. One by keyboard has no pointer before it, and counts at once; so does the second press.
    let click = move |ev: web_sys::MouseEvent| {
        let by_keyboard = ev.detail() == 0;
        if by_keyboard || held.get_untracked() == Held::Once {
            stop(timer);
            return;
        }
        ev.prevent_default();
        if let Some(button) = ev.current_target().and_then(|t| t.dyn_into::<HtmlButtonElement>().ok()) {
            held.set(Held::Once);
            after(ARMED, forget, button);
        }
    };
    on_cleanup(move || stop(timer));
    view! {
        <button
            class="button allow ask-approve"
            class:holding=move || held.get() == Held::Down
            type="submit"
            name="ruling"
            value="approve"
            disabled=move || disabled.get()
            on:pointerdown=down
            on:pointerup=up
            on:pointerleave=away
            on:pointercancel=away
            on:click=click
            on:contextmenu=|ev| ev.prevent_default()
        >
            <Icon glyph=Glyph::Allowed/>
            <span>{move || match held.get() {
                Held::Not => words,
                Held::Down => "Keep holding",
                Held::Once => "Press again to approve",
            }}</span>
        </button>
    }
}

fn stop(timer: StoredValue<Option<TimeoutHandle>>) {
    if let Some(running) = timer.try_update_value(Option::take).flatten() {
        running.clear();
    }
}

fn button_of(ev: &PointerEvent) -> Option<HtmlButtonElement> {
    ev.current_target()?.dyn_into().ok()
}

/// Held long enough: sends the form as this button.
fn approve(_: RwSignal<Held>, button: &HtmlButtonElement) {
    if let Some(form) = button.form() {
        let _ = form.request_submit_with_submitter(Some(button));
    }
}

fn forget(held: RwSignal<Held>, _: &HtmlButtonElement) {
    let _ = held.try_set(Held::Not);
}
