//! The top bar: search, what waits, whether the page is live, and the person with their theme and the way out.

use domain::roles::Permission;
use leptos::prelude::*;
use leptos_router::components::{A, Form};

use super::theme::ThemeSwitch;
use super::{Me, keys, palette};
use crate::account::SignOut;
use crate::api_error::AppError;
use crate::ui::words::count;
use crate::ui::{Connection, Glyph, Icon, Time, use_clock, use_live};

/// The top bar.
#[component]
pub(super) fn TopBar(me: Resource<Result<Me, AppError>>) -> impl IntoView {
    view! {
        <header class="topbar">
            <Transition fallback=|| ()>
                {move || Suspend::new(async move { me.await.ok().map(|me| view! { <Inside me=me/> }) })}
            </Transition>
        </header>
    }
}

#[component]
fn Inside(me: Me) -> impl IntoView {
    let may_search = me.may_any(&[Permission::Initiate, Permission::Audit]);
    view! {
        {may_search.then(|| view! { <Search/> })}
        <span class="topbar-gap"></span>
        <Waits to_decide=me.to_decide waiting=me.waiting/>
        <ConnectionState/>
        <PersonMenu name=me.name roles=me.roles.to_string()/>
    }
    .into_any()
}

/// The search box: `/` leads here, `Enter` to the history.
#[component]
fn Search() -> impl IntoView {
    view! {
        <div class="search" role="search" aria-label="History">
            <Form method="GET" action="/history">
                <Icon glyph=Glyph::Search/>
                <input id="search" class="search-input" type="search" name="text" placeholder="Search commands, outputs, tickets, people" aria-label="Search the history" autocomplete="off" spellcheck="false"/>
                <kbd class="search-key needs-script" aria-hidden="true">"/"</kbd>
            </Form>
        </div>
    }
}

/// What waits for this person, and what they wait for. Zero is shown as zero.
#[component]
fn Waits(to_decide: u64, waiting: u64) -> impl IntoView {
    let (class, text) = if to_decide > 0 {
        ("waits job-waiting", format!("{to_decide} to decide"))
    } else if waiting > 0 {
        ("waits job-waiting", format!("{waiting} waiting"))
    } else {
        ("waits", "0 waiting".to_owned())
    };
    // The name begins with what is seen, so that who speaks to the browser can say it (WCAG 2.5.3).
    let sentence = format!(
        "{text}: {} for you to decide, {} of yours waiting for somebody else",
        count(to_decide, "request", "requests"),
        count(waiting, "request", "requests"),
    );
    view! {
        <A href="/approvals" attr:class=class attr:title=sentence.clone() attr:aria-label=sentence>
            <Icon glyph=Glyph::Waiting/>
            <span>{text}</span>
        </A>
    }
}

/// Live, reconnecting, offline; without script, the time of the page.
#[component]
fn ConnectionState() -> impl IntoView {
    let live = use_live();
    let made = use_clock().second.get_untracked();
    view! {
        <span class="connection" role="status" data-state=move || state_word(live.connection.get())>
            {move || match live.connection.get() {
                Connection::Still => view! { <span class="connection-words">"As of " <Time at=made clock_only=true absolute=true/></span> }.into_any(),
                Connection::Live => view! { <i class="dot" aria-hidden="true"></i><span class="connection-words">"Live"</span> }.into_any(),
                Connection::Reconnecting => view! { <i class="dot" aria-hidden="true"></i><span class="connection-words">"Reconnecting: what you see may be old"</span> }.into_any(),
                Connection::Offline => view! { <i class="dot" aria-hidden="true"></i><span class="connection-words">"Offline: what you see may be old"</span> }.into_any(),
            }}
        </span>
    }
}

fn state_word(connection: Connection) -> &'static str {
    match connection {
        Connection::Still => "still",
        Connection::Live => "live",
        Connection::Reconnecting => "reconnecting",
        Connection::Offline => "offline",
    }
}

/// The person: who, which roles, theme, keys, sign out. A popover, so that it opens without script.
#[component]
fn PersonMenu(name: String, roles: String) -> impl IntoView {
    let initials: String = name
        .split_whitespace()
        .filter_map(|w| w.chars().next())
        .take(2)
        .collect();
    let label = format!("{name}, {roles}: menu");
    view! {
        <button class="person" type="button" popovertarget="person-menu" title=name.clone()>
            <span class="initials" aria-hidden="true">{initials}</span>
            <span class="visually-hidden">{label}</span>
        </button>
        <div class="menu" id="person-menu" popover="auto">
            <p class="menu-name">{name}</p>
            <p class="menu-roles">{roles}</p>
            <ThemeSwitch/>
            <button class="menu-item needs-script" type="button" on:click=move |_| palette::open()>
                <Icon glyph=Glyph::Search/> "Pages and actions" <kbd>"Ctrl K"</kbd>
            </button>
            <button class="menu-item needs-script" type="button" on:click=move |_| keys::open()>
                <Icon glyph=Glyph::Keyboard/> "Keys" <kbd>"?"</kbd>
            </button>
            <SignOut/>
        </div>
    }
}
