//! The rail: the pages that the person's roles open. On a phone it is the bar at the bottom.

use domain::roles::Permission;
use leptos::prelude::*;
use leptos_router::components::A;

use super::Me;
use crate::api_error::AppError;
use crate::ui::{Glyph, Icon};

/// A page of the rail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Its address.
    pub(super) href: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// Its icon.
    pub(super) glyph: Glyph,
    /// The key after `g` that leads there.
    pub(super) key: &'static str,
    /// Who sees it: anybody with one of these.
    pub(super) needs: &'static [Permission],
}

impl Page {
    /// Where it leads for this person: who can't administer has one page of the settings.
    pub(super) fn opened_by(self, me: &Me) -> Self {
        let href = match self.href {
            SETTINGS if !me.may_any(&[Permission::Administer]) => "/settings/redaction",
            href => href,
        };
        Self { href, ..self }
    }
}

const SETTINGS: &str = "/settings";

const EVERYBODY: &[Permission] = &[
    Permission::Initiate,
    Permission::Approve,
    Permission::Audit,
    Permission::Share,
    Permission::Administer,
];

/// The pages, in order.
pub(super) const PAGES: [Page; 7] = [
    Page {
        href: "/",
        name: "Overview",
        glyph: Glyph::Overview,
        key: "o",
        needs: EVERYBODY,
    },
    Page {
        href: "/endpoints",
        name: "Endpoints",
        glyph: Glyph::Endpoint,
        key: "e",
        needs: &[Permission::Initiate, Permission::Audit, Permission::Administer],
    },
    Page {
        href: "/sessions",
        name: "Sessions",
        glyph: Glyph::Session,
        key: "s",
        needs: &[Permission::Initiate, Permission::Audit],
    },
    Page {
        href: "/approvals",
        name: "Approvals",
        glyph: Glyph::Approval,
        key: "a",
        needs: &[Permission::Initiate, Permission::Approve],
    },
    Page {
        href: "/history",
        name: "History",
        glyph: Glyph::History,
        key: "h",
        needs: &[Permission::Initiate, Permission::Audit],
    },
    Page {
        href: "/record",
        name: "Record",
        glyph: Glyph::Record,
        key: "r",
        needs: &[Permission::Audit, Permission::Administer],
    },
    Page {
        href: SETTINGS,
        name: "Settings",
        glyph: Glyph::Settings,
        key: "t",
        needs: &[Permission::Administer, Permission::Audit],
    },
];

/// The rail.
#[component]
pub(super) fn Rail(me: Resource<Result<Me, AppError>>) -> impl IntoView {
    view! {
        <nav class="rail" aria-label="Pages">
            <A href="/" attr:class="brand" exact=true>
                <svg class="brand-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
                    <path d="M3 13.5C5 9 7 5 8.6 5c2 0-1.6 8.2.2 8.2 1.5 0 2.3-3.4 3.7-3.4 1.2 0 .3 2.5 1.5 2.5.9 0 1.7-.6 3-1.6M3 16.75h14"></path>
                </svg>
                <span class="brand-name">"Countersign"</span>
            </A>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    me.await.ok().map(|me| {
                        let links: Vec<_> = PAGES
                            .iter()
                            .filter(|page| me.may_any(page.needs))
                            .map(|page| {
                                let count = if page.href == "/approvals" { me.to_decide } else { 0 };
                                view! { <RailLink page=page.opened_by(&me) count=count/> }
                            })
                            .collect();
                        view! { <ul class="rail-pages">{links}</ul> }
                    })
                })}
            </Transition>
        </nav>
    }
}

#[component]
fn RailLink(page: Page, count: u64) -> impl IntoView {
    view! {
        <li>
            <A href=page.href exact=page.href == "/" attr:class="rail-link" attr:title=page.name>
                <Icon glyph=page.glyph/>
                <span class="rail-name">{page.name}</span>
                {(count > 0).then(|| view! { <span class="rail-count">{count}<span class="visually-hidden">" to decide"</span></span> })}
            </A>
        </li>
    }
}
