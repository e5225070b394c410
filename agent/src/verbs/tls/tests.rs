//! Handshakes with real servers on this machine.

use super::*;

use domain::action::Outcome;
use domain::digest::Digest;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// An authority, and what trusts it alone.
fn authority(name: &str) -> (CertifiedIssuer<'static, KeyPair>, RootCertStore) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    (authority, roots)
}

/// A server's certificate for `names`.
fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "till\n7");
    params
}

/// What is seen at a server with a certificate of `params` from `authority`, asked for as `host`.
async fn seen(
    params: CertificateParams,
    authority: &CertifiedIssuer<'static, KeyPair>,
    roots: RootCertStore,
    host: &str,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Seen {
    let key = KeyPair::generate().unwrap();
    let own = params.signed_by(&key, authority).unwrap();
    let chain = vec![own.der().clone(), authority.der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let seen = shake_hands(stream, host, roots).await.unwrap();
    assert!(server.await.unwrap(), "the server shook hands");
    seen
}

const ALL: &[&rustls::SupportedProtocolVersion] = rustls::ALL_VERSIONS;

/// R12: version, cipher, names, validity and fingerprints of a chain that this system trusts.
#[tokio::test]
async fn a_trusted_chain_is_told() {
    let (authority, roots) = authority("Test authority");
    let names = params(&["localhost", "127.0.0.1"]);
    let seen = seen(names, &authority, roots, "localhost", ALL).await;
    let (text, end) = seen.tell("localhost", Duration::from_millis(7), clock::now());
    assert_eq!(end, End::succeeded());
    assert!(text.starts_with("TLS 1.3, TLS13_AES_"), "{text}");
    for part in [
        "(7 ms)\n",
        "Trusted by this system, for localhost\n",
        "\nCertificate 1 of 2\n",
        "Names    localhost, 127.0.0.1\n",
        "Issuer   CN=Test authority\n",
        "(ends in ",
        "\nCertificate 2 of 2\n",
        &Digest::of(&[&seen.shown[0]]).to_string(),
        &Digest::of(&[&seen.shown[1]]).to_string(),
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert!(
        text.contains(r"till\u{A}7"),
        "what others wrote stays on its line: {text}"
    );
}

/// R12: an older version that is still safe is told as such, and an address is as good as a name.
#[tokio::test]
async fn an_older_version_and_an_address_are_told() {
    let (authority, roots) = authority("Test authority");
    let seen = seen(
        params(&["127.0.0.1"]),
        &authority,
        roots,
        "127.0.0.1",
        &[&rustls::version::TLS12],
    )
    .await;
    let (text, end) = seen.tell("127.0.0.1", Duration::ZERO, clock::now());
    assert!(text.starts_with("TLS 1.2, TLS_ECDHE_"), "{text}");
    assert_eq!(end, End::succeeded());
}

/// R12: what is wrong with a chain is told, and the chain all the same.
#[tokio::test]
async fn a_chain_that_does_not_verify_is_told_with_the_reason() {
    let (authority, roots) = authority("Test authority");
    let (_, other_roots) = self::authority("Another authority");
    let mut over = params(&["localhost"]);
    over.not_before = date_time_ymd(2020, 1, 1);
    over.not_after = date_time_ymd(2021, 1, 1);
    let mut early = params(&["localhost"]);
    early.not_before = date_time_ymd(2090, 1, 1);
    early.not_after = date_time_ymd(2091, 1, 1);
    for (params, roots, reason, also) in [
        (
            over,
            roots.clone(),
            "a certificate's time is over",
            "2021-01-01 00:00:00 UTC (ended ",
        ),
        (
            early,
            roots.clone(),
            "a certificate's time has not begun",
            "(begins in ",
        ),
        (
            params(&["gw.example.com"]),
            roots.clone(),
            "the certificate is for other names",
            "Names    gw.example.com\n",
        ),
        (
            params(&["localhost"]),
            other_roots,
            "no authority that this system trusts issued it",
            "Certificate 2 of 2",
        ),
        (
            params(&["localhost"]),
            RootCertStore::empty(),
            "this system trusts no authority at all",
            "Certificate 2 of 2",
        ),
    ] {
        let seen = seen(params, &authority, roots, "localhost", ALL).await;
        let (text, end) = seen.tell("localhost", Duration::ZERO, clock::now());
        assert_eq!(end, End::failed(format!("localhost is not to be trusted: {reason}.")));
        assert!(text.contains(&format!("Not trusted: {reason}\n")), "{text}");
        assert!(text.contains(also), "{also:?} in {text}");
        assert!(text.starts_with("TLS 1.3"), "{text}");
    }
}

/// R12: what answers without TLS, or hangs up, is told as that.
#[tokio::test]
async fn what_speaks_no_tls_is_told() {
    for (answer, reason) in [
        (
            &b"220 mail.example.com ESMTP\r\n"[..],
            "what answers there does not speak TLS",
        ),
        (b"", "the server closed the connection"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            // The greeting of the other side is read first, or closing would reset the connection.
            stream.readable().await.unwrap();
            let mut hello = [0; 4096];
            assert!(stream.try_read(&mut hello).unwrap() > 0);
            stream.write_all(answer).await.unwrap();
        });
        let stream = TcpStream::connect(address).await.unwrap();
        let seen = shake_hands(stream, "localhost", RootCertStore::empty()).await.unwrap();
        server.await.unwrap();
        let (text, end) = seen.tell("localhost", Duration::ZERO, clock::now());
        assert_eq!(end.outcome, Outcome::Failed);
        assert_eq!(text, format!("No TLS connection: {reason}\n"));
    }
}

/// The system's own authorities are found, where it has any.
#[test]
fn the_systems_authorities_are_found() {
    let installed = std::path::Path::new("/etc/ssl/certs/ca-certificates.crt").exists();
    assert!(!installed || !system_roots().is_empty());
}
