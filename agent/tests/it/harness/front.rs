//! What stands before a server: TLS, something that is busy, an HTTP proxy. All with real sockets.

use std::sync::{Arc, Mutex};

use base64::Engine;
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// An authority that makes certificates for servers.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a front does with a connection.
#[derive(Clone)]
pub(crate) enum Mode {
    /// Passes it on.
    Plain,
    /// Passes on what comes out of TLS.
    Tls(Arc<ServerConfig>),
    /// Reads the request and answers this.
    Answer(String),
}

/// A port before a server's.
pub(crate) struct Front {
    port: u16,
    mode: Arc<Mutex<Mode>>,
    /// When connections came.
    pub(crate) came: Arc<Mutex<Vec<Instant>>>,
}

/// An HTTP proxy that wants a name and a password.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// The first lines of the requests that it followed.
    pub(crate) followed: Arc<Mutex<Vec<String>>>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// TLS with a certificate for `name`, which ends with `year`.
    pub(crate) fn server(&self, name: &str, year: i32) -> Mode {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Mode::Tls(Arc::new(config.unwrap()))
    }
}

impl Front {
    pub(crate) async fn start(to: u16, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Self {
            port: listener.local_addr().unwrap().port(),
            mode: Arc::new(Mutex::new(mode)),
            came: Arc::default(),
        };
        let (mode, came) = (Arc::clone(&front.mode), Arc::clone(&front.came));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                came.lock().unwrap().push(Instant::now());
                let mode = mode.lock().unwrap().clone();
                tokio::spawn(pass(stream, mode, to));
            }
        });
        front
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn becomes(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }
}

async fn pass(mut stream: TcpStream, mode: Mode, to: u16) {
    match mode {
        Mode::Plain => join(&mut stream, to).await,
        Mode::Tls(config) => {
            // A client that does not trust it goes away.
            if let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await {
                join(&mut stream, to).await;
            }
        }
        Mode::Answer(answer) => {
            request(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }
}

async fn join(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), to: u16) {
    let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
    // Either side may end it.
    let _ = copy_bidirectional(stream, &mut server).await;
}

async fn request(stream: &mut TcpStream) -> String {
    let mut text = vec![];
    while !text.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => text.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(text).unwrap()
}

impl Proxy {
    pub(crate) async fn start(user: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            followed: Arc::default(),
        };
        let followed = Arc::clone(&proxy.followed);
        let wanted = format!(
            "Proxy-Authorization: Basic {}\r\n",
            base64::engine::general_purpose::STANDARD.encode(user)
        );
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (followed, wanted) = (Arc::clone(&followed), wanted.clone());
                tokio::spawn(async move {
                    let request = request(&mut stream).await;
                    if !request.contains(&wanted) {
                        let _ = stream
                            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                            .await;
                        return;
                    }
                    let line = request.lines().next().unwrap().to_owned();
                    let port = line.split([':', ' ']).nth(2).unwrap().parse().unwrap();
                    followed.lock().unwrap().push(line);
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                    join(&mut stream, port).await;
                });
            }
        });
        proxy
    }
}
