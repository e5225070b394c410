//! Notes: an error in place, a remark, a secret that is shown once, and what is said to screen readers politely.

use leptos::prelude::*;

use super::{Button, CopyButton, Glyph, Icon, Job, Kind};
use crate::api_error::AppError;

/// An error: what happened, what it means and what to do, and the incident to quote.
#[component]
pub fn ErrorNote(
    /// The error.
    error: AppError,
    /// Tries again, where that may help.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let retry = retry.filter(|_| error.may_retry());
    view! {
        <div class="note job-refused">
            <Icon glyph=Glyph::Alert/>
            <div class="note-body">
                <p class="note-title">{error.title()}</p>
                <p>{error.sentence()}</p>
                {error.incident().map(|id| view! {
                    <p class="note-incident">
                        "Incident " <code>{id.clone()}</code> " " <CopyButton text=id what="the incident id"/>
                    </p>
                })}
                {retry.map(|retry| view! { <Button kind=Kind::Plain on_click=retry>"Try again"</Button> })}
            </div>
        </div>
    }
}

/// A remark that matters, in the colour of its job.
#[component]
pub fn Note(
    /// The colour's job.
    #[prop(optional)]
    job: Job,
    /// The icon.
    glyph: Glyph,
    /// The heading.
    #[prop(into)]
    title: String,
    /// What it means.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("note {}", job.class())>
            <Icon glyph=glyph/>
            <div class="note-body">
                <p class="note-title">{title}</p>
                {children()}
            </div>
        </div>
    }
}

/// Something that is shown this once: a one-time link, a token, a command.
#[component]
pub fn Secret(
    /// What it is, for the copy button: `the link`.
    #[prop(into)]
    what: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="secret">
            <code class="secret-text">{text.clone()}</code>
            <CopyButton text=text what=what/>
        </div>
    }
}

/// What is said politely to screen readers: from context.
#[derive(Clone, Copy, Debug)]
pub struct Announcer(RwSignal<String>);

impl Announcer {
    /// Puts an announcer into context.
    pub fn provide() -> Self {
        let announcer = Self(RwSignal::new(String::new()));
        provide_context(announcer);
        announcer
    }

    /// Says `text`. Call it from event handlers.
    pub fn say(self, text: impl Into<String>) {
        self.0.set(text.into());
    }

    /// The region itself: once a page.
    pub fn region(self) -> impl IntoView {
        view! { <div class="visually-hidden" role="status" aria-live="polite">{move || self.0.get()}</div> }
    }
}

/// The page's announcer.
pub fn use_announcer() -> Announcer {
    expect_context::<Announcer>()
}
