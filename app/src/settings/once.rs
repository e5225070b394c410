//! A secret that is shown once.

use domain::timestamp::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::ui::{Glyph, Job, Note, Secret, Time};

/// Something to be shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Once {
    /// For whom or what it was made: `Invitation for Ada Byron`.
    pub title: String,
    /// What to do with it.
    pub lead: String,
    /// What it is, for the copy button: `the link`.
    pub what: String,
    /// The secret, as it is to be handed on.
    pub text: String,
    /// The same for other systems: for which, and the text.
    pub also: Vec<(String, String)>,
    /// How often it works: `works once`.
    pub works: String,
    /// When it stops working.
    pub expires: Timestamp,
    /// The page that it was made on.
    pub back: String,
}

impl Answer for Once {
    #[cfg(feature = "ssr")]
    fn title(&self) -> String {
        self.title.clone()
    }

    #[cfg(feature = "ssr")]
    fn view(&self) -> AnyView {
        let Once {
            title: _,
            lead,
            what: _,
            text,
            also,
            works,
            expires,
            back,
        } = self.clone();
        let also: Vec<_> = also
            .into_iter()
            .map(|(of, text)| view! { <p>{of}</p><div class="secret"><code class="secret-text">{text}</code></div> })
            .collect();
        view! {
            <p class="card-lead">{lead}</p>
            <div class="secret"><code class="secret-text">{text}</code></div>
            {also}
            <p>"It is shown only now, " {works} ", and until " <strong>{expires.for_people()}</strong> ". Reloading this page would make another."</p>
            <p class="form-actions"><a class="button primary" href=back>"Back to the settings"</a></p>
        }
        .into_any()
    }
}

/// The secret in the page, once the server function has answered.
#[component]
pub(super) fn ShownOnce(
    /// The answer, if there is one.
    #[prop(into)]
    once: Signal<Option<Once>>,
) -> impl IntoView {
    view! {
        <div role="status">
            {move || once.get().map(|once| view! {
                <Note job=Job::Authorised glyph=Glyph::Key title=once.title>
                    <p>{once.lead}</p>
                    <Secret what=once.what text=once.text/>
                    {once.also.into_iter().map(|(of, text)| view! { <p>{of}</p><Secret what="the command" text=text/> }).collect::<Vec<_>>()}
                    <p class="muted">"Shown only now; " {once.works} ", until " <Time at=once.expires/> "."</p>
                </Note>
            })}
        </div>
    }
}

/// The secret of a server action's last call.
pub(super) fn once_of<S>(action: ServerAction<S>) -> Signal<Option<Once>>
where
    S: server_fn::ServerFn<Output = Once, Error = crate::api_error::AppError> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().ok().cloned())))
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;
    use crate::answer::answered_to;

    fn once() -> Once {
        Once {
            title: "Invitation for <b>Ada</b>".into(),
            lead: "Send it.".into(),
            what: "the link".into(),
            text: "https://c.example/welcome/s3cret".into(),
            also: vec![("On Windows".into(), "msiexec".into())],
            works: "works once".into(),
            expires: Timestamp(0),
            back: "/settings/people".into(),
        }
    }

    /// R74: without script the secret is in the answer's page, escaped, never kept, and not in an address.
    #[test]
    fn a_plain_form_is_answered_with_a_page() {
        let (body, response) = answered_to(&once(), "/api/invite", "text/html,*/*");
        assert!(body.starts_with("<!DOCTYPE html>"), "{body}");
        assert!(body.contains("https://c.example/welcome/s3cret"));
        assert!(
            body.contains("On Windows") && body.contains("msiexec") && body.contains("works once"),
            "{body}"
        );
        assert!(body.contains("&lt;b&gt;Ada"), "{body}");
        assert!(!body.contains("<b>Ada"));
        let parts = response.0.read().unwrap();
        assert_eq!(parts.status, Some(http::StatusCode::OK));
        assert_eq!(parts.headers["cache-control"], "no-store");
        assert!(!parts.headers.contains_key("location"));
    }

    #[test]
    fn our_own_code_is_answered_with_json() {
        let (body, _) = answered_to(&once(), "/api/invite", "application/json");
        assert_eq!(serde_json::from_str::<Once>(&body).unwrap(), once());
    }
}
