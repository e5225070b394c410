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

use crate::api_error::AppError;
use crate::ui::words::number;
use crate::ui::{Glyph, Job, Note, use_live};

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
                <Alarm me=me/>
                <Outlet/>
            </main>
        </div>
        <palette::Palette/>
        <keys::KeyHelp me=me/>
    }
    .into_any()
}

/// Above every page: that the record is not what it was.
#[component]
fn Alarm(me: Resource<Result<Me, AppError>>) -> impl IntoView {
    view! {
        <div role="alert">
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    me.await.ok().and_then(|me| me.alarm).map(|alarm| {
                        let leaf = alarm.leaf.map(|leaf| view! {
                            " The first wrong leaf is " <a href=format!("/record?leaf={leaf}#leaf")>{number(leaf)}</a> "."
                        });
                        let (title, means) = if alarm.altered {
                            ("The record was altered", "Somebody or something changed the database behind the server's back. ")
                        } else {
                            ("The record can't be checked", "Whether it is what it was, nobody can say until it can be read again. ")
                        };
                        view! {
                            <Note job=Job::Refused glyph=Glyph::Alert title=title>
                                <p>{alarm.sentence} {leaf}</p>
                                <p>{means} "Keep its files as they are, and run " <code>"countersign verify --database"</code> " on a copy."</p>
                            </Note>
                        }
                    })
                })}
            </Transition>
        </div>
    }
}
