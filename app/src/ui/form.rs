//! Forms: a server function's form that works without script, shows its own error above and beside the right field, and
//! keeps what was typed when something is wrong.

use domain::api::Field;
use leptos::form::ActionForm;
use leptos::html::Div;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use server_fn::client::Client;
use server_fn::codec::PostUrl;
use server_fn::request::ClientReq;
use server_fn::{Http, ServerFn};
use wasm_bindgen::JsCast;
use web_sys::FormData;

use super::{Button, ErrorNote, Kind};
use crate::api_error::AppError;

/// What the parts of a form know of it.
#[derive(Clone, Copy)]
pub struct FormState {
    /// Why it was not carried out.
    pub error: Signal<Option<AppError>>,
    /// Whether it is on its way.
    pub pending: Signal<bool>,
}

impl FormState {
    /// The message beside `field`; none outside a form.
    pub fn message(field: Option<Field>) -> Signal<Option<String>> {
        let state = use_context::<Self>();
        Signal::derive(move || state?.error.get()?.at(field?))
    }
}

/// The error of a server action, if its last call had one.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().err().cloned())))
}

/// A server function's form, with its error above it.
#[component]
pub fn Form<S, O>(
    /// The action behind it. Make it outside of anything that is read again, or its result is lost when the page is.
    action: ServerAction<S>,
    /// Classes beside `form`.
    #[prop(optional, into)]
    class: String,
    /// Whether it is emptied once it was carried out: for forms that stay on the page.
    #[prop(optional)]
    reset: bool,
    /// Whether the action's last call came from here, where several forms share it.
    #[prop(optional, into)]
    mine: Option<Signal<bool>>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView
where
    S: DeserializeOwned + ServerFn<Protocol = Http<PostUrl, O>, Error = AppError> + Clone + Send + Sync + 'static,
    <<S::Client as Client<AppError>>::Request as ClientReq<AppError>>::FormData: From<FormData>,
    S::Output: Clone + Send + Sync + 'static,
    S::Client: Client<AppError>,
    O: 'static,
{
    let is_mine = move || mine.is_none_or(|mine| mine.get());
    let (any_error, any_pending) = (error_of(action), action.pending());
    // While a shared action is on its way, what it has is another form's.
    let settled = move || mine.is_none() || !any_pending.get();
    let error = Signal::derive(move || any_error.get().filter(|_| is_mine() && settled()));
    let state = FormState {
        error,
        pending: Signal::derive(move || any_pending.get() && is_mine()),
    };
    let place = NodeRef::<Div>::new();
    let value = action.value();
    Effect::new(move |before: Option<()>| {
        let done = value.with(|v| v.as_ref().map(Result::is_ok));
        if before.is_some() && untrack(is_mine) {
            follow_up(place, done, reset);
        }
    });
    view! {
        <div class=format!("form {class}") node_ref=place>
            <leptos::context::Provider value=state>
                <ActionForm action=action>
                    <div class="form-error" role="alert">{move || error.get().map(|error| view! { <ErrorNote error=error/> })}</div>
                    {children()}
                </ActionForm>
            </leptos::context::Provider>
        </div>
    }
}

/// After an answer: an emptied form, or the focus on the field that needs changing.
fn follow_up(place: NodeRef<Div>, done: Option<bool>, reset: bool) {
    let Some(place) = place.get_untracked() else {
        return;
    };
    if done == Some(true) && reset {
        if let Some(form) = place
            .query_selector("form")
            .ok()
            .flatten()
            .and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok())
        {
            form.reset();
        }
    } else if done == Some(false) {
        request_animation_frame(move || {
            let wrong = place.query_selector("[aria-invalid=true]").ok().flatten();
            if let Some(field) = wrong.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = field.focus();
            }
        });
    }
}

/// The error of forms in a list, above the list: each row has a form of the same action, so it can't stand in one of them.
#[component]
pub fn FormErrors(
    /// The error, if there is one.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! { <div class="form-error above" role="alert">{move || error.get().map(|error| view! { <ErrorNote error=error/> })}</div> }
}

/// Boxes that answer one question together, with the question and its error.
#[component]
pub fn Group(
    /// The question.
    legend: &'static str,
    /// Whose error stands below.
    field: Field,
    /// The boxes.
    children: Children,
) -> impl IntoView {
    let message = FormState::message(Some(field));
    view! {
        <fieldset class="field group" class:has-error=move || message.get().is_some()>
            <legend class="field-label">{legend}</legend>
            {children()}
            <p class="field-error">{move || message.get()}</p>
        </fieldset>
    }
}

/// The button that sends the form it stands in; it says so while the form is on its way.
#[component]
pub fn Submit(
    /// How it looks.
    #[prop(default = Kind::Primary)]
    kind: Kind,
    /// Name of the value it sends, where a form has several buttons.
    #[prop(optional)]
    name: Option<&'static str>,
    /// The value it sends.
    #[prop(optional, into)]
    value: Option<String>,
    /// What it does, as a verb.
    children: Children,
) -> impl IntoView {
    let pending = use_context::<FormState>().map_or_else(|| Signal::from(false), |state| state.pending);
    view! {
        <Button kind=kind submit=true disabled=pending name=name.unwrap_or_default() value=value.unwrap_or_default()>
            {children()}
        </Button>
    }
}
