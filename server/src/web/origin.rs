//! The same-origin rule. Server functions are public endpoints and browsers add cookies by themselves, so a request that
//! changes something must prove that one of our own pages made it.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` (Fetch Metadata), the older ones in `Origin`. A program
//! that is no browser may say what it likes; it has no cookie that it wasn't given.

use axum::extract::Request;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, Uri, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Reads that leave a leaf or hold a connection: not to be set off from another site's page, though they change nothing.
const NEVER_FROM_ELSEWHERE: [&str; 4] = ["/api/", "/export/", "/live/", "/record/log/"];

/// Whether the request may go on; otherwise one sentence saying why not.
pub(crate) fn check(request: &Request, public_url: &str) -> Result<(), &'static str> {
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if reads && !NEVER_FROM_ELSEWHERE.iter().any(|prefix| path.starts_with(prefix)) {
        return Ok(());
    }
    match fetch_site(headers) {
        Some(true) => Ok(()),
        Some(false) => {
            Err("This came from another site's page and was not carried out. Open Countersign itself and try again.")
        }
        None if reads => Ok(()),
        None => match origin_agrees(request.uri(), headers, public_url) {
            Some(true) => Ok(()),
            Some(false) => Err(
                "This came from another site's page and was not carried out. Open Countersign itself and try again.",
            ),
            None => Err("It doesn't say which page this came from, so it was not carried out. Use a current browser."),
        },
    }
}

/// Whether `Sec-Fetch-Site` names our own page or the address bar; `None` without the header.
fn fetch_site(headers: &HeaderMap) -> Option<bool> {
    let mut values = headers.get_all(SEC_FETCH_SITE).iter().peekable();
    values.peek()?;
    Some(values.all(|v| v == "same-origin" || v == "none"))
}

/// Whether `Origin` is ours: the public address, or the one that this request was sent to. `None` without the header.
fn origin_agrees(uri: &Uri, headers: &HeaderMap, public_url: &str) -> Option<bool> {
    let mut values = headers.get_all(header::ORIGIN).iter().peekable();
    values.peek()?;
    let public: Uri = public_url.parse().unwrap_or_default();
    let scheme = public.scheme_str().unwrap_or("http");
    let asked = headers
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .or(uri.authority().map(Authority::as_str));
    let ours: Vec<String> = [public.authority().map(Authority::as_str), asked]
        .into_iter()
        .flatten()
        .map(|host| format!("{scheme}://{host}"))
        .collect();
    Some(values.all(|v| v.to_str().is_ok_and(|v| ours.iter().any(|o| o.eq_ignore_ascii_case(v)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const URL: &str = "https://counter.example";

    fn asked(method: &str, path: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "counter.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap(), URL).is_ok()
    }

    #[test]
    fn a_change_is_taken_only_from_our_own_pages() {
        for (headers, taken) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "none")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            // What the browser says of the site outweighs an Origin that fits.
            (vec![("sec-fetch-site", "cross-site"), ("origin", URL)], false),
            (
                vec![("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (vec![("origin", URL)], true),
            (vec![("origin", "HTTPS://COUNTER.example")], true),
            (vec![("origin", "https://counter.example.evil.test")], false),
            (vec![("origin", "http://counter.example")], false),
            (vec![("origin", "null")], false),
            (vec![("origin", URL), ("origin", "https://evil.test")], false),
            (vec![], false),
        ] {
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
                assert_eq!(asked(method, "/api/propose", &headers), taken, "{method} {headers:?}");
            }
        }
    }

    #[test]
    fn a_page_opens_from_anywhere_but_nothing_that_leaves_a_leaf() {
        let elsewhere = [("sec-fetch-site", "cross-site")];
        for (path, opens) in [
            ("/", true),
            ("/approvals/1", true),
            ("/s/token", true),
            ("/export/history.csv", false),
            ("/live/org", false),
            ("/record", true),
            ("/record/log/checkpoint", false),
            ("/api/history", false),
        ] {
            assert_eq!(asked("GET", path, &elsewhere), opens, "{path}");
            assert!(asked("GET", path, &[]), "{path}");
        }
    }

    #[test]
    fn the_address_asked_for_counts_as_ours_when_it_is_not_the_public_one() {
        let request = |origin: &str| {
            let r = Request::builder()
                .method("POST")
                .uri("/api/x")
                .header("host", "localhost:3000")
                .header("origin", origin);
            check(&r.body(Body::empty()).unwrap(), "http://127.0.0.1:3000").is_ok()
        };
        assert!(request("http://localhost:3000"));
        assert!(request("http://127.0.0.1:3000"));
        assert!(!request("http://localhost:4000"));
    }
}
