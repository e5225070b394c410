//! A state as a word with an icon, in one of the four colours that mean something.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// The four jobs of colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Job {
    /// Authorised (teal).
    Authorised,
    /// Waits for a person (amber).
    Waiting,
    /// Refused or altered (red).
    Refused,
    /// Everything else: ink on paper.
    #[default]
    Plain,
}

impl Job {
    /// The class that carries the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Authorised => "job-authorised",
            Self::Waiting => "job-waiting",
            Self::Refused => "job-refused",
            Self::Plain => "job-plain",
        }
    }
}

/// A state: icon, word, colour.
#[component]
pub fn StatusWord(
    /// The colour's job.
    #[prop(optional)]
    job: Job,
    /// The icon.
    glyph: Glyph,
    /// The word.
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! {
        <span class=format!("status {}", job.class())>
            <Icon glyph=glyph/>
            <span class="status-word">{word}</span>
        </span>
    }
}
