//! The live connection: an event stream that says "look again". Lost or late events cost latency, never evidence.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::EventSource;

use crate::ui::{Connection, Live};

/// Where the server says that the org's record moved.
const STREAM: &str = "/live/org";

/// The page looks again at most this often, however fast the record grows.
const GATHER: Duration = Duration::from_millis(300);

/// How long until a stream that was refused is tried again. A stream that merely broke is tried again by the browser.
const RETRY: Duration = Duration::from_secs(3);

/// Connects in the browser; on the server this does nothing. The connection ends with the frame.
pub(super) fn connect(live: Live) {
    Effect::new(move |_| {
        let open = StoredValue::new_local(None::<EventSource>);
        listen(live, open);
        on_cleanup(move || {
            if let Some(source) = open.try_update_value(Option::take).flatten() {
                source.close();
            }
        });
    });
}

type Open = StoredValue<Option<EventSource>, LocalStorage>;

fn listen(live: Live, open: Open) {
    let Ok(source) = EventSource::new(STREAM) else {
        live.connection.set(Connection::Reconnecting);
        return;
    };
    on(&source, "open", move || {
        // What happened while the connection was down is read now.
        if live.connection.get_untracked() != Connection::Still {
            live.head.update(|n| *n += 1);
        }
        live.connection.set(Connection::Live);
    });
    let gathering = StoredValue::new(false);
    on(&source, "head", move || {
        if gathering.try_get_value() == Some(false) {
            gathering.set_value(true);
            set_timeout(
                move || {
                    gathering.try_set_value(false);
                    let _ = live.head.try_update(|n| *n += 1);
                },
                GATHER,
            );
        }
    });
    on(&source, "error", move || {
        live.connection.set(if window().navigator().on_line() {
            Connection::Reconnecting
        } else {
            Connection::Offline
        });
        let closed = open.try_with_value(|s| s.as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED));
        if closed == Some(true) {
            // Refused, perhaps because the web session ended: reading again finds out and leads to the sign-in page.
            let _ = live.head.try_update(|n| *n += 1);
            set_timeout(
                move || {
                    if open.try_with_value(Option::is_some) == Some(true) {
                        listen(live, open);
                    }
                },
                RETRY,
            );
        }
    });
    open.set_value(Some(source));
}

/// Calls `run` whenever `source` has an event of this name, as long as `source` lives.
fn on(source: &EventSource, name: &str, run: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(run);
    // A browser that has `EventSource` takes a listener for any name.
    let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
