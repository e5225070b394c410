//! Answers that are shown once and stand in no address: a one-time link, a token, a text that was tried. With script they come
//! back as JSON and stand in the page; a plain form is answered with a small page of its own, since a redirect would lose them.

#[cfg(feature = "ssr")]
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::codec::{JsonEncoding, Post};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

/// What can be such an answer.
pub trait Answer: Serialize + DeserializeOwned {
    /// The page's title.
    #[cfg(feature = "ssr")]
    fn title(&self) -> String;

    /// What the page says under it.
    #[cfg(feature = "ssr")]
    fn view(&self) -> AnyView;
}

/// The output encoding of server functions that answer so.
pub struct AnswerEncoding;

/// As the `output` of a server function.
pub type AnswerOutput = Post<AnswerEncoding>;

impl ContentType for AnswerEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for AnswerEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Answer> Encodes<T> for AnswerEncoding {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        #[cfg(feature = "ssr")]
        if crate::ctx::is_plain_form() {
            crate::ctx::answer_with_page();
            return Ok(page(output).into());
        }
        JsonEncoding::encode(output)
    }
}

impl<T: Answer> Decodes<T> for AnswerEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        JsonEncoding::decode(bytes)
    }
}

/// The whole page for a browser without script.
#[cfg(feature = "ssr")]
fn page(answer: &impl Answer) -> String {
    let title = answer.title();
    let html = view! {
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
                        {answer.view()}
                    </div>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", html.to_html())
}

/// What is answered to a request of this path that takes `accept`, and how.
#[cfg(all(test, feature = "ssr"))]
pub(crate) fn answered_to(answer: &impl Answer, path: &str, accept: &str) -> (String, leptos_axum::ResponseOptions) {
    let request = http::Request::builder()
        .uri(path)
        .header("accept", accept)
        .body(())
        .expect("a request");
    let response = leptos_axum::ResponseOptions::default();
    let body = Owner::new().with(|| {
        provide_context(request.into_parts().0);
        provide_context(response.clone());
        AnswerEncoding::encode(answer).expect("an answer that can be encoded")
    });
    (String::from_utf8(body.to_vec()).expect("text"), response)
}
