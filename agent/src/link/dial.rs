//! The way to the server, step by step: name, TCP, proxy, TLS, WebSocket. Each step can be made by itself, so that
//! `doctor` can tell which one fails, and says what to do when it does.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::http::{HeaderMap, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_with_config};

use crate::clock;
use crate::server_url::ServerUrl;
use crate::settings::{Proxy, Settings, SettingsError};

/// A connection to the server.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The longest answer of a proxy, in bytes.
const PROXY_ANSWER: usize = 16 * 1024;

/// Why there is no connection: what happened, and what to do now.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answered in time.
    #[error("the server did not answer within {} s. Check that the address is right and that no firewall stands between", super::socket::PATIENCE.as_secs())]
    Timeout,
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The name is not known.
    #[error("{host} has no address ({why}). Check the name, and this endpoint's name server")]
    NoAddress {
        /// The server's or the proxy's name.
        host: String,
        /// What the system said.
        why: io::Error,
    },
    /// No TCP connection.
    #[error("{to} can't be reached ({why}). Check that it runs and that a firewall lets this endpoint out to it")]
    Unreachable {
        /// Host and port.
        to: String,
        /// What the system said.
        why: io::Error,
    },
    /// The proxy does not give a way.
    #[error("the proxy {proxy} gives no way to the server: {why}")]
    Proxy {
        /// Its host and port.
        proxy: String,
        /// What it said, and what to do.
        why: String,
    },
    /// TLS failed.
    #[error("{0}")]
    Tls(String),
    /// What answers is no Countersign server, or takes nobody now.
    #[error("the server answered with HTTP status {status}; {}", way_open(*status))]
    Http {
        /// The status.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// Anything else.
    #[error("{0}")]
    Other(Box<Error>),
}

fn way_open(status: u16) -> &'static str {
    match status {
        429 | 503 => "it takes nobody at the moment, and the agent tries again by itself",
        _ => "check the address, and whatever stands before the server",
    }
}

/// The addresses of a host.
///
/// # Errors
/// [`ConnectError::NoAddress`].
pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let none = |why| ConnectError::NoAddress {
        host: host.to_owned(),
        why,
    };
    let found: Vec<_> = lookup_host((host, port)).await.map_err(none)?.collect();
    if found.is_empty() {
        return Err(none(io::ErrorKind::NotFound.into()));
    }
    Ok(found)
}

/// A TCP connection to one of the addresses.
///
/// # Errors
/// [`ConnectError::Unreachable`].
pub async fn reach(host: &str, port: u16, addresses: &[SocketAddr]) -> Result<TcpStream, ConnectError> {
    let stream = TcpStream::connect(addresses)
        .await
        .map_err(|why| ConnectError::Unreachable {
            to: format!("{host}:{port}"),
            why,
        })?;
    // Small frames shall not wait for company; where that can't be had, they do.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Has the proxy make a way to the server.
///
/// # Errors
/// [`ConnectError::Proxy`].
pub async fn tunnel(mut stream: TcpStream, proxy: &Proxy, server: &ServerUrl) -> Result<TcpStream, ConnectError> {
    let refused = |why: String| ConnectError::Proxy {
        proxy: proxy.to_string(),
        why,
    };
    let broken = |e: io::Error| refused(format!("the connection to it broke ({e})"));
    let request = proxy.request(server.host(), server.port());
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut answer = vec![];
    // Byte by byte, so that nothing is taken of what follows; it is little, and once per connection.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() == PROXY_ANSWER {
            return Err(refused("its answer has no end. Check that it is an HTTP proxy".into()));
        }
        match stream.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(e) => return Err(broken(e)),
        }
    }
    let line = String::from_utf8_lossy(&answer);
    let line = line.lines().next().unwrap_or_default();
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1)?.parse::<u16>().ok());
    match status {
        Some(200..=299) => Ok(stream),
        Some(407) => Err(refused(
            "it wants a name and a password, or others than those in agent.toml".into(),
        )),
        Some(status) => Err(refused(format!(
            "it answered with HTTP status {status}. Ask whoever runs it to let this endpoint through to {}:{}",
            server.host(),
            server.port()
        ))),
        None => Err(refused("its answer is not HTTP. Check that it is an HTTP proxy".into())),
    }
}

