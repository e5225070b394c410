//! The web session's cookie. Setting and clearing it is the app's, with the same name.

use http::{HeaderMap, header};

/// The cookie's name. With TLS it has the prefix that binds it to this host and to TLS (RFC 6265bis, section 4.1.3.2).
pub(crate) fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-countersign" } else { "countersign" }
}

/// The cookie's value; none where there is none or an empty one.
pub(crate) fn token(headers: &HeaderMap, https: bool) -> Option<String> {
    let name = cookie_name(https);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, token)| token.to_owned())
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn found(cookies: &[&'static str], https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for c in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(c));
        }
        token(&headers, https)
    }

    #[test]
    fn only_the_cookie_of_the_right_name_counts() {
        assert_eq!(found(&["a=1; countersign=abc; b=2"], false), Some("abc".into()));
        assert_eq!(found(&["a=1", "countersign=abc"], false), Some("abc".into()));
        assert_eq!(found(&["countersign="], false), None);
        assert_eq!(found(&["xcountersign=abc"], false), None);
        assert_eq!(found(&[], false), None);
        // Over TLS a cookie without the prefix may have been set by a neighbour: it doesn't count.
        assert_eq!(found(&["countersign=abc"], true), None);
        assert_eq!(found(&["__Host-countersign=abc"], true), Some("abc".into()));
    }
}
