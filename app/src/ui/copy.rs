//! A button that copies exactly what is shown.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::note::Announcer;
use super::{Glyph, Icon};

/// Copies `text`. Says so for two seconds, or that the browser didn't allow it.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is: `the link`, `the output`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let (said, say) = signal(None::<bool>);
    let announcer = use_context::<Announcer>();
    let label = format!("Copy {what}");
    let copy = move |_| {
        let clipboard = window().navigator().clipboard();
        let what = what.clone();
        spawn_local(async move {
            let done = js_sys::futures::JsFuture::from(clipboard.write_text(&text.get_untracked()))
                .await
                .is_ok();
            say.set(Some(done));
            if let Some(announcer) = announcer {
                announcer.say(if done {
                    format!("Copied {what}.")
                } else {
                    format!("The browser didn't allow copying {what}.")
                });
            }
            set_timeout(move || say.set(None), Duration::from_secs(2));
        });
    };
    view! {
        <button class="button quiet copy needs-script" type="button" aria-label=label.clone() title=label on:click=copy>
            {move || match said.get() {
                Some(true) => view! { <Icon glyph=Glyph::Check/> "Copied" }.into_any(),
                Some(false) => view! { <Icon glyph=Glyph::Cross/> "Not allowed" }.into_any(),
                None => view! { <Icon glyph=Glyph::Copy/> "Copy" }.into_any(),
            }}
        </button>
    }
}
