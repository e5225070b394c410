//! A verifier of certificates that writes the verdict down and lets the handshake go on.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Sees what a server shows.
#[derive(Debug)]
pub(super) struct Witness {
    /// None where the system trusts no authority.
    judge: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
    said: Mutex<Said>,
}

/// The certificates, and why they are not trusted.
type Said = (Vec<CertificateDer<'static>>, Option<String>);

impl Witness {
    pub(super) fn new(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Self {
        Self {
            judge: WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .ok(),
            algorithms: provider.signature_verification_algorithms,
            said: Mutex::default(),
        }
    }

    /// What was shown, and the verdict on it.
    pub(super) fn said(&self) -> Said {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let distrust = match &self.judge {
            Some(judge) => judge
                .verify_server_cert(own, others, name, ocsp, now)
                .err()
                .map(|e| words(&e)),
            None => Some("this system trusts no authority at all".into()),
        };
        let shown = std::iter::once(own).chain(others).map(|c| c.clone().into_owned());
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = (shown.collect(), distrust);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Why certificates are not trusted, in plain words.
fn words(e: &Error) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "rustls has many errors, and says the rare ones well"
    )]
    match e {
        Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "a certificate's time is over".into()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "a certificate's time has not begun".into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for other names".into()
            }
            CertificateError::UnknownIssuer => "no authority that this system trusts issued it".into(),
            CertificateError::BadSignature => "a signature in it is wrong".into(),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "the certificate is not for servers".into()
            }
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}
