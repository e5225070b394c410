//! A session's page: actions, transcript, context; on a phone one column with the composer at the bottom.

use domain::ids::ActionId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::{self, SessionPageData};
use super::card::{Card, job, kind_word};
use super::composer::Composer;
use super::context::Context;
use super::desk::{Acts, Desk};
use super::{compose, follow, watch};
use crate::ui::{
    ButtonLink, Connection, EmptyState, ErrorNote, Glyph, Icon, Loaded, PageHead, Time, error_of, use_clock, words,
};

/// One session.
#[component]
pub fn SessionPage() -> impl IntoView {
    let id = crate::param("id");
    let query = use_query_map();
    let all = Memo::new(move |_| query.with(|q| q.get("all")).unwrap_or_default());
    let acts = Acts::new();
    let data = Resource::new(move || (id.get(), all.get()), |(id, all)| api::session(id, all));
    view! {
        <Loaded resource=data rows=10 let:data>
            <Open data=data acts=acts/>
        </Loaded>
    }
    .into_any()
}

/// A session that was read, and stays on the page from then on.
#[component]
fn Open(data: SessionPageData, acts: Acts) -> impl IntoView {
    let desk = Desk::new(data);
    Effect::new(move |_| watch::watch(desk));
    // The page is read again once something was done, whether events arrive or not.
    Effect::new(move |before: Option<usize>| {
        let now = acts.version();
        if before.is_some_and(|b| b != now) {
            desk.read_again();
        }
        now
    });
    Effect::new(move |_| {
        let scrolled = window_event_listener(leptos::ev::scroll, move |_| {
            if desk.unseen.try_get_untracked().is_some_and(|n| n > 0) && follow::is_at_end() {
                desk.unseen.set(0);
            }
        });
        on_cleanup(move || scrolled.remove());
    });
    let may_act = Memo::new(move |_| desk.view.with(|v| v.may_act));
    let closed = Memo::new(move |_| desk.view.with(|v| v.row.closed_at.is_some()));
    view! {
        <div class="session">
            {head(desk)}
            <div class="session-columns">
                <nav class="session-index" aria-label="Actions of this session">{move || index(desk)}</nav>
                <div class="session-main">
                    <Problems acts=acts/>
                    <Transcript desk=desk acts=acts/>
                    <Show when=move || closed.get()>
                        <p class="session-end"><Icon glyph=Glyph::Lock/> "Closed. Nothing more can run here."</p>
                    </Show>
                    <Show when=move || may_act.get()>
                        <div class="session-dock">
                            <NewLines desk=desk/>
                            <Composer desk=desk acts=acts/>
                        </div>
                    </Show>
                    <Show when=move || !may_act.get()>
                        <div class="session-dock"><NewLines desk=desk/></div>
                    </Show>
                </div>
                <aside class="session-side" aria-label="About this session"><Context desk=desk acts=acts/></aside>
            </div>
        </div>
    }
    .into_any()
}

fn head(desk: Desk) -> AnyView {
    let (title, share) = desk.view.with_untracked(|v| {
        let share = v.may_share.then(|| format!("/sessions/{}/share", v.row.id));
        (v.row.endpoint.name.clone(), share)
    });
    let sub = move || {
        let (client, reason, technician) = desk.view.with_untracked(|v| {
            (
                v.row.client.name.clone(),
                v.row.reason.clone(),
                v.row.technician.name.clone(),
            )
        });
        view! {
            <span>{client}</span> " · " <span>{technician}</span> " · " <span class="session-reason">{reason}</span>
        }
    };
    view! {
        <PageHead title=title sub=sub>
            <State desk=desk/>
            {share.map(|href| view! { <ButtonLink href=href><Icon glyph=Glyph::Share/> "Share"</ButtonLink> })}
        </PageHead>
    }
    .into_any()
}

