//! A secret that is shown once. With script it comes back as JSON and stands in the page; a plain form's answer is a small
//! page of its own with it, since a redirect would lose it and an address must not hold it.

use domain::timestamp::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{JsonEncoding, Post};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

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

/// The output encoding of server functions that answer with a [`Once`].
pub struct OnceEncoding;

/// As the `output` of a server function.
pub(super) type OnceOutput = Post<OnceEncoding>;

impl ContentType for OnceEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for OnceEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Once> for OnceEncoding {
    type Error = serde_json::Error;

    fn encode(output: &Once) -> Result<Bytes, Self::Error> {
        #[cfg(feature = "ssr")]
        if crate::ctx::is_plain_form() {
            crate::ctx::answer_with_page();
            return Ok(page(output).into());
        }
        JsonEncoding::encode(output)
    }
}

impl Decodes<Once> for OnceEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<Once, Self::Error> {
        JsonEncoding::decode(bytes)
    }
}

/// The whole page for a browser without script.
#[cfg(feature = "ssr")]
fn page(once: &Once) -> String {
    let Once {
        title,
        lead,
        what: _,
        text,
        also,
        works,
        expires,
        back,
    } = once.clone();
    let also: Vec<_> = also
        .into_iter()
        .map(|(of, text)| view! { <p>{of}</p><div class="secret"><code class="secret-text">{text}</code></div> })
        .collect();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=crate::shell::theme()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <title>{format!("{title} · Countersign")}</title>
                <link rel="stylesheet" href="/pkg/countersign.css"/>
                <link rel="icon" href=crate::shell::ICON/>
            </head>
            <body>
                <main class="plain-page" id="main">
                    <div class="card card-wide">
                        <h1>{title}</h1>
                        <p class="card-lead">{lead}</p>
                        <div class="secret"><code class="secret-text">{text}</code></div>
                        {also}
                        <p>"It is shown only now, " {works} ", and until " <strong>{expires.for_people()}</strong> ". Reloading this page would make another."</p>
                        <p class="form-actions"><a class="button primary" href=back>"Back to the settings"</a></p>
                    </div>
                </main>
            </body>
        </html>
    }
    .to_html()
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

    fn answered_to(accept: &str) -> (String, leptos_axum::ResponseOptions) {
        let request = http::Request::builder()
            .uri("/api/invite")
            .header("accept", accept)
            .body(())
            .unwrap();
        let response = leptos_axum::ResponseOptions::default();
        let owner = Owner::new();
        let body = owner.with(|| {
            provide_context(request.into_parts().0);
            provide_context(response.clone());
            OnceEncoding::encode(&once()).unwrap()
        });
        (String::from_utf8(body.to_vec()).unwrap(), response)
    }

    /// R74: without script the secret is in the answer's page, escaped, never kept, and not in an address.
    #[test]
    fn a_plain_form_is_answered_with_a_page() {
        let (body, response) = answered_to("text/html,*/*");
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
        let (body, _) = answered_to("application/json");
        assert_eq!(serde_json::from_str::<Once>(&body).unwrap(), once());
    }
}
