//! The server's address, as people give it and as the agent dials it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::http::uri::Authority;

/// Where agents connect, below the address that people know.
const LINK_PATH: &str = "/agent/link";

/// The address that the agent dials: `wss://host[:port]/…/agent/link`, or `ws://` where it never leaves this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    address: String,
    /// An address of IPv6 without its brackets.
    host: String,
    port: u16,
    encrypted: bool,
}

/// Why a text is no server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAServer {
    /// No address, or not of a kind that is known here.
    #[error("{0:?} is not a server's address. Give it as https://countersign.example.com")]
    Form(String),
    /// Anybody on the way could read and change what passes.
    #[error(
        "{0:?} is not encrypted, and it is not this machine's own. The agent connects over TLS alone: give it as https://…"
    )]
    NotEncrypted(String),
}

impl ServerUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The host's name or address; one of IPv6 has no brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port that is dialled.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the connection is encrypted; where not, it never leaves this machine.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

/// The host of an authority, without the brackets of IPv6, and its port, if it has one. None when the port is no number.
pub(crate) fn host_and_port(authority: &Authority) -> Option<(String, Option<u16>)> {
    let place = authority.as_str().rsplit('@').next()?;
    let port = place.strip_prefix(authority.host())?;
    let port = match port.strip_prefix(':') {
        None => None,
        Some(number) => Some(number.parse().ok()?),
    };
    Some((authority.host().trim_matches(['[', ']']).to_owned(), port))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

impl FromStr for ServerUrl {
    type Err = NotAServer;

    fn from_str(text: &str) -> Result<Self, NotAServer> {
        let refuse = || NotAServer::Form(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| refuse())?;
        let (scheme, usual, encrypted) = match uri.scheme_str() {
            Some("https" | "wss") => ("wss", 443, true),
            Some("http" | "ws") => ("ws", 80, false),
            Some(_) | None => return Err(refuse()),
        };
        let authority = uri
            .authority()
            .filter(|a| !a.host().is_empty() && !a.as_str().contains('@'))
            .ok_or_else(refuse)?;
        if uri.query().is_some() {
            return Err(refuse());
        }
        let (host, port) = host_and_port(authority).ok_or_else(refuse)?;
        if !encrypted && !is_this_machine(&host) {
            return Err(NotAServer::NotEncrypted(text.to_owned()));
        }
        let base = uri.path().trim_end_matches('/');
        let base = base.strip_suffix(LINK_PATH).unwrap_or(base);
        Ok(Self {
            address: format!("{scheme}://{authority}{base}{LINK_PATH}"),
            host,
            port: port.unwrap_or(usual),
            encrypted,
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_give_the_address_of_the_site() {
        for (given, dialled) in [
            ("https://cs.example.com", "wss://cs.example.com/agent/link"),
            ("http://127.0.0.1:3000/", "ws://127.0.0.1:3000/agent/link"),
            ("wss://cs.example.com/agent/link", "wss://cs.example.com/agent/link"),
            (
                "https://example.com/countersign/",
                "wss://example.com/countersign/agent/link",
            ),
        ] {
            assert_eq!(given.parse::<ServerUrl>().unwrap().as_str(), dialled);
        }
        for bad in [
            "",
            "cs.example.com",
            "ftp://x",
            "https://",
            "https://user@x",
            "https://x/?a=b",
            "https://x:port",
            "https://x:70000",
        ] {
            assert!(bad.parse::<ServerUrl>().is_err(), "{bad}");
        }
    }

    /// R16: what leaves the machine is encrypted, without an exception.
    #[test]
    fn without_tls_only_this_machine_is_dialled() {
        for fine in [
            "http://[::1]:3000",
            "http://localhost",
            "ws://127.0.0.1:3000/agent/link",
        ] {
            assert!(!fine.parse::<ServerUrl>().unwrap().is_encrypted());
        }
        for bad in [
            "http://cs.example.com",
            "ws://192.0.2.1",
            "http://localhost.example.com",
            "http://[2001:db8::1]:80",
            "http://0.0.0.0",
        ] {
            assert_eq!(bad.parse::<ServerUrl>(), Err(NotAServer::NotEncrypted(bad.into())));
        }
    }

    #[test]
    fn host_and_port_are_known() {
        let parts = |s: &str| {
            let url: ServerUrl = s.parse().unwrap();
            (url.host().to_owned(), url.port())
        };
        assert_eq!(parts("https://cs.example.com/x"), ("cs.example.com".into(), 443));
        assert_eq!(parts("https://[2001:db8::1]:8443"), ("2001:db8::1".into(), 8443));
        assert_eq!(parts("http://localhost"), ("localhost".into(), 80));
    }
}
