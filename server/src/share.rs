//! Public shares: a page that needs no account, and the bundle that the page verifies in the reader's browser.
//!
//! Outside the app's frame on purpose: no cookie is read or set, and the page loads nothing but the verifier.

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api::{ApiError, Shares};
use domain::digest::Digest;
use domain::ids::IncidentId;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;

use crate::auth::ClientAddress;
use crate::problem::Problem;
use crate::wiring::Shared;

/// What a share's page may load: the verifier and its style, from here. No inline script, so no nonce.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Tokens are 43 characters of base64url; what is longer or has others is no token and reaches neither database nor page.
const LONGEST_TOKEN: usize = 128;

const STYLE: &str = "/pkg/countersign.css";

/// `?download` offers the bundle as a file.
#[derive(Deserialize)]
pub(crate) struct BundleQuery {
    download: Option<String>,
}

/// `GET /s/{token}`: the transcript, readable without JavaScript.
pub(crate) async fn page(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
) -> Response {
    let share = match check(&token) {
        Ok(()) => shared.engine.public_share(&token, &address.0).await,
        Err(error) => Err(error),
    };
    let answer = match share {
        Ok(share) => Html(app::share_page::document(&share, &urls(&token))).into_response(),
        Err(error) => refused(error),
    };
    private(answer)
}

/// `GET /s/{token}/bundle.json`: what the page's verdict is made from, for any other verifier as well (R7).
pub(crate) async fn bundle(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    Query(query): Query<BundleQuery>,
) -> Response {
    let bundle = match check(&token) {
        Ok(()) => shared.engine.public_bundle(&token, &address.0).await,
        Err(error) => Err(error),
    };
    let mut answer = match bundle {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => Problem(error).into_response(),
    };
    if query.download.is_some() && answer.status().is_success() {
        let file = HeaderValue::from_static("attachment; filename=\"countersign-share.json\"");
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    private(answer)
}

/// `GET /s/{token}/verify.html`: the page as one file that holds bundle, verifier and style, and checks itself offline.
pub(crate) async fn keep(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
) -> Response {
    let made = match check(&token) {
        Ok(()) => kept(&shared, &token, &address.0).await,
        Err(error) => Err(error),
    };
    let mut answer = match made {
        Ok(html) => Html(html).into_response(),
        Err(error) => refused(error),
    };
    if answer.status().is_success() {
        let file = HeaderValue::from_static("attachment; filename=\"countersign-share.html\"");
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    private(answer)
}

async fn kept(shared: &Shared, token: &str, from: &str) -> Result<String, ApiError> {
    let share = shared.engine.public_share(token, from).await?;
    let bundle = shared.engine.public_bundle(token, from).await?;
    let site = &shared.config.site;
    let missing = |what: &str, why: &dyn std::error::Error| {
        let incident = IncidentId(shared.deps.uuid());
        tracing::error!(%incident, what, %why, "a share's page can't be kept");
        ApiError::Internal { incident }
    };
    let read = async |path: &str| tokio::fs::read(site.join(path)).await.map_err(|e| missing(path, &e));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|e| missing("a text", &e));
    let style = text(read("pkg/countersign.css").await?)?;
    let script = text(read("verifier/share.js").await?)?;
    let verifier = STANDARD.encode(read("verifier/verifier.wasm").await?);
    // Within JSON a `<` stands in strings alone, where its escape means the same; so nothing in it can end the element.
    let bundle = text(bundle)?.replace('<', "\\u003c");
    let policy = format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash_source(&script),
        hash_source(&style)
    );
    Ok(app::share_page::kept(
        &share,
        app::share_page::Held {
            policy: &policy,
            style: &style,
            script: &script,
            bundle: &bundle,
            verifier: &verifier,
        },
    ))
}

/// An inline script or style by its digest (CSP Level 3, 2.3.1).
fn hash_source(text: &str) -> String {
    format!(
        "'sha256-{}'",
        STANDARD.encode(Digest::of(&[text.as_bytes()]).as_bytes())
    )
}

fn check(token: &str) -> Result<(), ApiError> {
    let is_token = !token.is_empty()
        && token.len() <= LONGEST_TOKEN
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_token { Ok(()) } else { Err(ApiError::NotFound) }
}

fn urls(token: &str) -> app::share_page::ShareUrls {
    app::share_page::ShareUrls {
        bundle: format!("/s/{token}/bundle.json"),
        verifier: "/verifier/verifier.wasm".to_owned(),
        script: "/verifier/share.js".to_owned(),
        style: STYLE.to_owned(),
        download: format!("/s/{token}/bundle.json?download"),
        keep: format!("/s/{token}/verify.html"),
    }
}

/// A share that was revoked (410) or never was (404) has a page; anything else is said in a sentence.
fn refused(error: ApiError) -> Response {
    match StatusCode::from_u16(error.status()) {
        Ok(status @ (StatusCode::NOT_FOUND | StatusCode::GONE)) => {
            (status, Html(app::share_page::gone(STYLE))).into_response()
        }
        Ok(_) | Err(_) => Problem(error).into_response(),
    }
}

/// The link is the secret: it goes into no search engine and into no other site's log.
fn private(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow, noarchive"),
    );
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_not_looked_up() {
        for bad in ["", "a/b", "a b", "a\"b", "ä", "..", &"a".repeat(129)] {
            assert_eq!(check(bad), Err(ApiError::NotFound), "{bad}");
        }
        assert_eq!(check("Zm9v_-0"), Ok(()));
    }
}
