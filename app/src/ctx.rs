//! What a request brings with it on the server: the backend, the caller, the address, the cookie. The server provides these
//! by `provide_context` for every page and every server function; a server function takes them from here.
//!
//! Also the few ways in which an answer is more than its value: its status, a redirect, a cookie. Deliberately absent: how a
//! web session becomes a [`Caller`] (the server and the engine), and anything of a feature.

use std::sync::Arc;

use domain::api::{ApiError, Backend};
use domain::roles::Caller;
use domain::timestamp::Timestamp;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use server_fn::redirect::REDIRECT_HEADER;

use crate::api_error::AppError;

/// Who called, if the cookie led to a web session that has not ended.
#[derive(Clone, Debug)]
pub struct RequestCaller(pub Option<Caller>);

/// The network address that the request came from.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// The web session's token, from the cookie.
#[derive(Clone)]
pub struct WebSession(pub Option<String>);

/// The web session's cookie: its name, and whether it may travel over HTTPS only.
#[derive(Clone, Debug)]
pub struct CookieName {
    /// `__Host-…` when `secure`.
    pub name: String,
    /// Whether the cookie has the attribute `Secure`.
    pub secure: bool,
}

/// Where server functions are mounted: a request to below this is a call, everything else is a page.
pub const CALLS: &str = "/api/";

/// The backend.
pub fn backend() -> Arc<dyn Backend> {
    expect_context::<Arc<dyn Backend>>()
}

/// Who calls.
///
/// # Errors
/// [`ApiError::SignedOut`], which also sends the browser to the sign-in page.
pub fn caller() -> Result<Caller, AppError> {
    Ok(use_context::<RequestCaller>()
        .and_then(|c| c.0)
        .ok_or(ApiError::SignedOut)?)
}

/// Where the request came from; empty when the server could not tell.
pub fn client_address() -> String {
    use_context::<ClientAddress>().map(|a| a.0).unwrap_or_default()
}

/// The web session's token.
pub fn web_session() -> Option<String> {
    use_context::<WebSession>().and_then(|s| s.0)
}

/// Whether the browser itself sent a form to a server function (no JavaScript, or not loaded yet), so that it shows what
/// comes back as a page.
pub fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.uri.path().starts_with(CALLS) && accepts_html(&parts))
}

/// Sets the web session's cookie.
pub fn set_session_cookie(token: &str, expires: Timestamp) {
    let now = page_clock();
    let seconds = expires.since(now).as_secs();
    set_cookie(token, &format!("Max-Age={seconds}; "));
}

/// Takes the web session's cookie back.
pub fn clear_session_cookie() {
    set_cookie("", "Max-Age=0; ");
}

/// Sends the browser to `path`. A plain form is redirected; a call from our own code is told by a header, and the router
/// goes there; a page is not shown but redirected.
pub fn send_to(path: &str) {
    let (Some(parts), Some(response), Ok(value)) = (
        use_context::<Parts>(),
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(path),
    ) else {
        return;
    };
    response.insert_header(header::LOCATION, value);
    if parts.uri.path().starts_with(CALLS) && !accepts_html(&parts) {
        response.insert_header(HeaderName::from_static(REDIRECT_HEADER), HeaderValue::from_static(""));
    } else {
        response.set_status(StatusCode::FOUND);
    }
}

/// The address that the person uses for this server, such as `https://support.example`: for links and commands that they
/// hand on.
pub fn own_origin() -> String {
    let Some(parts) = use_context::<Parts>() else {
        return String::new();
    };
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .filter(|v| *v != "null")
    };
    if let Some(origin) = header(header::ORIGIN) {
        return origin.to_owned();
    }
    let scheme = if use_context::<CookieName>().is_some_and(|c| c.secure) {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", header(header::HOST).unwrap_or_default())
}

/// Answers a plain form with a page of its own in place of a redirect: the content type and status for it, and that
/// nobody may keep it. The body is what the server function's output encoding makes.
pub fn answer_with_page() {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::OK);
        response.insert_header(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Gives the answer the status of an error. A plain form keeps its redirect back to the form, which shows the error.
pub(crate) fn answer_with(error: &AppError) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else {
        return;
    };
    let is_call = parts.uri.path().starts_with(CALLS);
    if !(is_call && accepts_html(&parts))
        && let Ok(status) = StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
    if *error == AppError::Api(ApiError::SignedOut) {
        send_to(&sign_in_path(&came_from(&parts, is_call)));
    }
}

/// The page that the person is on: the request's own path, or for a call the page that it came from.
fn came_from(parts: &Parts, is_call: bool) -> String {
    if !is_call {
        return parts
            .uri
            .path_and_query()
            .map(|p| p.as_str().to_owned())
            .unwrap_or_default();
    }
    let referer = parts
        .headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    referer
        .parse::<http::Uri>()
        .ok()
        .map(|uri| uri.path().to_owned())
        .unwrap_or_default()
}

/// The sign-in page that leads on to `next`.
fn sign_in_path(next: &str) -> String {
    match crate::account::safe_next(next) {
        "/" => "/sign-in".to_owned(),
        next => {
            let escaped: String = next.bytes().map(escape_byte).collect();
            format!("/sign-in?next={escaped}")
        }
    }
}

/// A byte of a query's value, percent-encoded unless it stands for itself.
fn escape_byte(b: u8) -> String {
    match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    }
}

fn accepts_html(parts: &Parts) -> bool {
    parts
        .headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("text/html"))
}

fn set_cookie(value: &str, age: &str) {
    let (Some(cookie), Some(response)) = (use_context::<CookieName>(), use_context::<ResponseOptions>()) else {
        return;
    };
    let secure = if cookie.secure { "; Secure" } else { "" };
    let text = format!("{}={value}; {age}Path=/; HttpOnly; SameSite=Lax{secure}", cookie.name);
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.append_header(header::SET_COOKIE, text);
    }
}

/// The time shown as the page's own. It is never recorded and decides nothing.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock on the page; everything recorded takes its time from Deps"
)]
pub fn page_clock() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::default().plus(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R50: whoever is signed out is led back to where they were, and never to another site.
    #[test]
    fn sign_in_leads_back_but_never_elsewhere() {
        assert_eq!(
            sign_in_path("/approvals/1?x=a&b"),
            "/sign-in?next=/approvals/1%3Fx%3Da%26b"
        );
        assert_eq!(sign_in_path("/"), "/sign-in");
        assert_eq!(sign_in_path("//evil.example/"), "/sign-in");
        assert_eq!(sign_in_path("https://evil.example/"), "/sign-in");
    }
}
