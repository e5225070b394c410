//! The frame around every page of the app: rail, top bar, palette, key help, the live connection.
//!
//! Deliberately absent from the sign-in page, the welcome page and public shares.

mod api;
mod keys;
mod link;
mod not_found;
mod palette;
mod rail;
mod theme;
mod topbar;

use leptos::prelude::*;
use leptos_router::components::Outlet;

pub use api::{Me, WhoAmI, who_am_i};
pub use not_found::{NotFound, NotFoundPage};

use crate::ui::use_live;

/// The frame.
#[component]
pub fn Frame() -> impl IntoView {
    let live = use_live();
    let me = Resource::new(move || live.head.get(), |_| who_am_i());
    link::connect(live);
    view! {
        <a class="skip" href="#main">"Skip to the page"</a>
        <div class="frame">
            <rail::Rail me=me/>
            <topbar::TopBar me=me/>
            <main id="main" class="main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
        <palette::Palette/>
        <keys::KeyHelp/>
    }
    .into_any()
}
