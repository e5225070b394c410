//! The verdict's place, what it does not prove, and how to come to one's own.

use domain::api::PublicShare;
use leptos::prelude::*;

use super::ShareUrls;

/// The place that the script fills. Until it has, the page says that nothing was checked, which is the truth.
pub(super) fn verdict(urls: &ShareUrls) -> AnyView {
    view! {
        <section
            id="verdict"
            class="verdict"
            data-state="checking"
            data-bundle=urls.bundle.clone()
            data-verifier=urls.verifier.clone()
            data-pin=""
            aria-live="polite"
            aria-labelledby="verdict-word"
        >
            <span class="verdict-mark" aria-hidden="true"></span>
            <div class="verdict-text">
                <h2 id="verdict-word">"Not checked yet"</h2>
                <p id="verdict-sentence">"This page checks itself in your browser against the record, as soon as the verifier has loaded."</p>
                <noscript>
                    <p>
                        "Your browser runs no scripts here, so nothing was checked. Everything can be read all the same. To check it, run "
                        <code>"countersign verify"</code> ", as described at the end."
                    </p>
                </noscript>
                <ul id="verdict-details" class="verdict-details" aria-live="polite"></ul>
            </div>
        </section>
    }
    .into_any()
}

/// In a kept page: the field for the link that one was given.
pub(super) fn pin() -> AnyView {
    view! {
        <section class="share-pin">
            <label for="pin">"The link that you were given"</label>
            <p id="pin-hint">
                "This file may hold the link's pin, put in by whoever kept it. Paste the link that you were given to compare with that alone."
            </p>
            <input class="input mono" id="pin" type="text" autocomplete="off" spellcheck="false" aria-describedby="pin-hint"/>
        </section>
    }
    .into_any()
}

/// How to check a kept page without it.
pub(super) fn how_to_check_kept() -> AnyView {
    view! {
        <section class="share-section" aria-labelledby="check">
            <h2 id="check">"Check it yourself"</h2>
            <p>
                "This file holds the record's leaves, their proofs and the signed checkpoint, and the program that checks them. It loads nothing and sends nothing. To check it with a program of your own, run:"
            </p>
            <pre class="share-command"><code>"countersign verify --pin 'PART AFTER #' FILE"</code></pre>
            <p>"It exits with 0 when everything is verified, 1 when something was altered (and names the leaf), 2 when it can't tell."</p>
        </section>
    }
    .into_any()
}

pub(super) fn limits() -> AnyView {
    view! {
        <section class="share-section" aria-labelledby="limits">
            <h2 id="limits">"What this does not prove"</h2>
            <ul class="share-list">
                <li>
                    "That the endpoint told the truth. It signs what it did and printed; a machine that lies before it signs is recorded lying."
                </li>
                <li>"That nothing happened outside the product: by somebody at the keyboard, say, or through another tool."</li>
                <li>
                    "The wall clock. Times are the server's; the order of events does not depend on them, since it is the order of leaves."
                </li>
                <li>
                    "That the link is the one you were meant to get. The part after # pins the record's size, root and key: take the link from somebody you trust."
                </li>
                <li>"What redacted values were. They were replaced before they were stored, and nobody can bring them back."</li>
            </ul>
        </section>
    }
    .into_any()
}

pub(super) fn how_to_check(share: &PublicShare, urls: &ShareUrls) -> AnyView {
    let pin = format!("v1.{}.{}.…", share.size, share.root.get(..8).unwrap_or_default());
    view! {
        <section class="share-section" aria-labelledby="check">
            <h2 id="check">"Check it yourself"</h2>
            <ol class="share-list">
                <li>
                    <a class="share-download" href=urls.keep.clone() download="countersign-share.html" data-keep="">"Keep this page as a file"</a>
                    ": it holds everything, and checks itself when you open it, without this server and without a network."
                </li>
                <li>
                    "Or " <a class="share-download" href=urls.download.clone() download>"download the bundle"</a>
                    " alone: the leaves shown here, their proofs, and the signed checkpoint."
                </li>
                <li>
                    "Copy the part of this page's address after #. It starts with " <code>{pin}</code>
                    " and pins what was true when the link was made. It never reaches the server."
                </li>
                <li>
                    "Run the verifier on your own machine, offline:"
                    <pre class="share-command"><code>"countersign verify --pin 'PART AFTER #' FILE"</code></pre>
                    "It exits with 0 when everything is verified, 1 when something was altered (and names the leaf), 2 when it can't tell."
                </li>
            </ol>
        </section>
    }
    .into_any()
}
