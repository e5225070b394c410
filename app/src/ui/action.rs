//! Buttons, links that look like them, and disclosures: what a person acts with.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// How a button looks, by what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The one thing to do here: ink on paper, reversed.
    Primary,
    /// Everything else: outlined.
    #[default]
    Plain,
    /// Allows something (teal).
    Allow,
    /// Refuses or ends something (red outline).
    Refuse,
    /// Only an icon or a word, without a frame.
    Quiet,
}

impl Kind {
    /// The classes.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Allow => "button allow",
            Self::Refuse => "button refuse",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button.
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    kind: Kind,
    /// Whether it sends its form.
    #[prop(optional)]
    submit: bool,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Name of the value that it sends.
    #[prop(optional, into)]
    name: String,
    /// The value that it sends.
    #[prop(optional, into)]
    value: String,
    /// What it does, where it has only an icon.
    #[prop(optional, into)]
    label: Option<String>,
    /// What happens on a click.
    #[prop(optional, into)]
    on_click: Option<Callback<()>>,
    /// Its words, starting with a verb.
    children: Children,
) -> impl IntoView {
    let named = !name.is_empty();
    view! {
        <button
            class=kind.class()
            type=if submit { "submit" } else { "button" }
            disabled=move || disabled.get()
            name=named.then_some(name)
            value=named.then_some(value)
            aria-label=label.clone()
            title=label
            on:click=move |_| {
                if let Some(run) = on_click {
                    run.run(());
                }
            }
        >
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How it looks.
    #[prop(optional)]
    kind: Kind,
    /// Whether the browser itself must go there (a file, a page outside the app).
    #[prop(optional)]
    external: bool,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! { <a class=kind.class() href=href rel=external.then_some("external")>{children()}</a> }
}

/// Something that opens in place, without script: for what needs a second thought before a button. Unless it starts open,
/// it has no attribute `open`: a page that is read again would close it while somebody is in it.
#[component]
pub fn Disclosure(
    /// What opens it.
    #[prop(into)]
    summary: String,
    /// How the summary looks.
    #[prop(optional)]
    kind: Kind,
    /// Whether it starts open.
    #[prop(optional)]
    open: bool,
    /// What opening it is for, where the summary is a value.
    #[prop(optional, into)]
    label: Option<String>,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let tip = label.clone();
    let inside = view! {
        <summary class=kind.class() title=tip>
            {summary}
            {label.map(|label| view! { <span class="visually-hidden">{format!(": {label}")}</span> })}
            <Icon glyph=Glyph::Down/>
        </summary>
        <div class="disclosure-body">{children()}</div>
    };
    if open {
        view! { <details class="disclosure" open=true>{inside}</details> }.into_any()
    } else {
        view! { <details class="disclosure">{inside}</details> }.into_any()
    }
}
