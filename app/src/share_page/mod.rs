//! The public page of a share: one whole HTML document, rendered on the server, read by people without an account (R7, R45).
//!
//! No hydration, no app frame, no cookies, no inline script or style. Everything can be read and printed without a script;
//! one small module, [`ShareUrls::script`], checks the page against the record and fills in the verdict. For that, whatever
//! stands on the page word for word as in the record carries `data-leaf`, `data-group` and `data-field`, and the element's
//! text is exactly the field's value.
//!
//! Deliberately absent: a verdict by the server itself that all is well. It would prove nothing; that something is wrong, a server can
//! be believed.

#![cfg(feature = "ssr")]

mod command;
mod frame;
mod transcript;
mod verdict;

use domain::api::PublicShare;
use leptos::prelude::*;

/// Where a share's page finds what it loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareUrls {
    /// The bundle: JSON of `audit::Bundle`, which the script checks.
    pub bundle: String,
    /// The verifier's WASM module.
    pub verifier: String,
    /// The script that runs the verifier.
    pub script: String,
    /// The style sheet.
    pub style: String,
    /// The bundle once more, as a file to keep.
    pub download: String,
    /// The page itself as a file that checks itself offline.
    pub keep: String,
}

/// What a kept page holds, so that it needs no server.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Its content security policy: it loads nothing.
    pub policy: &'a str,
    /// The style sheet.
    pub style: &'a str,
    /// The script that runs the verifier.
    pub script: &'a str,
    /// The bundle, JSON in which no `<` stands.
    pub bundle: &'a str,
    /// The verifier's WASM module, in base64.
    pub verifier: &'a str,
}

/// The id of the element of a kept page that holds the bundle. `countersign verify` reads it too.
pub const BUNDLE: &str = "bundle";
/// The id of the element that holds the verifier.
const VERIFIER: &str = "verifier";

/// The page of a share.
pub fn document(share: &PublicShare, urls: &ShareUrls) -> String {
    let body = view! {
        {frame::heading(share)}
        {verdict::verdict(urls)}
        {frame::facts(share)}
        {transcript::transcript(share)}
        {verdict::limits()}
        {verdict::how_to_check(share, urls)}
    };
    let parts = frame::Parts::Linked {
        style: &urls.style,
        script: Some(&urls.script),
    };
    frame::page(&title(share), parts, body.into_any())
}

/// The page of a share as one file: what it shows, the bundle, the verifier, and all it looks like.
pub fn kept(share: &PublicShare, held: Held<'_>) -> String {
    let urls = ShareUrls {
        bundle: format!("#{BUNDLE}"),
        verifier: format!("#{VERIFIER}"),
        script: String::new(),
        style: String::new(),
        download: String::new(),
        keep: String::new(),
    };
    let body = view! {
        {frame::heading(share)}
        {verdict::verdict(&urls)}
        {verdict::pin()}
        {frame::facts(share)}
        {transcript::transcript(share)}
        {verdict::limits()}
        {verdict::how_to_check_kept()}
        <script type="application/json" id=BUNDLE>{held.bundle.to_owned()}</script>
        <script type="text/plain" id=VERIFIER>{held.verifier.to_owned()}</script>
    };
    frame::page(&title(share), frame::Parts::Held(held), body.into_any())
}

fn title(share: &PublicShare) -> String {
    format!(
        "Session on {}, {}: shared by {}",
        share.endpoint,
        share.opened_at.day(),
        share.org
    )
}

/// What a bundle is good for whose link shows nothing any more.
fn still_checkable() -> AnyView {
    view! {
        <p>"If you kept the bundle that this page offered, you can still check it: " <code>"countersign verify FILE"</code></p>
    }
    .into_any()
}

/// What stands where a share was revoked or never was. It doesn't say which. `style` is the style sheet's URL.
pub fn gone(style: &str) -> String {
    let body = view! {
        <header class="share-head">
            <p class="share-org">"Countersign"</p>
            <h1>"There is nothing to show behind this link"</h1>
        </header>
        <p>
            "It was revoked by the organisation that shared it, or the address is incomplete. Ask whoever gave it to you for a new one."
        </p>
        {still_checkable()}
    };
    let parts = frame::Parts::Linked { style, script: None };
    frame::page("Nothing to show behind this link", parts, body.into_any())
}

/// What stands in the place of a share where the server sees that its record was altered. `style` is the style sheet's URL.
pub fn altered(style: &str) -> String {
    let body = view! {
        <header class="share-head">
            <p class="share-org">"Shared with Countersign"</p>
            <h1>"This record can't be relied on"</h1>
        </header>
        <section id="verdict" class="verdict" data-state="altered" aria-labelledby="verdict-word">
            <span class="verdict-mark" aria-hidden="true"></span>
            <div class="verdict-text">
                <h2 id="verdict-word">"ALTERED"</h2>
                <p id="verdict-sentence">
                    "The record on this server is not the one that it signed: leaves were put in, taken out or changed since. The server says so itself; your browser checked nothing."
                </p>
            </div>
        </section>
        <p>
            "Nothing is shown here, since each reading is recorded first and nothing is added to such a record. Tell whoever gave you the link."
        </p>
        {still_checkable()}
    };
    let parts = frame::Parts::Linked { style, script: None };
    frame::page("This record can't be relied on", parts, body.into_any())
}

/// What asks for a share's passcode, with what was wrong with the one before. `style` is the style sheet's URL.
pub fn passcode(style: &str, wrong: Option<String>) -> String {
    let invalid = wrong.is_some();
    let body = view! {
        <header class="share-head">
            <p class="share-org">"Shared with Countersign"</p>
            <h1>"This transcript has a passcode"</h1>
        </header>
        <p>"Whoever shared it has told it to you in another way than the link, or will when you ask."</p>
        {wrong.map(|why| view! { <p class="share-wrong" role="alert" id="wrong">{why}</p> })}
        <form method="post" class="share-asked">
            <label for="passcode">"Passcode"</label>
            <input
                class="input"
                id="passcode"
                name="passcode"
                type="password"
                autocomplete="off"
                required
                maxlength="100"
                aria-invalid=invalid.to_string()
                aria-describedby=invalid.then_some("wrong")
            />
            <button class="button primary" type="submit">"Read it"</button>
        </form>
    };
    let parts = frame::Parts::Linked { style, script: None };
    frame::page("This transcript has a passcode", parts, body.into_any())
}

#[cfg(test)]
mod tests;
