//! The agents' way in: one WebSocket per agent, which the agent opens. What may be said when is the state machine's in
//! `wire`; what it means is the engine's; here are the socket, the clock and the limits.

mod connection;
mod live;
mod outbox;
mod socket;

pub(crate) use live::Live;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};

use crate::auth::ClientAddress;
use crate::problem::plain;
use crate::wiring::Shared;

/// With axum's own 128 KiB a connection that says nothing takes 134 KB, with this 5 KB.
const READ_BUFFER: usize = 2 * 1024;

/// The most that may wait to be written to one agent: its largest frame, and small ones beside it.
const MAX_WRITE_BUFFER: usize = 2 * wire::MAX_FRAME;

/// `GET /agent/link`. A browser's page may open WebSockets to anywhere, and says so with `Origin`: it is no agent.
pub(crate) async fn link(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if headers.contains_key(header::ORIGIN) {
        return plain(
            StatusCode::FORBIDDEN,
            "This is where agents connect. Browsers have nothing to do here.",
        );
    }
    let Ok(upgrade) = upgrade else {
        return plain(
            StatusCode::UPGRADE_REQUIRED,
            "This is where agents connect, by WebSocket.",
        );
    };
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(wire::MAX_FRAME)
        .max_frame_size(wire::MAX_FRAME)
        .on_upgrade(move |socket| connection::serve(shared, socket, address.0))
}
