//! Server functions of accounts. The cookie is set here and nowhere else.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use leptos::prelude::*;

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller, clear_session_cookie, client_address, send_to, set_session_cookie, web_session};

/// Where to go after signing in: a path of ours, never another site.
pub fn safe_next(next: &str) -> &str {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    if ours && !next.starts_with("/sign-in") {
        next
    } else {
        "/"
    }
}

/// Checks the password, sets the cookie and goes on to `next`.
#[server(endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: String) -> Result<String, AppError> {
    let with = domain::api::SignIn {
        email,
        password: domain::sensitive::Raw::new(password),
        from: client_address(),
    };
    let session = backend().sign_in(with).await?;
    set_session_cookie(&session.token, session.expires);
    Ok(go_on(safe_next(&next)))
}

/// The name to greet behind a one-time link.
#[server(endpoint = "greet")]
pub async fn greet(secret: String) -> Result<String, AppError> {
    Ok(backend().link_owner(&secret).await?)
}

/// Sets the password behind a one-time link, sets the cookie and goes on to the overview.
#[server(endpoint = "redeem_link")]
pub async fn redeem_link(secret: String, password: String, again: String) -> Result<String, AppError> {
    if password != again {
        return Err(domain::api::ApiError::invalid(
            domain::api::Field::Password,
            "The two passwords differ. Type the same one twice.",
        )
        .into());
    }
    let raw = domain::sensitive::Raw::new;
    let with = domain::api::SetPassword {
        link: raw(secret),
        password: raw(password),
        from: client_address(),
    };
    let session = backend().redeem_link(with).await?;
    set_session_cookie(&session.token, session.expires);
    Ok(go_on("/"))
}

/// Ends the web session and takes the cookie back.
#[server(endpoint = "sign_out")]
pub async fn sign_out_now() -> Result<String, AppError> {
    if let (Ok(caller), Some(token)) = (caller(), web_session()) {
        backend().sign_out(&caller, &token).await?;
    }
    clear_session_cookie();
    Ok(go_on("/sign-in"))
}

/// Where the browser goes next: a plain form is redirected; our own code gets the path and loads it as a new page, so that
/// nothing read for somebody else stays.
#[cfg(feature = "ssr")]
fn go_on(path: &str) -> String {
    if crate::ctx::is_plain_form() {
        send_to(path);
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    /// R50: nobody is led to another site by a link to our sign-in page.
    #[test]
    fn the_next_page_is_always_ours() {
        for (next, safe) in [
            ("/approvals/1?x=2", "/approvals/1?x=2"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/sign-in?next=/", "/"),
            ("/a\nb", "/"),
            ("", "/"),
        ] {
            assert_eq!(safe_next(next), safe, "{next:?}");
        }
    }
}
