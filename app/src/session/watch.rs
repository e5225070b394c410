//! The event source of an open session. Events carry the cursor as their id, so that the browser's own reconnecting goes on
//! where it broke off.

use std::time::Duration;

use domain::api::LiveItem;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

use super::desk::Desk;
use crate::ui::Connection;

/// How long to wait before a source that the browser gave up is opened again.
const PAUSE: Duration = Duration::from_secs(4);

/// What has to stay alive as long as the source.
struct Watch {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _open: Closure<dyn FnMut(Event)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// Watches the session until the page is left. Call it from an effect.
pub(super) fn watch(desk: Desk) {
    let held: StoredValue<Option<Watch>, LocalStorage> = StoredValue::new_local(None);
    let from = desk.view.with_untracked(|v| v.head);
    held.set_value(open(desk, held, from));
    on_cleanup(move || drop(held.try_update_value(Option::take)));
}

fn open(desk: Desk, held: StoredValue<Option<Watch>, LocalStorage>, from: u64) -> Option<Watch> {
    let source = EventSource::new(&format!("/live/session/{}?from={from}", desk.id())).ok()?;
    let cursor = StoredValue::new(from);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |ev: MessageEvent| {
        if let Ok(at) = ev.last_event_id().parse() {
            cursor.set_value(at);
        }
        if let Some(item) = ev
            .data()
            .as_string()
            .and_then(|text| serde_json::from_str::<LiveItem>(&text).ok())
        {
            desk.arrived(item);
        }
    });
    let on_open = Closure::<dyn FnMut(Event)>::new(move |_| {
        let _ = desk.connection.try_set(Connection::Live);
    });
    let watched = source.clone();
    let on_error = Closure::<dyn FnMut(Event)>::new(move |_| {
        let _ = desk.connection.try_set(Connection::Reconnecting);
        // The browser tries again by itself unless the answer was an error; then it gives up for good.
        if watched.ready_state() == EventSource::CLOSED {
            set_timeout(move || reopen(desk, held, cursor), PAUSE);
        }
    });
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Some(Watch {
        source,
        _message: on_message,
        _open: on_open,
        _error: on_error,
    })
}

/// Opens the source again, unless the page was left meanwhile.
fn reopen(desk: Desk, held: StoredValue<Option<Watch>, LocalStorage>, cursor: StoredValue<u64>) {
    if let Some(from) = cursor.try_get_value() {
        let _ = held.try_update_value(|slot| *slot = open(desk, held, from));
    }
}
