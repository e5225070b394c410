//! Live views: server-sent events that re-read the record.
//!
//! A wake-up only says "look again"; what is sent was read from the record from the viewer's own cursor, with the viewer's
//! rights as they are at that moment. A lost wake-up or a broken connection costs latency, never a line: the browser
//! reconnects with `Last-Event-ID`, which is the index of the next leaf to read.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::api::{Accounts, ApiError, LiveItem, Sessions};
use domain::ids::{OrgId, SessionId};
use domain::roles::Caller;
use engine::Wake;
use futures_util::Stream;
use http::HeaderMap;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until, timeout};

use crate::auth::Visit;
use crate::problem::Problem;
use crate::wiring::Shared;

/// A viewer's rights are looked at again at least this often, also when nothing happens.
const RECHECK: Duration = Duration::from_secs(30);

/// The record is not read more often than this for one viewer of a session; what piles up meanwhile is read at once.
const SESSION_PACE: Duration = Duration::from_millis(40);

/// "Look again" is not said more often than this to one viewer of the org: four times a second.
const ORG_PACE: Duration = Duration::from_millis(250);

/// A comment in this rhythm keeps proxies from cutting a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// From where to read when there is no `Last-Event-ID` yet.
#[derive(Deserialize)]
pub(crate) struct From {
    from: Option<String>,
}

/// `GET /live/session/{id}?from=…`: each item's data is a [`LiveItem`] as JSON; an event's id is the cursor after it.
pub(crate) async fn session(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    Query(query): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: SessionId = id.parse().map_err(|_| ApiError::NotFound)?;
    let from = cursor(&headers, query.from.as_deref())?;
    let mut viewer = Viewer::of(&shared, &visit)?;
    // The first read happens before the answer begins, so that it can still be a refusal with a status.
    let first = shared.engine.session_since(&viewer.caller, id, from).await?;
    let engine = shared.engine.clone();
    let events = async_stream::stream! {
        let (mut items, mut next) = first;
        loop {
            let read_at = Instant::now();
            let more = !items.is_empty();
            for event in events(items) {
                yield Ok(event);
            }
            // What came meanwhile is read before waiting: a full batch is rarely the last.
            let paced = read_at + SESSION_PACE;
            let waited = if more { sleep_until(paced).await; Waited::Woken } else { viewer.wait(paced).await };
            if waited == Waited::Gone || !viewer.still_may().await {
                return;
            }
            match engine.session_since(&viewer.caller, id, next).await {
                Ok(read) => (items, next) = read,
                Err(_) => return,
            }
        }
    };
    Ok(sse(events, &shared))
}

/// `GET /live/org`: events named `head` that say no more than "look again"; the data is the record's size, 0 at first.
///
/// One comes right after connecting: whatever changed between the page's rendering and this connection is seen then.
pub(crate) async fn org(State(shared): State<Shared>, Extension(visit): Extension<Visit>) -> Result<Response, Problem> {
    let mut viewer = Viewer::of(&shared, &visit)?;
    let events = async_stream::stream! {
        loop {
            yield Ok(Event::default().event("head").data(viewer.head.to_string()));
            let paced = Instant::now() + ORG_PACE;
            let mut waited = Waited::Time;
            // A look at the rights alone is nothing to say.
            while waited == Waited::Time {
                waited = viewer.wait(paced).await;
                if waited == Waited::Gone || !viewer.still_may().await {
                    return;
                }
            }
        }
    };
    Ok(sse(events, &shared))
}

fn sse(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static, shared: &Shared) -> Response {
    let events = until(events, {
        let stop = shared.stop.clone();
        async move { stop.wait().await }
    });
    let mut answer = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    answer
        .headers_mut()
        .insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    answer
}

/// The stream, ended when `stop` is done.
fn until<T>(
    stream: impl Stream<Item = T> + Send + 'static,
    stop: impl Future<Output = ()> + Send + 'static,
) -> impl Stream<Item = T> + Send {
    futures_util::StreamExt::take_until(stream, stop)
}

/// The index of the next leaf to read: the header that a browser sends when it reconnects outweighs the address.
fn cursor(headers: &HeaderMap, from: Option<&str>) -> Result<u64, ApiError> {
    let last = headers.get("last-event-id").map(|v| v.to_str().unwrap_or_default());
    match last.or(from) {
        Some(text) => text.parse().map_err(|_| ApiError::NotFound),
        None => Ok(0),
    }
}

