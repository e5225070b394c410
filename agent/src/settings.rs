//! How the server is reached: `agent.toml` in the data folder, which the endpoint's owner writes, and the pinned
//! certificates.
//!
//! ```toml
//! # An HTTP proxy that is asked with CONNECT. Name and password only if it wants them.
//! proxy = "http://name:password@proxy.example.com:3128"
//! # Hosts that are dialled directly, with everything below them.
//! no_proxy = ["internal.example.com"]
//! ```
//!
//! Where the file names no proxy, `HTTPS_PROXY` and `NO_PROXY` in the environment count. Both are read at each attempt.
//!
//! Deliberately absent: a way to trust less than TLS does, and proxies that are themselves reached over TLS.

use std::fmt;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::http::Uri;

use crate::data::DataDir;
use crate::server_url::host_and_port;
use crate::service;

/// The port of a proxy that is named without one.
const PROXY_PORT: u16 = 3128;

/// How the server is reached.
#[derive(Debug, Default)]
pub struct Settings {
    proxy: Option<Proxy>,
    no_proxy: Vec<String>,
    /// The only certificates that the server's may come from; none for those that the system trusts.
    pub ca: Option<Vec<CertificateDer<'static>>>,
}

/// An HTTP proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its name or address; one of IPv6 has no brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    authorization: Option<String>,
}

