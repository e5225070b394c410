//! The transcript as a document: what happened, in the order of the record's leaves.

use domain::api::{OutputPiece, PublicShare, SharedAction, SharedEntry};
use leptos::prelude::*;

use super::command;
use crate::session::lines::{Segment, segments};

/// A thing in the transcript: an event of the session's, or an action with all that happened to it.
enum Item<'a> {
    Entry(&'a SharedEntry),
    Action(&'a SharedAction),
}

impl Item<'_> {
    /// Its place: the leaf it begins with. An action without a leaf of its own comes last.
    fn leaf(&self) -> u64 {
        match self {
            Item::Entry(e) => e.leaf,
            Item::Action(a) => a
                .entries
                .iter()
                .map(|e| e.leaf)
                .chain(a.output.iter().map(|p| p.leaf))
                .min()
                .unwrap_or(u64::MAX),
        }
    }
}

pub(super) fn transcript(share: &PublicShare) -> AnyView {
    let mut items: Vec<Item<'_>> = share
        .entries
        .iter()
        .map(Item::Entry)
        .chain(share.actions.iter().map(Item::Action))
        .collect();
    items.sort_by_key(Item::leaf);
    let shown: Vec<AnyView> = items
        .iter()
        .map(|item| match item {
            Item::Entry(e) => entry(e),
            Item::Action(a) => action(a),
        })
        .collect();
    view! {
        <section class="share-section" aria-labelledby="transcript">
            <h2 id="transcript">"Transcript"</h2>
            <p class="share-note">
                "In the order of the record. What has a line at its side is checked word for word; a number such as "
                <span class="leaf">"#12"</span> " is the leaf that says it."
            </p>
            {share.withheld.what().map(|what| view! { <p class="share-note">"Withheld by whoever shared this: " {what} ". The record still commits to it."</p> })}
            <ol class="share-items">{shown}</ol>
        </section>
    }
    .into_any()
}

/// One event: when, what, and the words that came with it.
fn entry(e: &SharedEntry) -> AnyView {
    view! { <li class="share-entry">{line(e)}</li> }.into_any()
}

fn line(e: &SharedEntry) -> AnyView {
    let leaf = e.leaf.to_string();
    let fields: Vec<AnyView> = e
        .fields
        .iter()
        .filter(|(_, _, text)| !text.is_empty())
        .map(|f| field(e.leaf, f))
        .collect();
    view! {
        <div class="share-event" data-leaf=leaf.clone() id=format!("leaf-{leaf}")>
            <div class="share-line">
                <span class="leaf">"#" {leaf.clone()}</span>
                <time
                    class="share-time"
                    datetime=e.at.to_string()
                    data-leaf=leaf.clone()
                    data-group="header"
                    data-field="time"
                >{e.at.for_people()}</time>
                <span class="share-sentence">{exact(&e.sentence)}</span>
                <span class="share-kind" data-leaf=leaf.clone() data-group="header" data-field="kind">{e.kind.clone()}</span>
            </div>
            {fields}
        </div>
    }
    .into_any()
}

/// A field of a leaf, word for word.
fn field(leaf: u64, (group, name, text): &(String, String, String)) -> AnyView {
    let label = name.rsplit('.').next().unwrap_or(name).replace('_', " ");
    view! {
        <div class="share-field">
            <span class="share-label">{label}</span>
            <pre class="share-words"><code
                data-leaf=leaf.to_string()
                data-group=group.clone()
                data-field=name.clone()
            >{exact(text)}</code></pre>
        </div>
    }
    .into_any()
}

fn action(a: &SharedAction) -> AnyView {
    let mut steps: Vec<(u64, AnyView)> = a.entries.iter().map(|e| (e.leaf, line(e))).collect();
    steps.extend(a.output.iter().map(|p| (p.leaf, piece(p))));
    steps.sort_by_key(|(leaf, _)| *leaf);
    let steps: Vec<AnyView> = steps.into_iter().map(|(_, step)| step).collect();
    view! {
        <li class="share-action" id=format!("action-{}", a.number)>
            <h3 class="share-action-head">
                <a class="share-number" href=format!("#action-{}", a.number) data-place=format!("action-{}", a.number) aria-label=format!("Action {}: link to it", a.number)>{a.number}</a>
                <span class="share-verb">{a.verb.clone()}</span>
                <span class="share-status" data-status=a.status.clone()>{a.status.replace('_', " ")}</span>
            </h3>
            {(!a.command.is_empty()).then(|| view! { <pre class="share-exact"><code>{command::command(a)}</code></pre> })}
            <div class="share-steps">{steps}</div>
        </li>
    }
    .into_any()
}

/// A piece of output. The element's text is the field's value, so the leaf's number stands outside.
fn piece(p: &OutputPiece) -> AnyView {
    let leaf = p.leaf.to_string();
    let own = leaf.clone();
    let stderr = p.stream == "stderr";
    let title = format!("{} in leaf {leaf}", p.stream);
    let label = format!("#{leaf}{}", if stderr { " stderr" } else { "" });
    view! {
        <div class="share-piece" class:share-stderr=stderr data-leaf=own>
            <span class="leaf" title=title>{label}</span>
            <pre class="share-words"><code
                data-leaf=leaf
                data-group="text"
                data-field="text"
            >{shown(&p.text, &p.findings)}</code></pre>
        </div>
    }
    .into_any()
}

/// Text without findings.
pub(super) fn exact(text: &str) -> Vec<AnyView> {
    shown(text, &[])
}

/// Text with its findings as chips and its hidden characters named by the style sheet, so that the text stays what it is.
fn shown(text: &str, findings: &[domain::finding::Finding]) -> Vec<AnyView> {
    segments(text, findings)
        .into_iter()
        .map(|s| match s {
            Segment::Text(t) => t.into_any(),
            Segment::Chip { kind, text, rule } => {
                view! { <span class="chip" title=format!("{}: redacted by rule {rule}", kind.label())>{text}</span> }
                    .into_any()
            }
            Segment::Hidden { text, code } => {
                view! { <span class="hidden-char" data-code=code>{text}</span> }.into_any()
            }
        })
        .collect()
}
