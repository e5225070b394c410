//! Public shares: a page that needs no account, and the bundle that the page verifies in the reader's browser.
//!
//! Outside the app's frame on purpose: no cookie is read or set, and the page loads nothing but the verifier.

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Form};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api::{ApiError, Shares};
use domain::digest::Digest;
use domain::ids::IncidentId;
use domain::sensitive::Raw;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;

use crate::auth::ClientAddress;
use crate::problem::Problem;
use crate::wiring::Shared;

/// What a share's page may load: the verifier and its style, from here. No inline script, so no nonce.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page that asks for a passcode loads its style, and its form goes here.
const ASKING_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Tokens are 43 characters of base64url; what is longer or has others is no token and reaches neither database nor page.
const LONGEST_TOKEN: usize = 128;

const STYLE: &str = "/pkg/countersign.css";

/// `?download` offers the bundle as a file; `ticket` is what opens a share that has a passcode.
#[derive(Deserialize)]
pub(crate) struct ShareQuery {
    download: Option<String>,
    ticket: Option<String>,
}

/// The form of a share that has a passcode.
#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    passcode: String,
}

/// `GET /s/{token}`: the transcript, readable without JavaScript; or where the share has a passcode the form that asks for it.
pub(crate) async fn page(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
) -> Response {
    private(shown(&shared, &token, None, &address.0).await)
}

/// `POST /s/{token}`: the same page for who gives the passcode.
pub(crate) async fn unlock(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    Form(given): Form<Given>,
) -> Response {
    let ticket = match check(&token) {
        Ok(()) => {
            let passcode = Raw::new(given.passcode);
            shared.engine.unlock_share(&token, passcode, &address.0).await
        }
        Err(error) => Err(error),
    };
    private(match ticket {
        Ok(ticket) => shown(&shared, &token, Some(&ticket), &address.0).await,
        Err(error) => refused(error),
    })
}

async fn shown(shared: &Shared, token: &str, ticket: Option<&str>, from: &str) -> Response {
    let share = match check(token) {
        Ok(()) => shared.engine.public_share(token, ticket, from).await,
        Err(error) => Err(error),
    };
    match share {
        Ok(share) => Html(app::share_page::document(&share, &urls(token, ticket))).into_response(),
        Err(error) => refused(error),
    }
}

/// `GET /s/{token}/bundle.json`: what the page's verdict is made from, for any other verifier as well (R7).
pub(crate) async fn bundle(
    State(shared): State<Shared>,
    Extension(address): Extension<ClientAddress>,
    Path(token): Path<String>,
    Query(query): Query<ShareQuery>,
) -> Response {
    let bundle = match check(&token) {
        Ok(()) => {
            let ticket = query.ticket.as_deref();
            shared.engine.public_bundle(&token, ticket, &address.0).await
        }
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
    Query(query): Query<ShareQuery>,
) -> Response {
    let made = match check(&token) {
        Ok(()) => kept(&shared, &token, query.ticket.as_deref(), &address.0).await,
        Err(error) => Err(error),
    };
    private(match made {
        Ok(html) => {
            let file = (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"countersign-share.html\"",
            );
            ([file], Html(html)).into_response()
        }
        // The form that asks for it is the page's own.
        Err(error @ ApiError::PasscodeNeeded) => Problem(error).into_response(),
        Err(error) => refused(error),
    })
}

async fn kept(shared: &Shared, token: &str, ticket: Option<&str>, from: &str) -> Result<String, ApiError> {
    let share = shared.engine.public_share(token, ticket, from).await?;
    let bundle = shared.engine.public_bundle(token, ticket, from).await?;
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

fn urls(token: &str, ticket: Option<&str>) -> app::share_page::ShareUrls {
    // A ticket is digits, a dot and hexadecimal digits: nothing that an address would need escaped.
    let with = |before: char| {
        let ticket = ticket.filter(|ticket| !ticket.is_empty());
        ticket
            .map(|ticket| format!("{before}ticket={ticket}"))
            .unwrap_or_default()
    };
    app::share_page::ShareUrls {
        bundle: format!("/s/{token}/bundle.json{}", with('?')),
        verifier: "/verifier/verifier.wasm".to_owned(),
        script: "/verifier/share.js".to_owned(),
        style: STYLE.to_owned(),
        download: format!("/s/{token}/bundle.json?download{}", with('&')),
        keep: format!("/s/{token}/verify.html{}", with('?')),
    }
}

/// A share that was revoked (410) or never was (404) has a page, and so have one that wants its passcode and one of a record that the
/// server itself sees was altered; anything else is said in a sentence.
fn refused(error: ApiError) -> Response {
    if error == ApiError::RecordAltered {
        let page = Html(app::share_page::altered(STYLE));
        return (StatusCode::SERVICE_UNAVAILABLE, page).into_response();
    }
    let asked = if error == ApiError::PasscodeNeeded {
        Some((StatusCode::OK, None))
    } else if error == ApiError::WrongPasscode {
        Some((StatusCode::FORBIDDEN, Some(error.to_string())))
    } else if let ApiError::LockedOut { minutes } = &error {
        let why = format!("Too many wrong passcodes. Wait {minutes} minutes and try again.");
        Some((StatusCode::TOO_MANY_REQUESTS, Some(why)))
    } else {
        None
    };
    if let Some((status, why)) = asked {
        let mut answer = (status, Html(app::share_page::passcode(STYLE, why))).into_response();
        let policy = HeaderValue::from_static(ASKING_POLICY);
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        return answer;
    }
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
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
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