/// Why the settings can't be used: a sentence for the endpoint's owner. Never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file can't be read, or others can reach it.
    #[error("{file} can't be read: {why}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        why: io::Error,
    },
    /// The file says something else than settings.
    #[error("{file} can't be understood: {why}. Correct it")]
    NotSettings {
        /// Which file.
        file: String,
        /// What is wrong, without what stands there.
        why: String,
    },
    /// Not a proxy's address.
    #[error("the proxy in {0} is not written as http://host:port")]
    NotAProxy(&'static str),
    /// No certificate in the file.
    #[error("{0} holds no certificate (PEM, with a line BEGIN CERTIFICATE)")]
    NoCertificate(String),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Written {
    proxy: Option<String>,
    no_proxy: Vec<String>,
}

impl Settings {
    /// Reads them from the data folder and the environment.
    ///
    /// # Errors
    /// When a file is there that can't be used: nothing is dialled in another way than its owner wants.
    pub fn load(data: &DataDir) -> Result<Self, SettingsError> {
        Self::load_with(data, |name| std::env::var(name).ok())
    }

    fn load_with(data: &DataDir, env: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let written = match read(&data.settings())? {
            None => Written::default(),
            Some(text) => toml::from_str(&text).map_err(|e| SettingsError::NotSettings {
                file: data.settings().display().to_string(),
                why: e.message().to_owned(),
            })?,
        };
        let ca = match read(&data.ca())? {
            None => None,
            Some(pem) => Some(certificates(&data.ca().display().to_string(), pem.as_bytes())?),
        };
        let either = |name: &str| {
            env(name)
                .or_else(|| env(&name.to_lowercase()))
                .filter(|v| !v.is_empty())
        };
        let (proxy, no_proxy) = match written.proxy {
            Some(proxy) => (Some((proxy, "agent.toml")), written.no_proxy),
            None => {
                let hosts = either("NO_PROXY").unwrap_or_default();
                let hosts = hosts.split(',').map(|h| h.trim().to_owned()).chain(written.no_proxy);
                (either("HTTPS_PROXY").map(|p| (p, "HTTPS_PROXY")), hosts.collect())
            }
        };
        let proxy = proxy
            .map(|(text, from)| Proxy::parse(&text).ok_or(SettingsError::NotAProxy(from)))
            .transpose()?;
        Ok(Self { proxy, no_proxy, ca })
    }

    /// The proxy to ask for a host; none when it is dialled directly.
    pub fn proxy_for(&self, host: &str) -> Option<&Proxy> {
        let direct = |entry: &String| {
            let entry = entry.trim_start_matches("*.").trim_start_matches('.');
            let below = host
                .len()
                .checked_sub(entry.len())
                .is_some_and(|at| host.is_char_boundary(at) && host[at..].eq_ignore_ascii_case(entry));
            entry == "*"
                || (!entry.is_empty()
                    && below
                    && (host.len() == entry.len() || host[..host.len() - entry.len()].ends_with('.')))
        };
        self.proxy.as_ref().filter(|_| !self.no_proxy.iter().any(direct))
    }
}

/// The certificates of a PEM file.
///
/// # Errors
/// When there is none, or one can't be read.
pub fn certificates(file: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let none = || SettingsError::NoCertificate(file.to_owned());
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// A file of the data folder that need not be there.
fn read(path: &std::path::Path) -> Result<Option<String>, SettingsError> {
    let text = match service::check_private(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => Err(e),
        Ok(()) => std::fs::read_to_string(path),
    };
    text.map(Some).map_err(|why| SettingsError::Unreadable {
        file: path.display().to_string(),
        why,
    })
}

impl Proxy {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let uri: Uri = text.parse().ok()?;
        if uri.scheme_str() != Some("http") || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return None;
        }
        let authority = uri.authority().filter(|a| !a.host().is_empty())?;
        let authorization = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((user, _)) => Some(STANDARD.encode(percent_decoded(user)?)),
        };
        let (host, port) = host_and_port(authority)?;
        Some(Self {
            host,
            port: port.unwrap_or(PROXY_PORT),
            authorization,
        })
    }

    /// The request for a way to a server.
    pub(crate) fn request(&self, host: &str, port: u16) -> String {
        let to = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        let authorization = self
            .authorization
            .as_ref()
            .map(|basic| format!("Proxy-Authorization: Basic {basic}\r\n"))
            .unwrap_or_default();
        format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n")
    }
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut out = vec![];
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    Some(out)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::write_atomically;

    fn data() -> (tempfile::TempDir, DataDir) {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("data")).unwrap();
        (dir, data)
    }

    fn load(data: &DataDir, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::load_with(data, |name| {
            env.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_file_counts_before_the_environment() {
        let (_dir, data) = data();
        let host = |s: &Settings| s.proxy_for("cs.example.com").map(ToString::to_string);
        assert_eq!(host(&load(&data, &[]).unwrap()), None);
        let env = [
            ("https_proxy", "env.example.com:8080"),
            ("NO_PROXY", "localhost, .internal"),
        ];
        let settings = load(&data, &env).unwrap();
        assert_eq!(host(&settings).as_deref(), Some("env.example.com:8080"));
        assert!(settings.proxy_for("cs.internal").is_none() && settings.proxy_for("csinternal").is_some());
        write_atomically(
            &data.settings(),
            b"proxy = \"http://file.example.com\"\nno_proxy = [\"example.org\"]\n",
        )
        .unwrap();
        let settings = load(&data, &env).unwrap();
        assert_eq!(host(&settings).as_deref(), Some("file.example.com:3128"));
        assert!(settings.proxy_for("example.org").is_none() && settings.proxy_for("a.Example.org").is_none());
        assert!(settings.proxy_for("cs.internal").is_some());
    }

    #[test]
    fn what_can_not_be_understood_is_an_error() {
        let (_dir, data) = data();
        for (text, says) in [
            ("proxy = 1", "can't be understood"),
            ("proxi = \"http://x\"", "can't be understood"),
            ("proxy = \"https://x\"", "not written as"),
            ("proxy = \"http://x/path\"", "not written as"),
        ] {
            write_atomically(&data.settings(), text.as_bytes()).unwrap();
            let said = load(&data, &[]).unwrap_err().to_string();
            assert!(said.contains(says), "{text}: {said}");
        }
        std::fs::remove_file(data.settings()).unwrap();
        write_atomically(&data.ca(), b"no certificate").unwrap();
        assert!(matches!(load(&data, &[]), Err(SettingsError::NoCertificate(_))));
    }

    /// R36: a proxy's password goes to the proxy and nowhere else.
    #[test]
    fn a_password_is_sent_and_never_shown() {
        let proxy = Proxy::parse("http://us%65r:p%40ss@[2001:db8::1]:81").unwrap();
        assert_eq!(
            proxy.request("cs.example.com", 443),
            "CONNECT cs.example.com:443 HTTP/1.1\r\nHost: cs.example.com:443\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"
        );
        assert!(proxy.request("::1", 443).starts_with("CONNECT [::1]:443 "));
        assert_eq!(format!("{proxy:?} {proxy}"), "Proxy(2001:db8::1:81) 2001:db8::1:81");
        let (_dir, data) = data();
        write_atomically(&data.settings(), b"proxy = \"http://u:secret@x:y\"").unwrap();
        let said = format!("{:?} {0}", load(&data, &[]).unwrap_err());
        assert!(!said.contains("secret"), "{said}");
        write_atomically(&data.settings(), b"proxy = \"http://u:secret@x\"\nproxy = 3").unwrap();
        let said = load(&data, &[]).unwrap_err().to_string();
        assert!(!said.contains("secret"), "{said}");
    }
}