/// TLS by rustls with ring; trusts the pinned certificates alone, or else what the system trusts.
///
/// # Errors
/// [`ConnectError::Tls`].
pub async fn encrypt(
    stream: TcpStream,
    server: &ServerUrl,
    settings: &Settings,
) -> Result<MaybeTlsStream<TcpStream>, ConnectError> {
    if !server.is_encrypted() {
        return Ok(MaybeTlsStream::Plain(stream));
    }
    let pinned = settings.ca.is_some();
    let config = tls_config(settings)?;
    let name = ServerName::try_from(server.host().to_owned())
        .map_err(|_| ConnectError::Tls(format!("{} is no name that a certificate can have", server.host())))?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map(MaybeTlsStream::Rustls)
        .map_err(|e| ConnectError::Tls(tls_failure(&e, server.host(), pinned)))
}

fn tls_config(settings: &Settings) -> Result<ClientConfig, ConnectError> {
    let mut roots = RootCertStore::empty();
    match &settings.ca {
        Some(pinned) => {
            for certificate in pinned {
                roots.add(certificate.clone()).map_err(|e| {
                    ConnectError::Tls(format!("a certificate in ca.pem can't be used ({e}). Replace it"))
                })?;
            }
        }
        None => {
            // What of it can't be read is missing then, and said by whoever isn't trusted.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(ConnectError::Tls(
                    "this system trusts no certificates at all. Install its package of root certificates (ca-certificates), or enrol with --ca".into(),
                ));
            }
        }
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|config| config.with_root_certificates(roots).with_no_client_auth())
        .map_err(|e| ConnectError::Tls(e.to_string()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls may know more reasons later; each says what it is"
)]
fn tls_failure(error: &io::Error, host: &str, pinned: bool) -> String {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(why)) = inner else {
        return format!(
            "TLS with {host} failed ({error}). Check that the port is the server's own, and that nothing between looks into the connection"
        );
    };
    match why {
        CertificateError::UnknownIssuer if pinned => format!(
            "the certificate of {host} does not come from those in ca.pem. Somebody may look into the connection; if the server's authority was changed, replace ca.pem"
        ),
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} comes from nobody that this system trusts. Somebody may look into the connection; if the authority is your own, enrol with --ca"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!(
            "the certificate of {host} has expired, or this endpoint's clock ({}) is ahead. Renew the certificate or set the clock",
            clock::now().for_people()
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => format!(
            "the certificate of {host} is not valid yet, or this endpoint's clock ({}) is behind. Set the clock",
            clock::now().for_people()
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the certificate that answers is not for {host}. Check the address; otherwise something stands between"
            )
        }
        other => format!("the certificate of {host} can't be accepted ({other})"),
    }
}

/// Makes a WebSocket of it.
///
/// # Errors
/// [`ConnectError::Http`], or as the connection breaks.
pub async fn upgrade(stream: MaybeTlsStream<TcpStream>, server: &ServerUrl) -> Result<Socket, ConnectError> {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(wire::MAX_FRAME))
        .max_frame_size(Some(wire::MAX_FRAME))
        .read_buffer_size(16 * 1024)
        .write_buffer_size(16 * 1024);
    match client_async_with_config(server.as_str(), stream, Some(limits)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(ConnectError::Http {
            status: response.status().as_u16(),
            retry_after: retry_after(response.status(), response.headers()),
        }),
        Err(e) => Err(ConnectError::Other(Box::new(e))),
    }
}

/// When a server that takes nobody now wants to be asked again (RFC 9110 section 10.2.3).
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // A date; what lies in the past says nothing.
    let at = clock::of(httpdate::parse_http_date(text).ok()?);
    Some(at.since(clock::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_of_a_server_that_is_busy() {
        let after = |status: u16, text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after(StatusCode::from_u16(status).unwrap(), &headers)
        };
        assert_eq!(after(503, "120"), Some(Duration::from_secs(120)));
        assert_eq!(after(429, " 7 "), Some(Duration::from_secs(7)));
        assert_eq!(after(404, "120"), None);
        assert_eq!(after(503, "soon"), None);
        assert_eq!(after(503, "Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert!(after(503, "Fri, 31 Dec 2100 00:00:00 GMT").is_some_and(|d| d > Duration::from_secs(86_400)));
    }
}
