//! A small HTTP client that does nothing by itself: no redirects, no retries, no cookies but those it is given.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The name of the web session's cookie without TLS.
pub(crate) const COOKIE: &str = "countersign";

/// Somebody's browser.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    /// The web session's token.
    pub(crate) token: Option<String>,
}

/// Why there is no answer: the server went away.
pub(crate) type Gone = Box<dyn std::error::Error + Send + Sync>;

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    /// The token of the web session that this answer sets as a cookie.
    pub(crate) fn set_token(&self) -> Option<String> {
        let cookie = self
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|v| v.to_str().unwrap())
            .next_back()?;
        let (name, rest) = cookie.split_once('=').unwrap();
        assert_eq!(name, COOKIE);
        Some(rest.split(';').next().unwrap().to_owned())
    }
}

impl Http {
    /// A page or file.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// The same with further headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        read(self.send("GET", path, headers, String::new()).await)
            .await
            .unwrap()
    }

    /// Calls a server function as the page's own code does.
    pub(crate) async fn call(&self, name: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_call(name, fields).await.unwrap()
    }

    /// The same where the server may go away before it has answered.
    pub(crate) async fn try_call(&self, name: &str, fields: &[(&str, &str)]) -> Result<Answer, Gone> {
        let headers = [("sec-fetch-site", "same-origin"), ("accept", "application/json")];
        self.try_post(&format!("/api/{name}"), &headers, fields).await
    }

    /// Sends a form as a browser without JavaScript does.
    pub(crate) async fn submit(&self, name: &str, from_page: &str, fields: &[(&str, &str)]) -> Answer {
        let referer = format!("http://{}{from_page}", self.address);
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "text/html"),
            ("referer", referer.as_str()),
        ];
        self.post(&format!("/api/{name}"), &headers, fields).await
    }

    /// Any form.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, headers, fields).await.unwrap()
    }

    async fn try_post(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Result<Answer, Gone> {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        read(self.try_send("POST", path, &headers, form(fields)).await?).await
    }

    /// Begins a request and leaves the body to the caller: for streams.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
        self.send("GET", path, headers, String::new()).await
    }

    /// Any request.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Response<Incoming> {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Response<Incoming>, Gone> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string());
        if method == "GET" {
            request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        }
        if let Some(token) = &self.token {
            request = request.header("cookie", format!("{COOKIE}={token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(sender
            .send_request(request.body(Full::new(Bytes::from(body))).unwrap())
            .await?)
    }
}

async fn read(response: Response<Incoming>) -> Result<Answer, Gone> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    })
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(k, v)| format!("{}={}", escape(k), escape(v)))
        .collect::<Vec<_>>()
        .join("&")
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'[' | b']' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}
