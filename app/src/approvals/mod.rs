//! Approvals: what waits, and the page on which a contact reads one request and decides it.
//!
//! Everything on that page is rendered from the statement that the decision binds to. Opening it decides nothing (R25).
//! Deliberately absent: who may decide and what is a narrower scope, which the engine and the gate say.

pub mod api;
mod decide;
mod hold;
mod list;
mod page;
mod parts;

pub use list::ApprovalsPage;
pub use page::ApprovePage;

#[cfg(feature = "ssr")]
use domain::api::{ApiError, Decision, Field, Ruling};

#[cfg(feature = "ssr")]
use crate::session::parse_id;

/// The ruling that a form's button and fields mean. A scope that was changed narrows; deny asks for nothing else.
///
/// # Errors
/// [`ApiError::Invalid`] when the button is unknown, or the scope was emptied.
#[cfg(feature = "ssr")]
fn ruling(word: &str, asked: &str, scope: &str, reason: &str) -> Result<Ruling, ApiError> {
    let scope = scope.trim();
    match word {
        "deny" => Ok(Ruling::Deny {
            reason: reason.trim().to_owned(),
        }),
        "approve" if asked.is_empty() || scope == asked.trim() => Ok(Ruling::Approve),
        "approve" if scope.is_empty() => Err(ApiError::invalid(
            Field::Scope,
            "Say what is allowed, or deny the request.",
        )),
        "approve" => Ok(Ruling::Narrow {
            scope: scope.to_owned(),
        }),
        _ => Err(ApiError::invalid(Field::Other, "Choose approve or deny.")),
    }
}

/// The decision on `request` by somebody who was shown the statement with this digest.
///
/// # Errors
/// [`ApiError::NotFound`] when either is not what it has to be.
#[cfg(feature = "ssr")]
fn decision(request: &str, shown: &str, ruling: Ruling) -> Result<Decision, ApiError> {
    Ok(Decision {
        request: parse_id(request)?,
        shown: parse_id(shown)?,
        ruling,
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    /// R21: a changed scope narrows, an unchanged one approves, and nothing is approved without a scope that was meant.
    #[test]
    fn buttons_and_fields_mean_one_ruling() {
        let asked = "file.read(\"/etc/pos/**\")";
        let narrow = "file.read(\"/etc/pos/connection.conf\")";
        assert_eq!(ruling("approve", asked, asked, ""), Ok(Ruling::Approve));
        assert_eq!(ruling("approve", asked, &format!(" {asked} "), ""), Ok(Ruling::Approve));
        assert_eq!(
            ruling("approve", asked, narrow, ""),
            Ok(Ruling::Narrow { scope: narrow.into() })
        );
        assert_eq!(
            ruling("approve", "", "", ""),
            Ok(Ruling::Approve),
            "what can't be narrowed has no field"
        );
        assert!(ruling("approve", asked, " ", "").is_err());
        assert_eq!(
            ruling("deny", asked, "nonsense", " no "),
            Ok(Ruling::Deny { reason: "no".into() }),
            "deny needs nothing else"
        );
        for word in ["", "Approve", "narrow"] {
            assert!(ruling(word, asked, asked, "").is_err());
        }
    }

    /// R20: a decision names what was shown.
    #[test]
    fn a_decision_needs_the_digest_that_was_shown() {
        let request = "0195f000-0000-7000-8000-000000000001";
        assert!(decision(request, &"ab".repeat(32), Ruling::Approve).is_ok());
        assert_eq!(decision(request, "", Ruling::Approve), Err(ApiError::NotFound));
        assert_eq!(
            decision("x", &"ab".repeat(32), Ruling::Approve),
            Err(ApiError::NotFound)
        );
    }
}
