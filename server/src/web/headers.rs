//! Headers that every answer carries. A handler that set one of them already (a share's stricter policy) keeps its own.

use engine::Deps;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The random part of this answer's content security policy: inline scripts run only with it (CSP Level 3, `nonce-source`).
#[derive(Clone, Debug)]
pub(crate) struct CspNonce(pub(crate) String);

impl CspNonce {
    /// 128 random bits.
    pub(crate) fn new(deps: &Deps) -> Self {
        Self(domain::digest::hex(&deps.bytes::<16>()))
    }
}

/// What a page of the app may load: its own files, and inline scripts that carry the nonce (Leptos puts the data that it
/// hydrates from into such scripts). `wasm-unsafe-eval` allows WebAssembly and no `eval` of text.
fn page_policy(nonce: &CspNonce) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        nonce.0
    )
}

/// What anything else may load: nothing.
const NO_PAGE_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    ),
];

/// Adds what is not there yet.
pub(crate) fn secure(headers: &mut HeaderMap, nonce: &CspNonce, https: bool) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let page = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
        let policy = if page {
            page_policy(nonce)
        } else {
            NO_PAGE_POLICY.to_owned()
        };
        // The nonce is hexadecimal, so the policy is always a valid value.
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_the_nonce_and_anything_else_may_load_nothing() {
        let nonce = CspNonce("00ff".into());
        let mut page = HeaderMap::new();
        page.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        secure(&mut page, &nonce, true);
        let policy = page[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("'nonce-00ff'") && !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'")
        );
        assert!(page.contains_key(header::STRICT_TRANSPORT_SECURITY));

        let mut other = HeaderMap::new();
        secure(&mut other, &nonce, false);
        assert_eq!(other[header::CONTENT_SECURITY_POLICY], NO_PAGE_POLICY);
        assert!(!other.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(other[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn a_stricter_policy_of_a_handler_stays() {
        let mut share = HeaderMap::new();
        share.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'"),
        );
        share.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        secure(&mut share, &CspNonce("00".into()), true);
        assert_eq!(share[header::CONTENT_SECURITY_POLICY], "default-src 'none'");
        assert_eq!(share[header::REFERRER_POLICY], "no-referrer");
    }
}
