//! Fields: a label, a hint, the control, and the error that belongs beside it, tied together for screen readers.

use domain::api::Field;
use leptos::prelude::*;

use super::form::FormState;

/// Label, hint, control and error.
#[component]
fn Labelled(
    id: String,
    label: String,
    hint: Option<String>,
    message: Signal<Option<String>>,
    optional: bool,
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field" class:has-error=move || message.get().is_some()>
            <label class="field-label" for=id>
                {label}
                {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {children()}
            <p class="field-error" id=error_id>{move || message.get()}</p>
        </div>
    }
}

/// The ids that describe a control.
fn described_by(id: &str, hint: bool) -> String {
    if hint {
        format!("{id}-hint {id}-error")
    } else {
        format!("{id}-error")
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// The label.
    #[prop(into)]
    label: String,
    /// The argument of the server function.
    name: &'static str,
    /// The element's id; by default made from the name. Give one where a page has the name twice.
    #[prop(optional, into)]
    id: Option<String>,
    /// One sentence on what to enter.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whose error stands beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// `text`, `email`, `password`, `search`, `datetime-local`, `number` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// The browser's autocomplete token.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// Least length.
    #[prop(optional)]
    min_length: Option<u32>,
    /// Whether it holds commands, paths or hosts.
    #[prop(optional)]
    mono: bool,
    /// Whether the page starts here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| format!("f-{name}"));
    let message = FormState::message(field);
    let described = described_by(&id, hint.is_some());
    view! {
        <Labelled id=id.clone() label=label hint=hint message=message optional=!required>
            <input
                class="input"
                class:mono=mono
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                minlength=min_length.map(|n| n.to_string())
                autofocus=autofocus
                spellcheck=mono.then_some("false")
                aria-describedby=described
                aria-invalid=move || message.get().map(|_| "true")
            />
        </Labelled>
    }
}

/// Several lines of text. It always starts empty: text inside a `<textarea>` is not escaped on the server.
#[component]
pub fn TextArea(
    /// The label.
    #[prop(into)]
    label: String,
    /// The argument of the server function.
    name: &'static str,
    /// The element's id; by default made from the name.
    #[prop(optional, into)]
    id: Option<String>,
    /// One sentence on what to enter.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whose error stands beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// Lines shown.
    #[prop(default = 3)]
    rows: u32,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// Whether it holds commands, paths or hosts.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| format!("f-{name}"));
    let message = FormState::message(field);
    let described = described_by(&id, hint.is_some());
    view! {
        <Labelled id=id.clone() label=label hint=hint message=message optional=!required>
            <textarea
                class="input"
                class:mono=mono
                id=id
                name=name
                rows=rows.to_string()
                required=required
                spellcheck=mono.then_some("false")
                aria-describedby=described
                aria-invalid=move || message.get().map(|_| "true")
            ></textarea>
        </Labelled>
    }
}

/// A value and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen at first.
    pub chosen: bool,
}

/// One of a few.
#[component]
pub fn Select(
    /// The label.
    #[prop(into)]
    label: String,
    /// The argument of the server function.
    name: &'static str,
    /// The element's id; by default made from the name.
    #[prop(optional, into)]
    id: Option<String>,
    /// One sentence on what to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whose error stands beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// What there is to choose from.
    choices: Vec<Choice>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| format!("f-{name}"));
    let message = FormState::message(field);
    let described = described_by(&id, hint.is_some());
    let options: Vec<_> = choices
        .into_iter()
        .map(|c| view! { <option value=c.value selected=c.chosen>{c.label}</option> })
        .collect();
    view! {
        <Labelled id=id.clone() label=label hint=hint message=message optional=false>
            <select class="input" id=id name=name aria-describedby=described aria-invalid=move || message.get().map(|_| "true")>
                {options}
            </select>
        </Labelled>
    }
}

/// A box to tick, with its words.
#[component]
pub fn Check(
    /// The words.
    #[prop(into)]
    label: String,
    /// The argument of the server function.
    #[prop(into)]
    name: String,
    /// What is sent when it is ticked.
    #[prop(default = "true".into(), into)]
    value: String,
    /// Whether it is ticked at first.
    #[prop(optional)]
    checked: bool,
    /// One sentence on what it does.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it must be ticked.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked required=required/>
            <span class="check-words">
                <span>{label}</span>
                {hint.map(|hint| view! { <span class="check-hint">{hint}</span> })}
            </span>
        </label>
    }
}
