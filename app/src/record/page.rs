//! The record's page.

use domain::api::{LeafView, RecordStatus, SelfCheck, WitnessView};
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;

use super::{api, leaf};
use crate::ui::{
    Button, CopyButton, Fact, Facts, Glyph, Job, Kind, Loaded, PageHead, Section, StatusWord, Table, Time, use_live,
    words,
};

/// How the log stands, and with `?leaf=N` one leaf of it.
#[component]
pub fn RecordPage() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|q| q.get("leaf")).filter(|n| !n.trim().is_empty()));
    let read = Resource::new(
        move || chosen.get(),
        |chosen| async move {
            match chosen {
                Some(index) => api::read_leaf(index).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let status = Resource::new(move || live.head.get(), |_| api::read_record());
    view! {
        <PageHead title="Record" sub=|| view! { "Append-only. Every leaf is bound to all before it by one root hash, which is signed." }/>
        {find()}
        <Loaded resource=read rows=1 let:p>{p.as_ref().map(leaf::view)}</Loaded>
        <Show when=move || chosen.with(Option::is_none)>
            <Loaded resource=status rows=12 let:s>{standing(&s)}</Loaded>
        </Show>
    }
    .into_any()
}

/// The field that leads to a leaf.
fn find() -> AnyView {
    view! {
        <div class="leaf-find" role="search" aria-label="Find a leaf">
            <Form method="GET" action="/record">
                <label for="leaf-number">"Leaf"</label>
                <input class="input num-left" id="leaf-number" name="leaf" type="text" inputmode="numeric" pattern="[0-9,]+" required autocomplete="off"/>
                <Button kind=Kind::Plain submit=true>"Open"</Button>
            </Form>
        </div>
    }
    .into_any()
}

fn standing(s: &RecordStatus) -> AnyView {
    let (root, key_hash, key) = (s.root.clone(), s.key_hash.clone(), s.key.clone());
    let (checkpoint, signed_at, size) = (s.checkpoint.clone(), s.signed_at, words::number(s.size));
    let witnesses = witnesses(&s.witnesses, s.size);
    let check = check(s.check.as_ref());
    let rows: Vec<_> = s.latest.iter().map(row).collect();
    let count = format!("the latest {} of {size}", rows.len());
    let of_size = checkpoint
        .lines()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .map(|n: u64| words::count(n, "leaf", "leaves"));
    view! {
        <div class="record-standing">
            <Section title="How it stands">
                <Facts>
                    <Fact name="Size"><strong class="record-size">{size}</strong> " leaves"</Fact>
                    <Fact name="Root"><code class="hash">{root.clone()}</code> " " <CopyButton text=root what="the root"/></Fact>
                    <Fact name="Checkpoint"><span>"Signed " <Time at=signed_at/> {of_size.map(|n| format!(" at {n}"))}</span></Fact>
                    <Fact name="Self-check">{check}</Fact>
                    <Fact name="Witnesses">{witnesses}</Fact>
                    <Fact name="Key, SHA-256"><code class="hash">{key_hash.clone()}</code> " " <CopyButton text=key_hash what="the key's hash"/></Fact>
                </Facts>
            </Section>
            <Section title="Latest checkpoint">
                <p class="muted">"A C2SP signed note. Keep copies of it elsewhere: a log that was rewritten can't agree with them."</p>
                <pre class="json" tabindex="0"><code>{checkpoint.clone()}</code></pre>
                <CopyButton text=checkpoint what="the checkpoint"/>
                <p class="muted">"Key to check it with: " <code class="hash">{key}</code></p>
                <p class="muted">
                    "To recompute every leaf without asking this page: " <code>"countersign verify --database DATA_FOLDER"</code>
                </p>
            </Section>
        </div>
        <Section title="Leaves" aside=count>
            <Table caption="The latest leaves" class="leaves-table" columns=&["Leaf", "Time", "Event", "Who", "On what", "Outcome"]>{rows}</Table>
        </Section>
    }
    .into_any()
}

/// What computing all of it anew has found.
fn check(last: Option<&SelfCheck>) -> AnyView {
    let Some(SelfCheck { at, size, alarm }) = last.cloned() else {
        return view! { <span>"Not yet since the server started. It runs by itself, then every hour."</span> }
            .into_any();
    };
    match alarm {
        None => view! {
            <span>"All " {words::number(size)} " leaves were computed anew and are what was signed, at " <Time at=at/></span>
        }
        .into_any(),
        Some(alarm) => view! {
            <StatusWord job=Job::Refused glyph=Glyph::Alert word=alarm.sentence/>
            " " <Time at=at/>
        }
        .into_any(),
    }
}

/// Who else saw the log, up to where, and when.
fn witnesses(seen: &[WitnessView], size: u64) -> AnyView {
    if seen.is_empty() {
        return view! { <span>"None yet. Until somebody else keeps checkpoints, only copies that people hold contradict a rewritten log."</span> }
            .into_any();
    }
    let rows: Vec<_> = seen
        .iter()
        .map(|w| {
            let behind = match size.saturating_sub(w.size) {
                0 => "all of it".to_owned(),
                n => format!("all but the last {}", words::count(n, "leaf", "leaves")),
            };
            view! { <li><strong>{w.name.clone()}</strong> " cosigned " {behind} " at " <Time at=w.at/></li> }
        })
        .collect();
    view! { <ul class="plain-list">{rows}</ul> }.into_any()
}

fn row(l: &LeafView) -> AnyView {
    let href = format!("/record?leaf={}#leaf", l.index);
    view! {
        <tr>
            <td data-label="Leaf" class="num-left"><a class="row-link" href=href>{words::number(l.index)}</a></td>
            <td data-label="Time"><Time at=l.at/></td>
            <td data-label="Event"><code>{l.kind.clone()}</code></td>
            <td data-label="Who">{l.who.clone()}</td>
            <td data-label="On what">{l.target.clone()}</td>
            <td data-label="Outcome">{l.outcome.clone()}</td>
        </tr>
    }
    .into_any()
}
