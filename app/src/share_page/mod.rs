//! The public page of a share: one whole HTML document, rendered on the server, read by people without an account (R7, R45).
//!
//! No hydration, no app frame, no cookies, no inline script or style. Everything can be read and printed without a script;
//! one small module, [`ShareUrls::script`], checks the page against the record and fills in the verdict. For that, whatever
//! stands on the page word for word as in the record carries `data-leaf`, `data-group` and `data-field`, and the element's
//! text is exactly the field's value.
//!
//! Deliberately absent: any verdict by the server itself. It would prove nothing.

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
}

/// The page of a share.
pub fn document(share: &PublicShare, urls: &ShareUrls) -> String {
    let title = format!(
        "Session on {}, {}: shared by {}",
        share.endpoint,
        share.opened_at.day(),
        share.org
    );
    let body = view! {
        {frame::heading(share)}
        {verdict::verdict(urls)}
        {frame::facts(share)}
        {transcript::transcript(share)}
        {verdict::limits()}
        {verdict::how_to_check(share, urls)}
    };
    frame::page(&title, &urls.style, Some(&urls.script), body.into_any())
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
        <p>"If you kept the bundle that this page offered, you can still check it: " <code>"countersign verify FILE"</code></p>
    };
    frame::page("Nothing to show behind this link", style, None, body.into_any())
}

#[cfg(test)]
mod tests;
