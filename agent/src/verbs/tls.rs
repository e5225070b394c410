//! `net.tls`: what a TLS server shows of itself: version, cipher, certificates, and whether this system trusts them. Nothing
//! but the handshake is sent.
//!
//! The verdict is noted and not enforced: what is wrong with a certificate is the very thing that is asked for, and no data
//! goes over the connection. That the server holds the certificate's key is checked all the same. Deliberately absent:
//! whether a certificate was revoked, which would mean asking third parties.

mod certificate;
mod witness;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::timestamp::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::probe;
use crate::clock;
use crate::end::End;
use crate::output::Output;
use crate::stop::StopReason;
use witness::Witness;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was seen of a server.
#[derive(Debug)]
struct Seen {
    /// The certificates, the server's own first.
    shown: Vec<CertificateDer<'static>>,
    /// Why they are not trusted; none when they are, or none were shown.
    distrust: Option<String>,
    /// Version and cipher; or why there was no end to the handshake.
    ended: Result<String, String>,
}

/// Connects to `host` and shakes hands.
pub(super) async fn run(host: &str, port: u16, output: &mut Output) -> End {
    look(host, port, output).await.unwrap_or_else(End::from)
}

async fn look(host: &str, port: u16, output: &mut Output) -> Result<End, StopReason> {
    let mut stop = output.stop_signal();
    let stream = match probe::connect(host, port, output).await? {
        Ok(stream) => stream,
        Err(end) => return Ok(end),
    };
    // The system's authorities are read from disk.
    let roots = match stop.or(tokio::task::spawn_blocking(system_roots)).await? {
        Ok(roots) => roots,
        Err(e) => {
            return Ok(End::failed(format!(
                "Looking for the system's authorities failed: {e}."
            )));
        }
    };
    let started = Instant::now();
    let seen = match stop.or(timeout(PATIENCE, shake_hands(stream, host, roots))).await? {
        Ok(Ok(seen)) => seen,
        Ok(Err(why)) => return Ok(End::failed(why)),
        Err(_) => {
            return Ok(End::failed(format!(
                "{host} answers on port {port}, but did not shake hands within {} s.",
                PATIENCE.as_secs()
            )));
        }
    };
    let (text, end) = seen.tell(host, started.elapsed(), clock::now());
    output.say(&text).await?;
    Ok(end)
}

/// The authorities that this system trusts.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Shakes hands over `stream`, judging by `roots`.
async fn shake_hands(stream: TcpStream, host: &str, roots: RootCertStore) -> Result<Seen, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|e| format!("{host} can't be asked for by TLS: {e}."))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let witness = Arc::new(Witness::new(roots, &provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS can't be used: {e}."))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Witness>::clone(&witness))
        .with_no_client_auth();
    let ended = match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            let version = session
                .protocol_version()
                .and_then(|v| v.as_str())
                .unwrap_or("unknown version");
            let cipher = session
                .negotiated_cipher_suite()
                .and_then(|c| c.suite().as_str())
                .unwrap_or("unknown cipher");
            Ok(format!("{}, {cipher}", version.replace("TLSv1_", "TLS 1.")))
        }
        Err(e) => Err(why(&e)),
    };
    let (shown, distrust) = witness.said();
    Ok(Seen { shown, distrust, ended })
}

impl Seen {
    /// What was seen, and what it comes to.
    fn tell(&self, host: &str, took: Duration, now: Timestamp) -> (String, End) {
        let mut text = match &self.ended {
            Ok(session) => format!("{session} ({} ms)\n", took.as_millis()),
            Err(why) => format!("No TLS connection: {why}\n"),
        };
        let end = match (&self.ended, &self.distrust) {
            (Err(why), _) => End::failed(format!("The handshake with {host} failed: {why}.")),
            (Ok(_), Some(why)) => End::failed(format!("{host} is not to be trusted: {why}.")),
            (Ok(_), None) => End::succeeded(),
        };
        if self.shown.is_empty() {
            return (text, end);
        }
        match &self.distrust {
            None => text.push_str(&format!("Trusted by this system, for {host}\n")),
            Some(why) => text.push_str(&format!("Not trusted: {why}\n")),
        }
        for (at, der) in self.shown.iter().enumerate() {
            text.push_str(&format!("\nCertificate {} of {}\n", at + 1, self.shown.len()));
            text.push_str(&certificate::tell(der, now));
        }
        (text, end)
    }
}

/// Why a handshake failed.
fn why(e: &io::Error) -> String {
    let tls = e.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidMessage(_)) => "what answers there does not speak TLS".into(),
        Some(rustls::Error::AlertReceived(alert)) => format!("the server refused it with the alert {alert:?}"),
        Some(rustls::Error::PeerIncompatible(_)) => "the server knows no version or cipher that is safe today".into(),
        Some(other) => other.to_string(),
        None if e.kind() == io::ErrorKind::UnexpectedEof => "the server closed the connection".into(),
        None => e.to_string(),
    }
}

#[cfg(test)]
mod tests;
