//! The history's page.

use domain::api::{Filter, HistoryPage as Found, MAX_PAGE};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{api, filter, keys, query, rows};
use crate::ui::{ButtonLink, EmptyState, Glyph, Icon, Kind, Loaded, PageHead, words};

/// Actions that match the address.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let location = use_location();
    // The query in its own one form, so that the same filter is read once however it was written.
    let asked = Memo::new(move |_| query::query_of(&query::filter_of(&location.search.get())));
    let found = Resource::new(move || asked.get(), api::history);
    keys::listen();
    view! {
        <PageHead title="History" sub=|| view! { "Every action, with who allowed it. That you searched is in the record." }/>
        {move || filter::form(&query::filter_of(&asked.get()))}
        <Loaded resource=found rows=14 let:found>{shown(&found, &query::filter_of(&asked.get_untracked()))}</Loaded>
    }
    .into_any()
}

fn shown(found: &Found, f: &Filter) -> AnyView {
    if found.total == 0 {
        return nothing(f);
    }
    let export = format!(
        "/export/history.csv?{}",
        query::query_of(&Filter { page: 0, ..f.clone() })
    );
    let words = format!("Export {} (CSV)", words::count(found.total, "row", "rows"));
    let range = range(found);
    view! {
        <div class="history-bar">
            <p class="history-count">{range}</p>
            <p class="history-keys needs-script"><kbd>"j"</kbd> <kbd>"k"</kbd> " move, " <kbd>"o"</kbd> " opens, " <kbd>"x"</kbd> " shows more"</p>
            <ButtonLink href=export kind=Kind::Plain external=true><Icon glyph=Glyph::Download/> {words}</ButtonLink>
        </div>
        {rows::table(&found.rows)}
        {pages(found, f)}
    }
    .into_any()
}

/// `Rows 101 to 200 of 1,284`.
fn range(found: &Found) -> String {
    let first = found.page * MAX_PAGE + 1;
    let last = found.page * MAX_PAGE + found.rows.len() as u64;
    if found.rows.is_empty() {
        return format!("{}, none on this page", words::count(found.total, "row", "rows"));
    }
    format!(
        "Rows {} to {} of {}",
        words::number(first),
        words::number(last),
        words::number(found.total)
    )
}

fn pages(found: &Found, f: &Filter) -> Option<AnyView> {
    let last = found.total.saturating_sub(1) / MAX_PAGE;
    let to = |page: u64| format!("/history?{}", query::query_of(&Filter { page, ..f.clone() }));
    let newer =
        (found.page > 0).then(|| view! { <ButtonLink href=to(found.page.min(last + 1) - 1)>"Newer"</ButtonLink> });
    let older = (found.page < last).then(|| view! { <ButtonLink href=to(found.page + 1)>"Older"</ButtonLink> });
    let at = format!("Page {} of {}", words::number(found.page + 1), words::number(last + 1));
    (last > 0)
        .then(|| view! { <nav class="pages" aria-label="Pages">{newer} <span>{at}</span> {older}</nav> }.into_any())
}

/// Zero rows, and what to do.
fn nothing(f: &Filter) -> AnyView {
    if *f == Filter::default() {
        return view! {
            <EmptyState glyph=Glyph::History title="No action has been proposed yet">
                <p>"Actions appear here as soon as they are proposed in a session, whatever becomes of them."</p>
                <ButtonLink href="/endpoints">"Choose an endpoint"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState glyph=Glyph::History title="0 rows match">
            <p>"Take out a filter above, or search a part of the word: text is matched literally, and times are UTC."</p>
            <ButtonLink href="/history">"Clear the filters"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}
