//! The document around a share: head, heading and the facts at a glance.

use domain::api::PublicShare;
use domain::timestamp::{self, Timestamp};
use leptos::prelude::*;

use super::Held;

/// Where style and script are.
#[derive(Clone, Copy)]
pub(super) enum Parts<'a> {
    /// At their addresses.
    Linked { style: &'a str, script: Option<&'a str> },
    /// In the document.
    Held(Held<'a>),
}

/// A whole document. What an HTML parser would change in passing is written so that it stays: carriage returns as references,
/// since it makes line feeds of raw ones, and NUL, which it drops, as the character that stands for it.
pub(super) fn page(title: &str, parts: Parts<'_>, body: AnyView) -> String {
    let parts = match parts {
        Parts::Linked { style, script } => {
            let script = script.map(|src| view! { <script type="module" src=src.to_owned()></script> });
            view! { <link rel="stylesheet" href=style.to_owned()/> {script} }.into_any()
        }
        Parts::Held(Held {
            policy, style, script, ..
        }) => view! {
            <meta http-equiv="Content-Security-Policy" content=policy.to_owned()/>
            <style>{style.to_owned()}</style>
            <script type="module">{script.to_owned()}</script>
        }
        .into_any(),
    };
    let html = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex, nofollow"/>
                <meta name="referrer" content="no-referrer"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title.to_owned()}</title>
                <link rel="icon" href=crate::shell::ICON/>
                {parts}
            </head>
            <body class="share-body">
                <main class="share-doc">{body}</main>
            </body>
        </html>
    };
    format!(
        "<!DOCTYPE html>{}",
        html.to_html().replace('\r', "&#13;").replace('\0', "\u{fffd}")
    )
}

/// A time for people, with the machine's form beside it.
pub(super) fn time(at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_string()>{at.for_people()}</time> }.into_any()
}

pub(super) fn heading(share: &PublicShare) -> AnyView {
    view! {
        <header class="share-head">
            <p class="share-org">{share.org.clone()} " · shared with Countersign"</p>
            <h1>"Session on " <span class="share-name">{share.endpoint.clone()}</span></h1>
            {share.newer.map(|at| view! {
                <p class="share-newer">
                    "A newer version of this transcript was shared on " {time(at)} ". Ask whoever gave you this link for that one. What this link pins is still here."
                </p>
            })}
        </header>
    }
    .into_any()
}

/// Who, where, when, how much.
pub(super) fn facts(share: &PublicShare) -> AnyView {
    let lasted = share
        .closed_at
        .map(|end| timestamp::for_people(end.since(share.opened_at)));
    let findings: usize = share
        .actions
        .iter()
        .flat_map(|a| &a.output)
        .map(|p| p.findings.len())
        .sum();
    let closed = match (share.closed_at, lasted) {
        (Some(at), Some(lasted)) => view! { {time(at)} " (" {lasted} ")" }.into_any(),
        _ => "still open when this was shared".into_any(),
    };
    view! {
        <section class="share-facts" aria-label="The session at a glance">
            <dl>
                <div><dt>"Endpoint"</dt><dd>{share.endpoint.clone()}</dd></div>
                <div><dt>"Client"</dt><dd>{share.client.clone()}</dd></div>
                <div><dt>"Technician"</dt><dd>{share.technician.clone()}</dd></div>
                <div><dt>"Opened"</dt><dd>{time(share.opened_at)}</dd></div>
                <div><dt>"Closed"</dt><dd>{closed}</dd></div>
                <div><dt>"Actions"</dt><dd>{share.actions.len()}</dd></div>
                <div><dt>"Values redacted"</dt><dd>{findings}</dd></div>
                <div><dt>"Reviewed and shared"</dt><dd>{share.reviewed_by.clone()} ", " {time(share.made_at)}</dd></div>
                {(share.version > 1).then(|| view! { <div><dt>"Version"</dt><dd>{share.version}</dd></div> })}
                <div><dt>"Record pinned at"</dt><dd>{share.size} " leaves"</dd></div>
                <div class="share-wide"><dt>"Root hash"</dt><dd><code class="share-hash">{share.root.clone()}</code></dd></div>
            </dl>
        </section>
    }
    .into_any()
}
