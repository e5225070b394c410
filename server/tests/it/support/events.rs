//! A live view as a browser's `EventSource` reads it.

use std::time::Duration;

use domain::api::{LiveItem, OutputPiece};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::http::Http;

/// How long anything may take. Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
pub(crate) struct Events {
    body: Incoming,
    text: String,
}

/// One event.
#[derive(Debug, Default)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: String,
}

impl Events {
    /// Opens a stream, which must be granted.
    pub(crate) async fn open(http: &Http, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = http.open(path, headers).await;
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The next event; `None` when the server ended the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut event = Event::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", value)) => event.id = value.into(),
                        Some(("event", value)) => event.event = value.into(),
                        Some(("data", value)) => event.data.push_str(value),
                        _ => {}
                    }
                }
                if !event.data.is_empty() {
                    return Some(event);
                }
                continue;
            }
            let frame = timeout(PATIENCE, self.body.frame()).await.expect("something arrives")?;
            let data = frame.ok()?.into_data().unwrap_or_default();
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// The next piece of output, with the event's id.
    pub(crate) async fn next_output(&mut self) -> (u64, OutputPiece) {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if let LiveItem::Output { piece, .. } = serde_json::from_str(&event.data).unwrap() {
                return (event.id.parse().unwrap(), piece);
            }
        }
    }

    /// Reads until an item is the wanted one.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&LiveItem) -> bool) {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if wanted(&serde_json::from_str(&event.data).unwrap()) {
                return;
            }
        }
    }

    /// Reads until the server ends the stream.
    pub(crate) async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}
