//! The link of a new share, shown once.

use domain::timestamp::Timestamp;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;

/// A share that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The whole link, with the fragment that pins the record.
    pub link: String,
    /// When.
    pub made_at: Timestamp,
    /// The log's size that it pins.
    pub size: u64,
    /// The session.
    pub session: String,
    /// When the link stops working by itself.
    pub expires: Option<Timestamp>,
    /// Whether its readers have to know a passcode.
    pub passcode: bool,
}

impl Made {
    /// Who can read it.
    pub(super) fn who(&self) -> &'static str {
        if self.passcode {
            "Whoever has it and knows the passcode can read the transcript, without an account."
        } else {
            "Whoever has it can read the transcript, without an account."
        }
    }

    /// How long the link works.
    pub(super) fn works(&self) -> String {
        match self.expires {
            Some(at) => format!("It works until {}, unless it is revoked before.", at.for_people()),
            None => "It works until it is revoked.".into(),
        }
    }
}

impl Answer for Made {
    #[cfg(feature = "ssr")]
    fn title(&self) -> String {
        "The share is made".into()
    }

    #[cfg(feature = "ssr")]
    fn view(&self) -> AnyView {
        let (link, href) = (self.link.clone(), self.link.clone());
        let back = crate::session::parse_id::<domain::ids::SessionId>(&self.session)
            .map_or("/sessions".into(), |id| format!("/sessions/{id}/share"));
        view! {
            <p class="card-lead">"This is its link. " {self.who()}</p>
            <div class="secret"><a class="secret-text" href=href>{link}</a></div>
            <p>"It is shown only now. The part after # pins the record as it was: hand the link on whole. " {self.works()}</p>
            <p class="form-actions"><a class="button primary" href=back>"Back to the review"</a></p>
        }
        .into_any()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::answer::answered_to;

    /// R74: without script the link is in the answer's page, and nowhere else.
    #[test]
    fn a_plain_form_is_answered_with_a_page() {
        let session = "0195f000-0000-7000-8000-000000000001".to_owned();
        let made = Made {
            link: "https://c.example/s/t0ken#v1.9.ab.cd".into(),
            made_at: Timestamp(0),
            size: 9,
            session,
            expires: None,
            passcode: false,
        };
        let (body, response) = answered_to(&made, "/api/create_share", "text/html");
        assert!(
            body.starts_with("<!DOCTYPE html>") && body.contains(&made.link),
            "{body}"
        );
        assert!(body.contains("/sessions/0195f000-0000-7000-8000-000000000001/share"));
        assert!(!response.0.read().unwrap().headers.contains_key("location"));
    }
}
