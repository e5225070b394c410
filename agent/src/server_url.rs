//! The server's address, as people give it and as the agent dials it.

use std::fmt;
use std::str::FromStr;

use tokio_tungstenite::tungstenite::http::Uri;

/// Where agents connect, below the address that people know.
const LINK_PATH: &str = "/agent/link";

/// The address that the agent dials: `wss://host[:port]/…/agent/link`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl(String);

/// Why a text is no server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a server's address. Give it as https://countersign.example.com")]
pub struct NotAServer(String);

impl ServerUrl {
    /// Whether the connection is encrypted, or never leaves this machine.
    pub fn is_protected(&self) -> bool {
        let local = |host: &str| {
            host == "localhost"
                || host
                    .trim_matches(['[', ']'])
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|a| a.is_loopback())
        };
        self.0.starts_with("wss://") || self.0.parse::<Uri>().is_ok_and(|u| u.host().is_some_and(local))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServerUrl {
    type Err = NotAServer;

    fn from_str(text: &str) -> Result<Self, NotAServer> {
        let refuse = || NotAServer(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| refuse())?;
        let scheme = match uri.scheme_str() {
            Some("https" | "wss") => "wss",
            Some("http" | "ws") => "ws",
            Some(_) | None => return Err(refuse()),
        };
        let authority = uri
            .authority()
            .filter(|a| !a.host().is_empty() && !a.as_str().contains('@'))
            .ok_or_else(refuse)?;
        if uri.query().is_some() {
            return Err(refuse());
        }
        let base = uri.path().trim_end_matches('/');
        let base = base.strip_suffix(LINK_PATH).unwrap_or(base);
        Ok(Self(format!("{scheme}://{authority}{base}{LINK_PATH}")))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        ] {
            assert!(bad.parse::<ServerUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_tls_or_this_machine_counts_as_protected() {
        let protected = |s: &str| s.parse::<ServerUrl>().unwrap().is_protected();
        assert!(protected("https://cs.example.com") && protected("http://[::1]:3000") && protected("http://localhost"));
        assert!(!protected("http://cs.example.com") && !protected("http://192.0.2.1"));
    }
}
