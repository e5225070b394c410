//! Dialling, and text frames over what answers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::server_url::ServerUrl;

/// Resolving, connecting, TLS and the WebSocket handshake take at most this long together.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most bytes that wait in the system's buffer and are not on their way yet.
const UNSENT: u32 = 16 * 1024;

/// A connection to the server.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answered in time.
    #[error("the server did not answer within {} s", PATIENCE.as_secs())]
    Timeout,
    /// What answers is no Countersign server, or not at this address.
    #[error("the server answered with HTTP status {0}; check the address")]
    Http(u16),
    /// Anything else.
    #[error("{0}")]
    Other(Box<Error>),
}

/// Dials the server. TLS is by rustls with ring, and trusts what the system trusts.
///
/// # Errors
/// See [`ConnectError`].
pub async fn connect(server: &ServerUrl) -> Result<Socket, ConnectError> {
    // A second call finds it installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let limits = WebSocketConfig::default()
        .max_message_size(Some(wire::MAX_FRAME))
        .max_frame_size(Some(wire::MAX_FRAME))
        .read_buffer_size(16 * 1024)
        .write_buffer_size(16 * 1024);
    let dial = connect_async_tls_with_config(server.as_str(), Some(limits), true, None);
    match timeout(PATIENCE, dial).await {
        Ok(Ok((socket, _))) => {
            keep_little_unsent(&socket);
            Ok(socket)
        }
        Ok(Err(Error::Http(response))) => Err(ConnectError::Http(response.status().as_u16())),
        Ok(Err(e)) => Err(ConnectError::Other(Box::new(e))),
        Err(_) => Err(ConnectError::Timeout),
    }
}

/// What is in the system's buffer is sent in its order, whatever comes later: on a slow link megabytes of one action's
/// output would stand before another's first word. What is on its way already is not counted, so a long line is kept busy.
fn keep_little_unsent(socket: &Socket) {
    let stream = match socket.get_ref() {
        MaybeTlsStream::Plain(stream) => stream,
        MaybeTlsStream::Rustls(tls) => tls.get_ref().0,
        // The library knows more kinds than this program is built with.
        _ => return,
    };
    let stream = socket2::SockRef::from(stream);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let set = stream.set_tcp_notsent_lowat(UNSENT);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let set = stream.set_send_buffer_size(UNSENT as usize * 4);
    if let Err(e) = set {
        tracing::debug!(error = %e, "what may wait in the system's buffer can't be limited");
    }
}

/// The next text frame; none when the connection ended or something else than text came.
pub async fn receive(from: &mut (impl Stream<Item = Result<Message, Error>> + Unpin)) -> Option<Arc<str>> {
    loop {
        match from.next().await?.ok()? {
            Message::Text(text) => return Some(Arc::from(text.as_str())),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) | Message::Frame(_) => return None,
        }
    }
}

/// Sends a text frame.
///
/// # Errors
/// When the connection broke.
pub async fn send(to: &mut (impl Sink<Message, Error = Error> + Unpin), frame: String) -> Result<(), ConnectError> {
    to.send(Message::text(frame))
        .await
        .map_err(|e| ConnectError::Other(Box::new(e)))
}
