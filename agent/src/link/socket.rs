//! Dialling, and text frames over what answers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::dial::{self, ConnectError, Socket};
use crate::server_url::ServerUrl;
use crate::settings::Settings;

/// Resolving, connecting, TLS and the WebSocket handshake take at most this long together.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The most bytes that wait in the system's buffer and are not on their way yet (`TCP_NOTSENT_LOWAT`, tcp(7)); about a part of a
/// report.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 4 * 1024;

/// The same where what is on its way is counted as well, so that a long line needs more.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SEND_BUFFER: usize = 64 * 1024;

/// Dials the server, through a proxy where the settings name one for it.
///
/// # Errors
/// See [`ConnectError`].
pub async fn connect(server: &ServerUrl, settings: &Settings) -> Result<Socket, ConnectError> {
    timeout(PATIENCE, dial(server, settings))
        .await
        .map_err(|_| ConnectError::Timeout)?
}

async fn dial(server: &ServerUrl, settings: &Settings) -> Result<Socket, ConnectError> {
    let proxy = proxy_of(server, settings);
    let (host, port) = proxy.map_or((server.host(), server.port()), |p| (p.host.as_str(), p.port));
    let addresses = dial::resolve(host, port).await?;
    let mut stream = dial::reach(host, port, &addresses).await?;
    keep_little_unsent(&stream);
    if let Some(proxy) = proxy {
        stream = dial::tunnel(stream, proxy, server).await?;
    }
    dial::upgrade(dial::encrypt(stream, server, settings).await?, server).await
}

/// The proxy on the way to a server; what never leaves this machine needs none.
pub fn proxy_of<'a>(server: &ServerUrl, settings: &'a Settings) -> Option<&'a crate::settings::Proxy> {
    server
        .is_encrypted()
        .then(|| settings.proxy_for(server.host()))
        .flatten()
}

/// What is in the system's buffer is sent in its order, whatever comes later: on a slow link megabytes of one action's
/// output would stand before another's first word. What is on its way already is not counted, so a long line is kept busy.
fn keep_little_unsent(stream: &TcpStream) {
    let stream = socket2::SockRef::from(stream);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let set = stream.set_tcp_notsent_lowat(UNSENT);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let set = stream.set_send_buffer_size(SEND_BUFFER);
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