/// The items as events. The id stands on the last item of each leaf only: a connection that breaks between two items of
/// one leaf reads both again.
fn events(items: Vec<(u64, LiveItem)>) -> Vec<Event> {
    let next: Vec<Option<u64>> = items
        .iter()
        .skip(1)
        .map(|(leaf, _)| Some(*leaf))
        .chain([None])
        .collect();
    items
        .into_iter()
        .zip(next)
        .filter_map(|((leaf, item), next)| {
            // A plain struct of strings and integers: it always has a JSON form.
            let event = Event::default().json_data(&item).ok()?;
            Some(if next == Some(leaf) {
                event
            } else {
                event.id((leaf + 1).to_string())
            })
        })
        .collect()
}

/// Somebody who watches.
struct Viewer {
    shared: Shared,
    caller: Caller,
    token: String,
    wakes: Receiver<Wake>,
    /// The latest size of the org's record that a wake-up told.
    head: u64,
}

impl Viewer {
    fn of(shared: &Shared, visit: &Visit) -> Result<Self, ApiError> {
        let (caller, token) = visit.signed_in()?;
        // Listens before the first read: what is committed in between wakes.
        let wakes = shared.engine.subscribe();
        Ok(Self {
            shared: shared.clone(),
            caller: caller.clone(),
            token: token.to_owned(),
            wakes,
            head: 0,
        })
    }

    /// Waits for a wake-up of the org, not before `paced`, or until it is time to look at the rights again.
    async fn wait(&mut self, paced: Instant) -> Waited {
        match timeout(RECHECK, next_wake(&mut self.wakes, self.caller.org)).await {
            Ok(Some(Woken { head })) => self.head = self.head.max(head.unwrap_or(0)),
            Ok(None) => return Waited::Gone,
            Err(_) => return Waited::Time,
        }
        sleep_until(paced).await;
        // Those that piled up meanwhile are answered by the same look.
        self.head = self.head.max(drain(&mut self.wakes, self.caller.org));
        Waited::Woken
    }

    /// Looks up who is behind the cookie now: signed out, role changed.
    async fn still_may(&mut self) -> bool {
        match self.shared.engine.resume(&self.token, &self.caller.from).await {
            Ok(Some(caller)) if caller.org == self.caller.org => {
                self.caller = caller;
                true
            }
            Ok(Some(_) | None) | Err(_) => false,
        }
    }
}

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    /// Something was committed.
    Woken,
    /// Nothing, for a while.
    Time,
    /// There will be no more wake-ups.
    Gone,
}

/// A wake-up of the org, with the record's size unless some were missed.
struct Woken {
    head: Option<u64>,
}

/// The next wake-up of `org`; `None` when the engine is gone. A receiver that lagged missed some, which is one as well.
async fn next_wake(wakes: &mut Receiver<Wake>, org: OrgId) -> Option<Woken> {
    loop {
        match wakes.recv().await {
            Ok(wake) if wake.org == org => return Some(Woken { head: Some(wake.head) }),
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return Some(Woken { head: None }),
            Err(RecvError::Closed) => return None,
        }
    }
}

/// Takes every wake-up that is there already; the largest size that one of `org` told.
fn drain(wakes: &mut Receiver<Wake>, org: OrgId) -> u64 {
    let mut head = 0;
    loop {
        match wakes.try_recv() {
            Ok(wake) if wake.org == org => head = head.max(wake.head),
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return head,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn reconnecting_goes_on_where_the_browser_stopped() {
        let mut headers = HeaderMap::new();
        assert_eq!(cursor(&headers, None), Ok(0));
        assert_eq!(cursor(&headers, Some("12")), Ok(12));
        headers.insert("last-event-id", HeaderValue::from_static("40"));
        assert_eq!(cursor(&headers, Some("12")), Ok(40));
        headers.insert("last-event-id", HeaderValue::from_static("-1"));
        assert_eq!(cursor(&headers, Some("12")), Err(ApiError::NotFound));
    }

    #[test]
    fn an_id_stands_on_the_last_item_of_a_leaf_only() {
        let text: Vec<String> = events(vec![
            (7, LiveItem::Changed),
            (7, LiveItem::Changed),
            (9, LiveItem::Changed),
        ])
        .iter()
        .map(|e| format!("{e:?}"))
        .collect();
        assert!(
            !text[0].contains("id: 8") && text[1].contains("id: 8") && text[2].contains("id: 10"),
            "{text:?}"
        );
    }
}
