//! The document around the app: head, theme without a flash, scripts with the request's nonce. Headers are the server's.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use crate::App;

/// The icon of every page, in the page itself: whoever opens a share loads nothing more for it.
pub(crate) const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230b6663'/%3E%3Cpath d='M4 8.5l2.6 2.6L12 5.4' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";

/// The whole HTML document. Rendered on the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    provide_meta_context();
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <meta name="page-clock" content=page_clock()/>
                <link rel="stylesheet" href=style/>
                <link rel="icon" href=ICON/>
                <HydrationScripts options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The time of the page, for the browser to set its own right by.
#[cfg(feature = "ssr")]
fn page_clock() -> String {
    crate::ctx::page_clock().to_string()
}

#[cfg(not(feature = "ssr"))]
fn page_clock() -> String {
    String::new()
}

/// The theme that this browser chose, so that the first paint is right. `None` follows the system.
#[cfg(feature = "ssr")]
pub(crate) fn theme() -> Option<&'static str> {
    let parts = use_context::<http::request::Parts>()?;
    let cookies = parts.headers.get(http::header::COOKIE)?.to_str().ok()?.to_owned();
    let chosen = cookies
        .split(';')
        .find_map(|c| c.trim().strip_prefix("theme=").map(str::to_owned))?;
    ["light", "dark"].into_iter().find(|theme| *theme == chosen)
}

#[cfg(not(feature = "ssr"))]
pub(crate) fn theme() -> Option<&'static str> {
    None
}
