//! One leaf: what it says, what it commits to, and its way to the root.

use domain::digest::Digest;
use domain::event::{REGISTRY, Standard, numbers};
use leptos::prelude::*;

use super::api::ProvenLeaf;
use super::path::{self, Step};
use crate::session::output::exact;
use crate::ui::{CopyButton, Disclosure, Fact, Facts, Glyph, Icon, Job, Kind, Note, Section, Time, words};

/// The numbers that standards ask for this kind of event under, a line for each standard.
fn evidence(kind: &str) -> Vec<AnyView> {
    let of = REGISTRY
        .iter()
        .rfind(|spec| spec.name == kind)
        .map_or(&[][..], |spec| spec.evidence);
    let told = Standard::ALL.iter().filter_map(|standard| {
        let numbers = numbers(of, *standard);
        (!numbers.is_empty())
            .then(|| view! { <div>{format!("{}: {}", standard.name(), numbers.join(", "))}</div> }.into_any())
    });
    told.collect()
}

/// The leaf.
pub(super) fn view(p: &ProvenLeaf) -> AnyView {
    let leaf = &p.leaf;
    let groups: Vec<_> = leaf
        .groups
        .iter()
        .map(|(name, json)| group(name, json.as_deref()))
        .collect();
    let (canonical, hash) = (exact(&leaf.leaf), leaf.hash.clone());
    let (kind, who, target, outcome, at) = (
        leaf.kind.clone(),
        leaf.who.clone(),
        leaf.target.clone(),
        leaf.outcome.clone(),
        leaf.at,
    );
    let evidence = evidence(&kind);
    let title = format!("Leaf {}", words::number(leaf.index));
    let neighbours = neighbours(leaf.index, p.size);
    let proof = proof(p);
    view! {
        <Section title=title id="leaf" class="leaf-section">
            {neighbours}
            <Facts>
                <Fact name="Event"><code>{kind}</code></Fact>
                <Fact name="When"><Time at=at/></Fact>
                <Fact name="Who">{exact(&who)}</Fact>
                <Fact name="On what">{exact(&target)}</Fact>
                <Fact name="Outcome">{outcome}</Fact>
                <Fact name="Evidence for">{evidence}</Fact>
                <Fact name="Hash"><code class="hash">{hash.clone()}</code> " " <CopyButton text=hash what="the hash"/></Fact>
            </Facts>
            <h3>"What it commits to"</h3>
            <div class="leaf-groups">{groups}</div>
            <Disclosure summary="The canonical leaf" kind=Kind::Quiet><pre class="json" tabindex="0"><code>{canonical}</code></pre></Disclosure>
            <h3>"Its way to the root"</h3>
            {proof}
        </Section>
    }
    .into_any()
}

fn neighbours(index: u64, size: u64) -> AnyView {
    let to = |n: u64| format!("/record?leaf={n}#leaf");
    let before = index
        .checked_sub(1)
        .map(|n| view! { <a href=to(n)>"Leaf " {words::number(n)}</a> });
    let after = (index + 1 < size).then(|| view! { <a href=to(index + 1)>"Leaf " {words::number(index + 1)}</a> });
    view! { <nav class="cluster leaf-nav" aria-label="Neighbouring leaves">{before} {after} <a href="/record">"The record"</a></nav> }.into_any()
}

/// A group that the leaf commits to: its fields, one a line.
fn group(name: &str, json: Option<&str>) -> AnyView {
    let name = name.to_owned();
    let shown = match json.map(serde_json::from_str::<serde_json::Value>) {
        Some(Ok(serde_json::Value::Object(fields))) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(field, value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let text = exact(&text);
                    view! { <Fact name=field.clone()><code class="group-value">{text}</code></Fact> }
                })
                .collect();
            view! { <Facts>{fields}</Facts> }.into_any()
        }
        None => view! { <p class="muted">"Erased. The commitment to it stays."</p> }.into_any(),
        Some(_) => view! { <p class="muted">"Not readable: it is not what the leaf commits to."</p> }.into_any(),
    };
    view! { <section class="leaf-group"><h4>{name}</h4>{shown}</section> }.into_any()
}

/// The path, worked out here from the leaf's hash and its neighbours, and whether it ends at the root.
fn proof(p: &ProvenLeaf) -> AnyView {
    let read = || -> Option<(Digest, Vec<Step>)> {
        let leaf: Digest = p.leaf.hash.parse().ok()?;
        let proof = p
            .leaf
            .proof
            .iter()
            .map(|h| h.parse().ok())
            .collect::<Option<Vec<Digest>>>()?;
        Some((leaf, path::steps(p.leaf.index, p.size, leaf, &proof)?))
    };
    let Some((leaf, steps)) = read() else {
        return view! {
            <Note job=Job::Waiting glyph=Glyph::Unknown title="The path doesn't fit the log's size">
                <p>"The record may have grown while it was read. Reload the page; if it stays so, run countersign verify."</p>
            </Note>
        }
        .into_any();
    };
    let reached = steps.last().map_or(leaf, |s| s.node);
    let size = words::count(p.size, "leaf", "leaves");
    let verdict = if reached.to_string() == p.root {
        view! {
            <p class="status job-authorised">
                <Icon glyph=Glyph::Check/> <span class="status-word">{format!("Worked out on this page: it ends at the root of the {size}.")}</span>
            </p>
        }
        .into_any()
    } else {
        view! {
            <Note job=Job::Refused glyph=Glyph::Alert title="The path doesn't end at the root">
                <p>"Reload the page, since the record may have grown. If it stays so, the leaf or the log was altered: run countersign verify."</p>
            </Note>
        }
        .into_any()
    };
    let rows: Vec<_> = steps
        .iter()
        .map(|s| {
            let side = if s.left { "left" } else { "right" };
            let (sibling, node) = (s.sibling.to_string(), s.node.to_string());
            view! { <li>"With the neighbour on the " {side} " " <code class="hash">{sibling}</code> " it makes " <code class="hash">{node}</code></li> }
        })
        .collect();
    view! {
        {verdict}
        <div class="path-box">{path::drawing(leaf, &steps)}</div>
        <Disclosure summary="The steps in full" kind=Kind::Quiet><ol class="steps">{rows}</ol></Disclosure>
    }
    .into_any()
}
