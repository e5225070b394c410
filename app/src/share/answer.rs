//! The link of a new share, shown once. With script it comes back as JSON; a plain form's answer is a small page of its own,
//! since a redirect would lose the link and an address must not hold it.

use domain::timestamp::Timestamp;
#[cfg(feature = "ssr")]
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{JsonEncoding, Post};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

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
}

/// The output encoding of the server function that makes shares.
pub struct MadeEncoding;

/// As its `output`.
pub(super) type MadeOutput = Post<MadeEncoding>;

impl ContentType for MadeEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for MadeEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Made> for MadeEncoding {
    type Error = serde_json::Error;

    fn encode(output: &Made) -> Result<Bytes, Self::Error> {
        #[cfg(feature = "ssr")]
        if crate::ctx::is_plain_form() {
            crate::ctx::answer_with_page();
            return Ok(page(output).into());
        }
        JsonEncoding::encode(output)
    }
}

impl Decodes<Made> for MadeEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<Made, Self::Error> {
        JsonEncoding::decode(bytes)
    }
}

/// The whole page for a browser without script.
#[cfg(feature = "ssr")]
fn page(made: &Made) -> String {
    let (link, href) = (made.link.clone(), made.link.clone());
    let back = crate::session::parse_id::<domain::ids::SessionId>(&made.session)
        .map_or("/sessions".into(), |id| format!("/sessions/{id}/share"));
    let html = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <title>"The share's link · Countersign"</title>
                <link rel="stylesheet" href="/pkg/countersign.css"/>
                <link rel="icon" href=crate::shell::ICON/>
            </head>
            <body>
                <main class="plain-page" id="main">
                    <div class="card card-wide">
                        <h1>"The share is made"</h1>
                        <p class="card-lead">"This is its link. Whoever has it can read the transcript, without an account."</p>
                        <div class="secret"><a class="secret-text" href=href>{link}</a></div>
                        <p>"It is shown only now. The part after # pins the record as it was: hand the link on whole."</p>
                        <p class="form-actions"><a class="button primary" href=back>"Back to the review"</a></p>
                    </div>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", html.to_html())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    /// R74: without script the link is in the answer's page, and nowhere else.
    #[test]
    fn a_plain_form_is_answered_with_a_page() {
        let request = http::Request::builder()
            .uri("/api/create_share")
            .header("accept", "text/html")
            .body(())
            .unwrap();
        let session = "0195f000-0000-7000-8000-000000000001".to_owned();
        let made = Made {
            link: "https://c.example/s/t0ken#v1.9.ab.cd".into(),
            made_at: Timestamp(0),
            size: 9,
            session,
        };
        let response = leptos_axum::ResponseOptions::default();
        let body = Owner::new().with(|| {
            provide_context(request.into_parts().0);
            provide_context(response.clone());
            MadeEncoding::encode(&made).unwrap()
        });
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.starts_with("<!DOCTYPE html>") && body.contains(&made.link),
            "{body}"
        );
        assert!(body.contains("/sessions/0195f000-0000-7000-8000-000000000001/share"));
        assert!(!response.0.read().unwrap().headers.contains_key("location"));
    }
}