/// Open or closed, and whether the page is live. Without script: when it was made, and a link that reads it again.
#[component]
fn State(desk: Desk) -> impl IntoView {
    let made = use_clock().second.get_untracked();
    let id = desk.id();
    let live = move || {
        match desk.connection.get() {
        Connection::Live => view! { <span class="session-live"><i class="dot" aria-hidden="true"></i> "Live"</span> }.into_any(),
        Connection::Reconnecting | Connection::Offline => {
            view! { <span class="session-live job-waiting"><Icon glyph=Glyph::Waiting/> "Reconnecting: output may be missing"</span> }.into_any()
        }
        Connection::Still => view! {
            <span class="session-live">"As of " <Time at=made clock_only=true absolute=true/> " · " <a rel="external" href=format!("/sessions/{id}")>"Refresh"</a></span>
        }
        .into_any(),
    }
    };
    view! { <div class="session-state" role="status">{live}</div> }
}

/// The numbered list of actions.
fn index(desk: Desk) -> AnyView {
    let rows: Vec<_> = desk.view.with(|v| {
        v.actions
            .iter()
            .map(|a| {
                let shown = words::action(a.state, a.outcome);
                let line = match &a.command {
                    domain::action::Command::Verb(_) => compose::text_of(&a.command),
                    domain::action::Command::Script(_) => kind_word(&a.command),
                };
                view! {
                    <li>
                        <a class=format!("index-row {}", job(a).class()) href=format!("#action-{}", a.number)>
                            <span class="index-number">{a.number}</span>
                            <span class="index-words">
                                <span class="index-line">{line}</span>
                                <span class="index-state"><Icon glyph=shown.glyph/> {shown.word}</span>
                            </span>
                        </a>
                    </li>
                }
            })
            .collect()
    });
    let count = words::count(rows.len() as u64, "action", "actions");
    view! {
        <p class="index-count">{count}</p>
        <ol class="index-list">{rows}</ol>
    }
    .into_any()
}

#[component]
fn Transcript(desk: Desk, acts: Acts) -> impl IntoView {
    let ids = Memo::new(move |_| {
        desk.view
            .with(|v| v.actions.iter().map(|a| a.id).collect::<Vec<ActionId>>())
    });
    let may_act = Memo::new(move |_| desk.view.with(|v| v.may_act));
    view! {
        <Show when=move || ids.with(Vec::is_empty)>
            <EmptyState glyph=Glyph::Session title="Nothing has been done here yet">
                {move || if may_act.get() {
                    view! { <p>"Start with something that changes nothing: type " <code>"system.info"</code> " and press Enter."</p> }.into_any()
                } else {
                    view! { <p>"Actions appear here as the technician proposes them."</p> }.into_any()
                }}
            </EmptyState>
        </Show>
        <ol class="transcript" aria-label="Transcript">
            <For each=move || ids.get() key=|id| *id let:id>
                <Card desk=desk acts=acts id=id/>
            </For>
        </ol>
    }
}

/// What went wrong with a button on a card, where the technician looks: above the transcript.
#[component]
fn Problems(acts: Acts) -> impl IntoView {
    let errors = [
        error_of(acts.withdraw),
        error_of(acts.cancel),
        error_of(acts.withdraw_request),
    ];
    view! {
        <div class="session-problems" role="alert">
            {errors.map(|e| view! { {move || e.get().map(|error| view! { <ErrorNote error=error/> })} })}
        </div>
    }
}

/// `12 new lines`, while one reads further up.
#[component]
fn NewLines(desk: Desk) -> impl IntoView {
    view! {
        <Show when=move || { desk.unseen.get() > 0 }>
            <button
                class="button new-lines"
                type="button"
                on:click=move |_| {
                    follow::to_end();
                    desk.unseen.set(0);
                }
            >
                <Icon glyph=Glyph::Down/>
                {move || words::count(desk.unseen.get(), "new line", "new lines")}
            </button>
        </Show>
    }
}
